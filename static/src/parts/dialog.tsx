import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { X } from "lucide-preact";
import { t } from "../app/text";

interface Props {
  title: string;
  children: ComponentChildren;
  wide?: boolean;
  /** Asked to close, by Esc, the cross or a click beside it. */
  close(): void;
}

/** A modal question. The browser keeps the focus in it and gives it back. */
export function Dialog({ title, children, wide = false, close }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box} class={`dialog ${wide ? "dialog-wide" : ""}`} aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        if (event.target === box.current) close();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon-button" aria-label={t.close} title={t.close} onClick={close}>
            <X class="icon" aria-hidden="true" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
