import { t } from "../app/text";
import { minute } from "../app/clock";
import { ago } from "../app/text";
import { dropDraft, draftsOf } from "./draft";

interface Props {
  refName: string;
  field: "title" | "description";
  now: string;
  goOn(): void;
}

/** What was written here before and not sent is offered again. */
export function Leftover({ refName, field, now, goOn }: Props) {
  const draft = draftsOf(refName).get(field);
  if (!draft || draft.text === now) return null;
  return (
    <div class="note leftover" role="status">
      <p>{t.task.leftover[field](ago(new Date(draft.at).toISOString(), minute.value))}</p>
      <p class="leftover-text">{draft.text}</p>
      <div class="met-foot">
        <button type="button" class="button button-small button-main" onClick={goOn}>{t.task.leftover.goOn}</button>
        <button type="button" class="button button-small" onClick={() => dropDraft(refName, field)}>{t.task.leftover.discard}</button>
      </div>
    </div>
  );
}
