import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../api/types";
import { t } from "../app/text";
import { useDraft } from "./draft";

export function Title({ task, may }: { task: Task; may: boolean }) {
  const [editing, setEditing] = useState(false);
  if (editing) return <Editor task={task} close={() => setEditing(false)} />;
  return (
    <h2 class="panel-title">
      {may ? (
        <button type="button" class="title-button" title={t.editTitle} data-field="title" onClick={() => setEditing(true)}>{task.title}</button>
      ) : (
        task.title
      )}
    </h2>
  );
}

function Editor({ task, close }: { task: Task; close(): void }) {
  const draft = useDraft(task, "title");
  const box = useRef<HTMLTextAreaElement>(null);
  const leaving = useRef(false);
  useLayoutEffect(() => box.current?.select(), []);

  const save = async () => {
    const text = draft.text.trim();
    if (!text || text === task.title) {
      close();
      return;
    }
    if (await draft.save(text)) close();
    else leaving.current = false;
  };
  return (
    <div class="title-editor">
      <textarea
        ref={box} class="title-input" rows={1} maxLength={200} value={draft.text} aria-label={t.title}
        onInput={(event) => draft.write(event.currentTarget.value.replace(/\n/g, " "))}
        onBlur={() => {
          if (!leaving.current && !draft.met) void save();
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            leaving.current = true;
            close();
          }
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            leaving.current = true;
            void save();
          }
        }}
      />
      {draft.met && <p class="note" role="status">{draft.met} {t.met.saving}</p>}
      {draft.trouble && <p class="trouble" role="alert">{draft.trouble}</p>}
    </div>
  );
}
