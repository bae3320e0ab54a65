import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Task } from "../api/types";
import { t } from "../app/text";
import { taskField, useDraft } from "./draft";
import { inField, typed } from "./here";
import { Merge, MetNote } from "./met";
import { Leftover } from "./leftover";
import { Typing } from "./others";
import { isWriting, useComparing, useOpened } from "./opened";
import { useSteady } from "./steady";

export function Title({ task, may }: { task: Task; may: boolean }) {
  const [editing, setEditing] = useOpened(task.ref, "title");
  if (editing && may) return <Editor task={task} close={() => setEditing(false)} />;
  return (
    <div class="title">
      <h2 class="panel-title">
        {may ? (
          <button type="button" class="title-button" title={t.editTitle} data-field="title" onClick={() => setEditing(true)}>{task.title}</button>
        ) : (
          task.title
        )}
      </h2>
      <Typing field="title" />
      {may && <Leftover refName={task.ref} what="title" field="title" now={task.title} goOn={() => setEditing(true)} />}
    </div>
  );
}

function Editor({ task, close }: { task: Task; close(): void }) {
  const draft = useDraft(taskField(task, "title"));
  const [comparing, compare] = useComparing(task.ref, "title");
  const box = useRef<HTMLTextAreaElement>(null);
  const leaving = useRef(false);
  // At the end, with nothing selected: the first key must not take away what stands there.
  useLayoutEffect(() => {
    if (isWriting()) return;
    const end = box.current?.value.length ?? 0;
    box.current?.focus();
    box.current?.setSelectionRange(end, end);
  }, []);
  useEffect(() => () => inField(null), []);

  const leave = () => {
    leaving.current = true;
    close();
  };
  const save = async (value: string) => {
    const text = value.trim();
    if (!text || text === task.title) {
      draft.drop();
      leave();
      return;
    }
    if (await draft.save(text)) leave();
    else leaving.current = false;
  };
  const { met } = draft;
  useSteady(box, met !== null && !comparing);
  if (met && comparing) {
    return (
      <div class="title-editor">
        <Merge
          met={met} mine={draft.text} refName={task.ref} label={t.title} busy={draft.busy} trouble={draft.trouble} short
          back={() => compare(false)}
          save={(text) => void draft.mergeInto(text.trim()).then((saved) => saved && leave())}
        />
      </div>
    );
  }
  return (
    <div class="title-editor">
      {met && <MetNote met={met} said={draft.waited ? t.line.metMeanwhile(met.who) : t.task.met.title(met.who)} draft={draft} done={leave} goOn={() => box.current?.focus()} compare={() => compare(true)} />}
      <textarea
        ref={box} class="title-input" rows={1} maxLength={200} value={draft.text} aria-label={t.title}
        onInput={(event) => {
          draft.write(event.currentTarget.value.replace(/\n/g, " "));
          typed("title");
        }}
        onFocus={() => inField("title")}
        onBlur={() => {
          inField(null);
          if (!leaving.current && !met) void save(draft.text);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            draft.drop();
            leave();
          }
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            if (met) return;
            leaving.current = true;
            void save(draft.text);
          }
        }}
      />
      {draft.trouble && <p class="trouble" role="alert">{draft.trouble}</p>}
      <Typing field="title" />
    </div>
  );
}
