import { useEffect } from "preact/hooks";
import { minute } from "../app/clock";
import { toast } from "../app/notices";
import { dropRefused, refusals, retry } from "../app/queue";
import { deedOf, listOpen, whyRefused } from "../app/refused";
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
  const text = textOf(refused.change);
  const at = new Date(refused.change.at).toISOString();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast(t.line.refused.copied);
  };
  return (
    <li class="refusal" data-refused={refused.change.action.kind}>
      <p class="refusal-head">
        {deedOf(refused.change)}
        <time dateTime={at} title={moment(at)}>{t.line.refused.at(ago(at, minute.value))}</time>
      </p>
      {text && <pre class="refusal-text" tabIndex={0}>{text}</pre>}
      <p class="refusal-why">{why}{more && ` ${more}`}</p>
      <div class="refusal-foot">
        <button type="button" class="button button-small" onClick={() => void dropRefused(refused)}>{t.line.refused.drop}</button>
        {text && "clipboard" in navigator && (
          <button type="button" class="button button-small" onClick={() => void copy()}>{t.line.refused.copy}</button>
        )}
        <button type="button" class="button button-main button-small" onClick={() => void retry(refused)}>{t.line.refused.again}</button>
      </div>
    </li>
  );
}
