/** The board by keyboard: arrows walk, Space lifts, arrows carry, Space or Enter drops, Esc puts back. */
import { computed, signal } from "@preact/signals";
import { board, filtered, stateOf } from "../app/board";
import { say } from "../app/notices";
import { t } from "../app/text";
import { cardOf, wantFocus } from "../board/motion";
import { cancel, drag, drop, hover, lift, others, reason, type Spot } from "./state";

const visited = signal<string | null>(null);

/** The one card that Tab reaches: the last one visited, else the first there is. */
export const reachable = computed<string | null>(() => {
  const columns = filtered.value?.columns;
  if (!columns) return null;
  const held = drag.value?.how === "keys" ? drag.value.ref : null;
  if (held) return held;
  let first: string | null = null;
  for (const list of columns.values()) {
    for (const task of list) {
      if (task.ref === visited.value) return task.ref;
      first ??= task.ref;
    }
  }
  return first;
});

export function visit(ref: string): void {
  visited.value = ref;
}

/** A key on a card. */
export function press(event: KeyboardEvent): void {
  const card = (event.target as Element).closest<HTMLElement>("[data-ref]");
  const ref = card?.dataset["ref"];
  if (!card || !ref || event.ctrlKey || event.metaKey || event.altKey) return;
  const carrying = drag.value?.how === "keys";
  const handled = carrying ? carry(event.key) : walk(event.key, ref, card);
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}

function walk(key: string, ref: string, card: HTMLElement): boolean {
  if (key === " ") {
    if (lift(ref, "keys", card.offsetHeight)) {
      wantFocus(ref);
      say(t.drag.lifted(ref));
    }
    return true;
  }
  const columns = [...(filtered.value?.columns.values() ?? [])];
  const x = columns.findIndex((list) => list.some((task) => task.ref === ref));
  const y = columns[x]?.findIndex((task) => task.ref === ref) ?? -1;
  const to = step(columns, x, y, key);
  if (to === undefined) return false;
  if (to) focusCard(to);
  return true;
}

function step(columns: readonly (readonly { ref: string }[])[], x: number, y: number, key: string): string | null | undefined {
  const here = columns[x] ?? [];
  switch (key) {
    case "ArrowDown":
      return here[y + 1]?.ref ?? null;
    case "ArrowUp":
      return here[y - 1]?.ref ?? null;
    case "Home":
      return here[0]?.ref ?? null;
    case "End":
      return here.at(-1)?.ref ?? null;
    case "ArrowLeft":
    case "ArrowRight": {
      const way = key === "ArrowLeft" ? -1 : 1;
      for (let n = x + way; n >= 0 && n < columns.length; n += way) {
        const list = columns[n] ?? [];
        if (list.length > 0) return list[Math.min(y, list.length - 1)]?.ref ?? null;
      }
      return null;
    }
    default:
      return undefined;
  }
}

export function focusCard(ref: string): void {
  const card = cardOf(ref);
  // One that is not drawn, far down a long column, gets the focus as soon as it is.
  if (!card) wantFocus(ref, true);
  visited.value = ref;
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Bring a card before one's eyes that may not be drawn yet; it has the focus then unless one writes somewhere. */
export function showCard(ref: string): void {
  visited.value = ref;
  const show = () => {
    const card = cardOf(ref);
    if (!card || visited.value !== ref) return;
    card.scrollIntoView({ block: "center", inline: "nearest" });
    const at = document.activeElement;
    if (at === null || at === document.body || at.closest(".board")) card.focus({ preventScroll: true });
    card.animate([{ outline: "2px solid var(--accent)" }, { outline: "2px solid var(--accent)", offset: 0.8 }, { outline: "2px solid transparent" }], 2_400);
  };
  // In the next frame it is drawn; in the one after, what scrolled there by itself has done so.
  requestAnimationFrame(() => requestAnimationFrame(show));
}

function carry(key: string): boolean {
  const now = drag.value;
  if (!now?.over) return false;
  switch (key) {
    case " ":
    case "Enter":
      settle(now.ref, drop);
      return true;
    case "Escape":
      settle(now.ref, cancel);
      return true;
    case "Tab":
      settle(now.ref, cancel);
      return false;
    case "ArrowDown":
    case "ArrowUp":
      shift(now.ref, now.over, key === "ArrowUp" ? -1 : 1);
      return true;
    case "ArrowLeft":
    case "ArrowRight":
      change(now.ref, now.over, key === "ArrowLeft" ? -1 : 1);
      return true;
    default:
      return false;
  }
}

function settle(ref: string, how: () => void): void {
  visited.value = ref;
  wantFocus(ref);
  how();
}

function shift(ref: string, over: Spot, by: -1 | 1): void {
  const list = others(over.state, ref);
  const at = indexOf(list, over);
  const to = Math.max(0, Math.min(list.length, at + by));
  put(ref, over.state, to);
}

function change(ref: string, over: Spot, by: -1 | 1): void {
  const now = drag.value;
  const states = board.value?.workflow.states ?? [];
  if (!now) return;
  const row = indexOf(others(over.state, ref), over);
  const passed: string[] = [];
  for (let n = states.findIndex((state) => state.id === over.state) + by; n >= 0 && n < states.length; n += by) {
    const id = states[n]?.id ?? "";
    if (now.verdicts.get(id)?.ok) {
      put(ref, id, Math.min(row, others(id, ref).length), passed.join(" "));
      return;
    }
    passed.push(reason(now, id));
  }
  say([...passed, t.drag.noFurther].join(" "));
}

function put(ref: string, state: string, index: number, first = ""): void {
  const list = others(state, ref);
  wantFocus(ref);
  hover(state, { state, before: list[index]?.ref ?? null });
  requestAnimationFrame(() => cardOf(ref)?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  say(`${first} ${t.drag.at(stateOf(state)?.name ?? state, index + 1, list.length + 1)}`.trim());
}

function indexOf(list: readonly { ref: string }[], over: Spot): number {
  const at = over.before ? list.findIndex((task) => task.ref === over.before) : -1;
  return at < 0 ? list.length : at;
}
