/** What was changed and not saved yet: said, saved, thrown away; and what somebody else changed meanwhile. */
import { useRef, useState } from "preact/hooks";
import { explain } from "../../app/problems";
import { toast } from "../../app/notices";
import { t } from "../../app/text";
import { changes, merge } from "../../store/workflow/changes";
import { Confirm } from "../parts";
import { s } from "../words";
import { changeWords, clashWords } from "./describe";
import { author, base, clashes, dirty, discard, draft, made, putTogether, save, saving, theirs, wrong } from "./desk";

/** At the foot, so that nothing of what one types in moves when it comes. */
export function Dock() {
  if (!dirty.value) return null;
  return <div class="dock">{theirs.value ? <Met /> : <><Clashes /><SaveBar /></>}</div>;
}

function SaveBar() {
  const [asking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const list = made.value.map(changeWords);
  const fault = wrong.value[0];
  const run = async () => {
    setTrouble(null);
    try {
      await save();
    } catch (error) {
      const { text, more } = explain(error);
      setTrouble(more ? `${text} ${more}` : text);
    }
  };
  return (
    <section class="save-bar" aria-label={s.workflow.bar}>
      <div class="save-text">
        <strong>{s.workflow.changes(list.length)}</strong>
        <span class="save-list" title={list.join("\n")}>{list.join(" · ")}</span>
        {(fault || trouble) && (
          <span class="trouble" role="alert">{trouble ?? `${s.workflow.blocked} ${fault ? s.workflow.faults[fault.kind] : ""}`}</span>
        )}
      </div>
      <button type="button" class="button" disabled={saving.value} onClick={() => setAsking(true)}>{s.workflow.discard}</button>
      <button type="button" class="button button-main" disabled={saving.value || fault !== undefined} onClick={() => void run()}>{s.workflow.save}</button>
      {asking && (
        <Confirm
          title={s.workflow.discardTitle} action={s.workflow.discard} close={() => setAsking(false)}
          run={async () => {
            setAsking(false);
            discard();
            toast(s.workflow.discarded);
            document.querySelector<HTMLElement>(".sheet-states h2")?.focus();
          }}
        >
          <ul class="plain-list">{list.map((line) => <li key={line}>{line}</li>)}</ul>
        </Confirm>
      )}
    </section>
  );
}

/** Two edits met: nothing goes on before the person said how. */
function Met() {
  const box = useRef<HTMLElement>(null);
  const now = theirs.value;
  const mine = draft.value;
  const was = base.value;
  if (!now || !mine || !was) return null;
  const both = merge(was, mine, now).clashes;
  const after = (call: () => void, said: string) => {
    const body = box.current?.closest<HTMLElement>(".settings-body");
    call();
    toast(said);
    requestAnimationFrame(() => body?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true }));
  };
  return (
    <section class="note dock-note" ref={box} role="alert" aria-label={s.workflow.met(author.value ?? t.somebody)}>
      <p><strong>{s.workflow.met(author.value ?? s.workflow.metSomebody)}</strong></p>
      <p>{s.workflow.metText}</p>
      <ul class="met-list">{changes(was, now).map(changeWords).map((line) => <li key={line}>{line}</li>)}</ul>
      {both.length > 0 && (
        <>
          <p>{s.workflow.metClash}</p>
          <ul class="met-list">{both.map(clashWords).map((line) => <li key={line}>{line}</li>)}</ul>
        </>
      )}
      <div class="form-start">
        <button type="button" class="button button-main" onClick={() => after(putTogether, s.workflow.merged)}>{s.workflow.merge}</button>
        <button type="button" class="button" onClick={() => after(discard, s.workflow.taken)}>{s.workflow.takeTheirs}</button>
      </div>
    </section>
  );
}

/** After both were put together: what of theirs does not stand. */
function Clashes() {
  if (clashes.value.length === 0) return null;
  return (
    <section class="note dock-note">
      <p>{s.workflow.metMine}</p>
      <ul class="met-list">{clashes.value.map(clashWords).map((line) => <li key={line}>{line}</li>)}</ul>
    </section>
  );
}
