import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { board } from "../app/board";
import { create } from "../app/commands";
import { explain } from "../app/problems";
import { t } from "../app/text";
import { focusCard, reachable } from "../drag/keys";

/** The state in which a new task is being written, if any. */
export const composing = signal<string | null>(null);

/** A card to write on. Enter makes the task and stays for the next one. */
export function Composer({ state }: { state: string }) {
  const [title, setTitle] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const item = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    box.current?.focus({ preventScroll: true });
    item.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, []);

  const close = () => {
    composing.value = null;
  };
  const submit = async () => {
    const text = title.trim();
    const key = board.value?.project.key;
    if (!text || !key) return;
    setTitle("");
    setTrouble(null);
    requestAnimationFrame(() => item.current?.scrollIntoView({ block: "nearest" }));
    try {
      await create(key, state, text);
      requestAnimationFrame(() => item.current?.scrollIntoView({ block: "nearest" }));
    } catch (error) {
      const { text: why, more } = explain(error, board.value?.workflow);
      setTrouble(more ? `${why} ${more}` : why);
      setTitle((now) => now || text);
    }
  };

  return (
    <li class="composer" ref={item}>
      <textarea
        ref={box} class="composer-text" rows={2} maxLength={200} value={title} placeholder={t.newTaskExample}
        aria-label={t.newTaskTitle} aria-invalid={trouble !== null || undefined}
        onInput={(event) => setTitle(event.currentTarget.value.replace(/\n/g, " "))}
        onBlur={() => {
          if (!title.trim()) close();
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            close();
            // Whoever goes by keyboard goes on from where they were.
            if (reachable.value) focusCard(reachable.value);
          }
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            void submit();
          }
        }}
      />
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      <div class="composer-foot">
        <button type="button" class="button button-main button-small" disabled={!title.trim()} onPointerDown={(event) => event.preventDefault()} onClick={() => void submit()}>
          {t.add}
        </button>
        <button type="button" class="button button-small" onPointerDown={(event) => event.preventDefault()} onClick={close}>{t.cancel}</button>
      </div>
    </li>
  );
}
