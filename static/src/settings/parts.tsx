/** Small parts that several tabs of the settings have. */
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Copy, Eye, X } from "lucide-preact";
import { role } from "../app/board";
import { explain } from "../app/problems";
import { sayRefused } from "../app/refused";
import { toast } from "../app/notices";
import { t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { s } from "./words";

/** A section with its heading. */
export function Sheet({ title, aside, children, class: className = "" }: { title: string; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
  const id = useId();
  return (
    <section class={`sheet ${className}`} aria-labelledby={id}>
      <header class="sheet-head">
        <h2 id={id} tabIndex={-1}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Says plainly why somebody can only look. */
export function ReadOnly({ what }: { what: keyof typeof s.readOnly }) {
  return (
    <p class="read-only">
      <Eye class="icon" aria-hidden="true" />
      {s.readOnly[what](s.asRole[role.value])}
    </p>
  );
}

interface ConfirmProps {
  title: string;
  children: ComponentChildren;
  action: string;
  /** Not yet: something has to be typed first. */
  blocked?: boolean;
  danger?: boolean;
  close(): void;
  /** Throws what the server or the line said; then the question stays and shows it. */
  run(): Promise<void>;
}

/** A question before something that is hard to take back. */
export function Confirm({ title, children, action, blocked = false, danger = true, close, run }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (blocked || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await run();
    } catch (error) {
      const { text, more } = explain(error);
      setTrouble(more ? `${text} ${more}` : text);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        {children}
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <div class="form-foot">
          <button type="button" class="button" onClick={close}>{t.cancel}</button>
          <button type="submit" class={`button ${danger ? "button-danger" : "button-main"}`} disabled={blocked || busy}>{action}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Do it, and say why where it does not work. Answers whether it did. */
export async function attempt(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    sayRefused(error);
    return false;
  }
}

interface MadeProps {
  url: string;
  /** What the field is, for screen readers. */
  name: string;
  children: ComponentChildren;
  close(): void;
}

/** A link that was made just now, and is shown this once. */
export function Made({ url, name, children, close }: MadeProps) {
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      toast(s.members.linkCopied);
    } catch {
      // Without a right to the clipboard: what is selected can be copied by hand.
      field.current?.select();
    }
  };
  return (
    <div class="made" role="status">
      <p>{children}</p>
      <div class="made-line">
        <input ref={field} class="input" readOnly value={url} aria-label={name} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button button-main" onClick={() => void copy()}>
          <Copy class="icon" aria-hidden="true" />
          {s.copy}
        </button>
        <button type="button" class="icon-button" aria-label={t.close} title={t.close} onClick={close}>
          <X class="icon" aria-hidden="true" />
        </button>
      </div>
    </div>
  );
}

/** The heading of the section that this is in: for the focus, so that Tab goes on from there after this is gone. */
export function headingOf(inside: Element | null): { focus(): void } {
  const heading = inside?.closest(".sheet")?.querySelector<HTMLElement>("h2");
  return { focus: () => requestAnimationFrame(() => heading?.focus()) };
}
