import { useEffect } from "preact/hooks";
import { minute } from "../app/clock";
import { comparing, metChoice, metText, type MetText } from "../app/met";
import { toast } from "../app/notices";
import { dropRefused, refusals, retry } from "../app/queue";
import { deedOf, listOpen, whyRefused } from "../app/refused";
import { go, taskPath } from "../app/router";
import { ago, moment, t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { textOf } from "../queue/queue";
import type { Refused } from "../queue/shelf";

/** What the server did not take, with its reason and the person's text, until they have seen to each. */
export default function RefusedList() {
  const list = refusals.value;
  useEffect(() => {
    if (list.length === 0) listOpen.value = false;
  }, [list]);
  return (
    <Dialog title={list.every((one) => one.why.kind === "expired") ? t.line.refused.titleDropped : t.line.refused.title} close={() => (listOpen.value = false)}>
      <ul class="refusals">
        {list.map((one) => (
          <OneRefused key={one.id} refused={one} />
        ))}
      </ul>
    </Dialog>
  );
}

function OneRefused({ refused }: { refused: Refused }) {
  const { text: why, more } = whyRefused(refused);
  const met = metText(refused);
  const choice = metChoice(refused);
  const text = textOf(refused.change);
  const at = new Date(refused.change.at).toISOString();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast(t.line.refused.copied);
  };
  return (
    <li class="refusal" data-refused={refused.change.action.kind}>
      <p class="refusal-head">
        {headOf(refused, met, choice?.name)}
        <time dateTime={at} title={moment(at)}>{t.line.refused.at(ago(at, minute.value))}</time>
      </p>
      {met || choice ? (
        <dl class="refusal-sides">
          <Side name={t.line.refused.yours} text={(met ?? choice)?.mine ?? ""} />
          <Side name={t.line.refused.theirs} text={(met ?? choice)?.theirs ?? ""} />
        </dl>
      ) : (
        text && <pre class="refusal-text" tabIndex={0}>{text}</pre>
      )}
      <p class="refusal-why">{why}{more && ` ${more}`}</p>
      <div class="refusal-foot">
        <button type="button" class="button button-small" onClick={() => void dropRefused(refused)}>{met || choice ? t.line.refused.keepTheirs : t.line.refused.drop}</button>
        {text && "clipboard" in navigator && (
          <button type="button" class="button button-small" onClick={() => void copy()}>{t.line.refused.copy}</button>
        )}
        <button type="button" class={`button button-small ${met ? "" : "button-main"}`} onClick={() => void retry(refused)}>
          {met || choice ? t.line.refused.keepMine : t.line.refused.again}
        </button>
        {met && <button type="button" class="button button-main button-small" onClick={() => compare(met)}>{t.line.refused.compare}</button>}
      </div>
    </li>
  );
}

function Side({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd tabIndex={0}>{text}</dd>
    </div>
  );
}

/** A field by its name, anything else by what was done. */
function headOf({ change }: Refused, met: MetText | null, choice: string | undefined): string {
  const name = choice ?? (met?.field === "title" ? t.title : met?.field === "description" ? t.description : null);
  return name && "ref" in change.action ? t.line.refused.field(name, change.action.ref) : deedOf(change);
}

/** Where it was written both are laid side by side, and what both changed is put together. */
function compare({ ref, field }: MetText): void {
  listOpen.value = false;
  comparing.value = { ref, field };
  const at = ref.lastIndexOf("-");
  go(taskPath(ref.slice(0, at), Number(ref.slice(at + 1))));
}
