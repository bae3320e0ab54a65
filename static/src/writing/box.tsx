import type { Ref } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { members, shown, stateOf, states } from "../app/board";
import { say } from "../app/notices";
import { t } from "../app/text";
import { PersonLine } from "../parts/person";
import { looks, StateRing } from "../parts/signs";
import { caretIn } from "./caret";
import { people, tasks, wanted, type Wanted } from "./complete";
import { linkOver } from "./marks";

interface Props {
  value: string;
  /** The task that is written about: it is not offered itself. */
  refName: string;
  label: string;
  rows: number;
  class?: string;
  placeholder?: string;
  boxRef: Ref<HTMLTextAreaElement> & { current: HTMLTextAreaElement | null };
  write(text: string): void;
  /** Keys that the list of what is offered did not take. */
  onKeyDown?(event: KeyboardEvent): void;
  onFocus?(): void;
  onBlur?(): void;
}

interface Offered {
  id: string;
  /** What takes the place of what was written. */
  text: string;
  content: preact.JSX.Element;
}

/**
 * A box for Markdown: `@` offers members and `WEB-` tasks, an address pasted over a selection makes it a link. The
 * list is the page's combobox pattern (ARIA 1.2, aria-activedescendant): the focus stays in the text.
 */
export function TextBox({ value, refName, label, rows, class: className = "", placeholder, boxRef, write, onKeyDown, onFocus, onBlur }: Props) {
  const id = useId();
  const [want, setWant] = useState<Wanted | null>(null);
  const [at, setAt] = useState(0);
  const key = refName.slice(0, refName.lastIndexOf("-"));
  const offered = want ? offers(want, key, refName) : [];
  const open = offered.length > 0;
  const chosen = Math.min(at, offered.length - 1);

  const look = (box: HTMLTextAreaElement) => {
    const caret = box.selectionStart;
    const next = caret === box.selectionEnd ? wanted(box.value, caret, key) : null;
    if (next?.kind === want?.kind && next?.query === want?.query && next?.from === want?.from) return;
    setWant(next);
    setAt(0);
    const count = next ? offers(next, key, refName).length : 0;
    if (count > 0) say(t.task.offered(count));
  };
  const take = (one: Offered) => {
    const box = boxRef.current;
    if (!box || !want) return;
    box.focus();
    box.setSelectionRange(want.from, box.selectionStart);
    insert(box, one.text + (/^\s/.test(box.value.slice(box.selectionEnd)) ? "" : " "));
    setWant(null);
    say(one.text);
  };
  const keys = (event: KeyboardEvent) => {
    if (open && !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by !== undefined) setAt((chosen + by + offered.length) % offered.length);
      else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) take(offered[chosen] as Offered);
      else if (event.key === "Escape") setWant(null);
      else {
        event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    onKeyDown?.(event);
  };
  return (
    <>
      <textarea
        ref={boxRef} class={`input ${className}`} rows={rows} maxLength={20_000} value={value} placeholder={placeholder}
        aria-label={label} aria-autocomplete="list" aria-haspopup="listbox" aria-controls={open ? id : undefined}
        aria-activedescendant={open ? `${id}-${chosen}` : undefined}
        onInput={(event) => {
          write(event.currentTarget.value);
          look(event.currentTarget);
        }}
        onKeyDown={keys}
        onKeyUp={(event) => {
          if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) look(event.currentTarget);
        }}
        onClick={(event) => look(event.currentTarget)}
        onPaste={(event) => {
          const box = event.currentTarget;
          const link = linkOver(box.value.slice(box.selectionStart, box.selectionEnd), event.clipboardData?.getData("text/plain") ?? "");
          if (link === null) return;
          event.preventDefault();
          insert(box, link);
        }}
        onFocus={onFocus}
        onBlur={() => {
          setWant(null);
          onBlur?.();
        }}
      />
      {open && want && (
        <Offers id={id} anchor={boxRef.current} from={want.from} offered={offered} chosen={chosen} label={want.kind === "person" ? t.task.offerPeople : t.task.offerTasks} take={take} />
      )}
    </>
  );
}

/** As if it were typed, so that the browser's own undo takes it back. */
function insert(box: HTMLTextAreaElement, text: string): void {
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function offers(want: Wanted, key: string, but: string): Offered[] {
  if (want.kind === "person") {
    return people(want.query, members.value.values()).map((who) => ({ id: who.id, text: `@${who.name}`, content: <PersonLine who={who} /> }));
  }
  const all = [...(shown.value?.tasks.values() ?? [])].filter((task) => task.project === key && !task.ref.startsWith("new:"));
  const ring = looks(states.value);
  return tasks(want.query, all, but).map((task) => ({
    id: task.ref,
    text: task.ref,
    content: (
      <span class="offer-task">
        <StateRing look={ring.get(task.state)} />
        <span class="unseen">{stateOf(task.state)?.name} </span>
        <span class="offer-ref">{task.ref} </span>
        <span class="offer-title">{task.title}</span>
      </span>
    ),
  }));
}

interface OffersProps {
  id: string;
  label: string;
  anchor: HTMLTextAreaElement | null;
  from: number;
  offered: readonly Offered[];
  chosen: number;
  take(one: Offered): void;
}

function Offers({ id, label, anchor, from, offered, chosen, take }: OffersProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const list = box.current;
    if (!list || !anchor) return;
    if (!list.matches(":popover-open")) list.showPopover();
    const caret = caretIn(anchor, from);
    const { offsetWidth: width, offsetHeight: height } = list;
    const below = caret.bottom + 4;
    const top = below + height <= innerHeight - 8 ? below : Math.max(8, caret.top - 4 - height);
    list.style.top = `${top}px`;
    list.style.left = `${Math.max(8, Math.min(caret.left, innerWidth - width - 8))}px`;
  }, [anchor, from, offered.length]);
  useLayoutEffect(() => {
    box.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div ref={box} id={id} class="menu offers" role="listbox" aria-label={label} popover="manual">
      {offered.map((one, index) => (
        <div
          key={one.id} id={`${id}-${index}`} role="option" aria-selected={index === chosen} class="menu-item offer" data-choice={one.id}
          // The text keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(one)}
        >
          {one.content}
        </div>
      ))}
    </div>
  );
}
