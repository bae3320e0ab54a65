import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Pencil } from "lucide-preact";
import type { Task } from "../api/types";
import { t } from "../app/text";
import { useDraft } from "./draft";

interface Props {
  task: Task;
  /** The description in HTML as the server rendered and cleaned it, and the text it was made from. */
  html: string | null;
  htmlFor: string | null;
  may: boolean;
}

export function Description({ task, html, htmlFor, may }: Props) {
  const [editing, setEditing] = useState(false);
  if (editing) return <Editor task={task} close={() => setEditing(false)} />;
  const current = htmlFor === task.description;
  return (
    <section class="description" aria-label={t.description}>
      {task.description.trim() === "" ? (
        may ? (
          <button type="button" class="description-add" onClick={() => setEditing(true)}>{t.addDescription}</button>
        ) : (
          <p class="quiet">{t.noDescription}</p>
        )
      ) : (
        <>
          {html !== null && current ? (
            <div class="prose" dangerouslySetInnerHTML={{ __html: html }} />
          ) : (
            <div class="prose prose-plain">{task.description}</div>
          )}
          {may && (
            <button type="button" class="button button-small description-edit" onClick={() => setEditing(true)}>
              <Pencil class="icon" aria-hidden="true" />
              {t.editDescription}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function Editor({ task, close }: { task: Task; close(): void }) {
  const draft = useDraft(task, "description");
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = box.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);

  const save = async () => {
    setBusy(true);
    if (draft.text === task.description || (await draft.save(draft.text))) close();
    else setBusy(false);
  };
  return (
    <section class="description-editor" aria-label={t.description}>
      {draft.met && (
        <div class="note" role="status">
          <strong>{draft.met}</strong> {t.met.saving}
          <details>
            <summary>{t.met.show}</summary>
            <pre class="theirs">{task.description}</pre>
          </details>
        </div>
      )}
      <textarea
        ref={box} class="input description-input" rows={Math.min(24, Math.max(8, draft.text.split("\n").length + 1))}
        maxLength={20_000} value={draft.text} aria-label={t.description} placeholder={t.descriptionExample}
        onInput={(event) => draft.write(event.currentTarget.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape" && draft.text === task.description) close();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void save();
          }
        }}
      />
      {draft.trouble && <p class="trouble" role="alert">{draft.trouble}</p>}
      <div class="form-foot">
        <span class="quiet">{t.markdownHelp}</span>
        <button type="button" class="button button-small" onClick={close}>{t.cancel}</button>
        <button type="button" class="button button-main button-small" disabled={busy} title={t.saveKeys} onClick={() => void save()}>
          {draft.met ? t.saveOver : t.save}
        </button>
      </div>
    </section>
  );
}
