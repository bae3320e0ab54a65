import { minute } from "../app/clock";
import { details } from "../app/task";
import { ago, t } from "../app/text";
import { dropDraft, draftsOf } from "./draft";

interface Props {
  refName: string;
  what: "title" | "description" | "comment";
  /** Under which its draft is kept. */
  field: string;
  now: string;
  goOn(): void;
}

/** What was written here before and not sent is offered again. */
export function Leftover({ refName, what, field, now, goOn }: Props) {
  const draft = draftsOf(refName).get(field);
  if (!draft || draft.text === now) return null;
  return (
    <div class="note leftover" role="status">
      <p>{t.task.leftover[what](ago(new Date(draft.at).toISOString(), minute.value))}</p>
      <p class="leftover-text">{draft.text}</p>
      <div class="met-foot">
        <button type="button" class="button button-small button-main" onClick={goOn}>{t.task.leftover.goOn}</button>
        <button type="button" class="button button-small" onClick={() => dropDraft(refName, field)}>{t.task.leftover.discard}</button>
      </div>
    </div>
  );
}

/** What was written about something that is gone: the text is still here, to be copied. */
export function Orphans({ refName, of }: { refName: string; of(field: string): boolean }) {
  const drafts = [...draftsOf(refName)].filter(([field]) => of(field));
  return (
    <>
      {drafts.map(([field, { text }]) => (
        <div key={field} class="note leftover" role="status">
          <p>{t.task.unsent}</p>
          <p class="leftover-text">{text}</p>
          <div class="met-foot">
            <button type="button" class="button button-small" onClick={() => dropDraft(refName, field)}>{t.task.leftover.discard}</button>
          </div>
        </div>
      ))}
    </>
  );
}

/** Whether a draft is of a comment that is no longer there. */
export function isOfGoneComment(field: string): boolean {
  const comments = details.value?.comments;
  const id = field.startsWith("comment:") ? field.slice("comment:".length) : null;
  return id !== null && !!comments && !comments.some((one) => one.id === id);
}
