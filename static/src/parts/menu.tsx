/** A button with a menu: choices, several of them checked or one, with the reason where one can't be chosen. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Check } from "lucide-preact";
import { place, useDismissed } from "./floating";

export interface Choice {
  id: string;
  content: ComponentChildren;
  /** For finding it by typing, and its name. */
  name: string;
  checked?: boolean;
  /** Why it can't be chosen; it stays visible and says so. */
  refused?: string | undefined;
  danger?: boolean;
  /** Heading above this choice, when it begins a section. */
  heading?: string;
  choose(): void;
}

interface Props {
  /** The accessible name of the button; leave out where its content says it. */
  label?: string;
  menuLabel: string;
  button: ComponentChildren;
  class?: string;
  kind: "one" | "many" | "action";
  choices: readonly Choice[];
  side?: "below" | "above";
  disabled?: boolean;
}

const ROLE = { one: "menuitemradio", many: "menuitemcheckbox", action: "menuitem" } as const;

export function Menu({ label, menuLabel, button, class: className, kind, choices, side = "below", disabled }: Props) {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) trigger.current?.focus();
  };
  return (
    <>
      <button
        ref={trigger} type="button" class={className} aria-label={label} title={label} disabled={disabled}
        aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {button}
      </button>
      {open && (
        <List id={id} label={menuLabel} kind={kind} choices={choices} side={side} anchor={trigger.current} close={close} />
      )}
    </>
  );
}

export interface ListProps extends Pick<Props, "kind" | "choices"> {
  id: string;
  label: string;
  side: "below" | "above";
  anchor: HTMLElement | null;
  close(refocus: boolean): void;
}

export function List({ id, label, kind, choices, side, anchor, close }: ListProps) {
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const menu = box.current;
    if (!menu || !anchor) return;
    menu.showPopover();
    place(menu, anchor, side);
    const items = menu.querySelectorAll<HTMLElement>("[role^=menuitem]");
    (menu.querySelector<HTMLElement>("[aria-checked=true]") ?? items[0])?.focus({ preventScroll: true });
  }, [anchor, side]);

  useDismissed(box, anchor, close);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    let to: number | undefined;
    if (event.key === "ArrowDown") to = (at + 1) % items.length;
    else if (event.key === "ArrowUp") to = (at - 1 + items.length) % items.length;
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = items.length - 1;
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") close(true);
    else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLocaleLowerCase();
      const starts = (index: number) => choices[index]?.name.toLocaleLowerCase().startsWith(letter);
      for (let n = 1; n <= items.length && to === undefined; n++) if (starts((at + n) % items.length)) to = (at + n) % items.length;
    } else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    if (to !== undefined) items[to]?.focus();
  };

  return (
    <div ref={box} id={id} class="menu" role="menu" aria-label={label} popover="manual" onKeyDown={onKeyDown}>
      {choices.map((choice) => (
        <Item key={choice.id} choice={choice} kind={kind} close={close} />
      ))}
    </div>
  );
}

function Item({ choice, kind, close }: { choice: Choice; kind: Props["kind"]; close(refocus: boolean): void }) {
  const choose = () => {
    if (choice.refused !== undefined) return;
    if (kind !== "many") close(true);
    choice.choose();
  };
  const radio = choice.checked === undefined ? "menuitem" : ROLE[kind];
  return (
    <>
      {choice.heading && <div class="menu-heading" role="presentation">{choice.heading}</div>}
      <button
        type="button" tabIndex={-1} role={radio} aria-checked={choice.checked} data-choice={choice.id}
        aria-disabled={choice.refused !== undefined || undefined}
        class={`menu-item ${choice.danger ? "menu-danger" : ""}`} onClick={choose}
      >
        <span class="menu-content">
          {choice.content}
          {choice.refused && <span class="menu-why">{choice.refused}</span>}
        </span>
        {choice.checked && <Check class="icon" aria-hidden="true" />}
      </button>
    </>
  );
}
