import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Pencil } from "lucide-preact";
import type { Task } from "../api/types";
import { baseOf, conflictOf, edit } from "../app/commands";
import { toast } from "../app/notices";
import { explain } from "../app/problems";
import { t } from "../app/text";
import { TextBox } from "../writing/box";
import { foresee, render } from "../writing/html";
import { sameBox, tick } from "../writing/marks";
import { Prose } from "../writing/prose";
import { draftsOf, taskField, useDraft } from "./draft";
import { inField, typed } from "./here";
import { Leftover } from "./leftover";
import { Merge, MetNote } from "./met";
import { Typing } from "./others";
import { isWriting, useComparing, useOpened } from "./opened";
import { useSteady } from "./steady";

export function Description({ task, may }: { task: Task; may: boolean }) {
  const [editing, setEditing] = useOpened(task.ref, "description");
  if (editing && may) return <Editor task={task} close={() => setEditing(false)} />;
  const written = task.description.trim() !== "";
  return (
    <section class="description" aria-label={t.description}>
      {may && <Leftover refName={task.ref} what="description" field="description" now={task.description} goOn={() => setEditing(true)} />}
      {written ? (
        <Prose text={task.description} tick={may ? (line, on) => void tickBox(task, line, on) : undefined} />
      ) : may ? (
        !draftsOf(task.ref).has("description") && (
          <button type="button" class="description-add" onClick={() => setEditing(true)}>{t.addDescription}</button>
        )
      ) : (
        <p class="quiet">{t.noDescription}</p>
      )}
      <div class="description-foot">
        {may && written && (
          <button type="button" class="button button-small description-edit" onClick={() => setEditing(true)}>
            <Pencil class="icon" aria-hidden="true" />
            {t.editDescription}
          </button>
        )}
        <Typing field="description" />
      </div>
    </section>
  );
}

/** Tick a box of the description; what others write around it meanwhile stays. */
async function tickBox(task: Task, line: number, on: boolean): Promise<void> {
  let text = tick(task.description, line, on);
  let base = baseOf(task.ref);
  if (text !== null) foresee(task.description, text, line, on);
  for (let tries = 3; text !== null && tries > 0; tries--) {
    try {
      await edit(task.ref, { description: text }, base);
      return;
    } catch (error) {
      const now = conflictOf(error);
      if (!now || tries === 1) {
        toast(explain(error).text, "refused");
        return;
      }
      const there = sameBox(task.description, line, now.description);
      text = there < 0 ? null : tick(now.description, there, on);
      base = { version: now.version, own: [] };
      if (text === now.description) return;
      if (text === null) toast(t.task.boxGone, "refused");
    }
  }
}

function Editor({ task, close }: { task: Task; close(): void }) {
  const draft = useDraft(taskField(task, "description"));
  const [compares, compare] = useComparing(task.ref, "description");
  const [previews, preview] = useState(false);
  const view = compares ? "merge" : previews ? "preview" : "write";
  const setView = (next: typeof view) => {
    compare(next === "merge");
    preview(next === "preview");
  };
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = box.current;
    if (view !== "write" || !area || isWriting()) return;
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }, [view]);
  useEffect(() => () => inField(null), []);

  const { met } = draft;
  useSteady(box, met !== null && view !== "merge");
  const finish = async (save: () => Promise<boolean>, text: string) => {
    // What comes to stand there is ready when the editor goes.
    void render(text).catch(() => undefined);
    if (await save()) close();
  };
  const save = () => void finish(() => draft.save(), draft.text);
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      // What was written stays, and is offered again.
      close();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!met) save();
    }
  };
  if (met && view === "merge") {
    return (
      <section class="description-editor" aria-label={t.description}>
        <Merge
          met={met} mine={draft.text} refName={task.ref} label={t.description} busy={draft.busy} trouble={draft.trouble}
          back={() => setView("write")} save={(text) => void finish(() => draft.mergeInto(text), text)}
        />
      </section>
    );
  }
  return (
    <section class="description-editor" aria-label={t.description}>
      {met && <MetNote met={met} said={draft.waited ? t.line.metMeanwhile(met.who) : t.task.met.description(met.who)} draft={draft} done={close} goOn={() => box.current?.focus()} compare={() => setView("merge")} />}
      <div class="editor-views" role="group" aria-label={t.task.views}>
        <button type="button" class="editor-view" aria-pressed={view !== "preview"} onClick={() => setView("write")}>{t.task.write}</button>
        <button type="button" class="editor-view" aria-pressed={view === "preview"} onClick={() => setView("preview")}>{t.task.preview}</button>
        {/* Here it takes no room: what is typed in stays where it is when they come and go. */}
        <Typing field="description" />
      </div>
      {view === "preview" ? (
        <div class="preview" tabIndex={0} onKeyDown={keys}>
          {draft.text.trim() === "" ? <p class="quiet">{t.noDescription}</p> : <Prose text={draft.text} />}
        </div>
      ) : (
        <TextBox
          boxRef={box} class="description-input" rows={Math.min(24, Math.max(8, draft.text.split("\n").length + 1))} value={draft.text}
          refName={task.ref} label={t.description} placeholder={t.descriptionExample}
          write={(text) => {
            draft.write(text);
            typed("description");
          }}
          onFocus={() => inField("description")} onBlur={() => inField(null)} onKeyDown={keys}
        />
      )}
      {draft.trouble && <p class="trouble" role="alert">{draft.trouble}</p>}
      <div class="form-foot">
        <span class="quiet">{t.task.helpLine}</span>
        <button
          type="button" class="button button-small"
          onClick={() => {
            draft.drop();
            close();
          }}
        >
          {t.cancel}
        </button>
        <button type="button" class="button button-main button-small" disabled={draft.busy || met !== null} title={t.saveKeys} onClick={save}>{t.save}</button>
      </div>
    </section>
  );
}
