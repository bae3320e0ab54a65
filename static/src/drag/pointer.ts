/** Dragging by mouse, pen and finger. A finger must rest for a moment first, so that it can still scroll. */
import { signal } from "@preact/signals";
import { setOrigin } from "../board/motion";
import { cancel, drag, drop, hover, lift, others, type Spot } from "./state";

const REST = 250;
const MOUSE_SLACK = 4;
const TOUCH_SLACK = 8;
const EDGE = 64;
const FASTEST = 16;
/** Where one column fills the screen: how near the edge (pixels), and how long there (ms), before the next one comes. */
const PAGE = { edge: 44, after: 250, again: 800 } as const;
export const TILT = "rotate(1.5deg)";

/** The card that follows the pointer: where it was taken and how large it is. */
export interface Ghost {
  width: number;
  height: number;
}
export const ghost = signal<Ghost | null>(null);

interface Hold {
  ref: string;
  card: HTMLElement;
  board: HTMLElement;
  pointer: number;
  touch: boolean;
  startX: number;
  startY: number;
  x: number;
  y: number;
  dx: number;
  dy: number;
  lifted: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  frame: number;
  /** When the next column may come, while the pointer rests at an edge. */
  pageAt: number | null;
  end(): void;
}

let hold: Hold | null = null;

export function isHolding(): boolean {
  return hold?.lifted ?? false;
}

/** A pointer went down on the board. */
export function press(event: PointerEvent, board: HTMLElement): void {
  if (hold) return;
  const card = (event.target as Element).closest<HTMLElement>("[data-ref]");
  const ref = card?.dataset["ref"];
  if (!card || !ref || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const touch = event.pointerType === "touch";
  const rect = card.getBoundingClientRect();
  const [x, y] = [event.clientX, event.clientY];
  hold = {
    ref, card, board, touch, pointer: event.pointerId, startX: x, startY: y, x, y,
    dx: x - rect.left, dy: y - rect.top, lifted: false, timer: undefined, frame: 0, pageAt: null, end: listen(card, touch),
  };
  if (touch) hold.timer = setTimeout(take, REST);
}

function listen(card: HTMLElement, touch: boolean): () => void {
  const off = new AbortController();
  const on = { signal: off.signal };
  addEventListener("pointermove", moved, on);
  addEventListener("pointerup", released, on);
  addEventListener("pointercancel", dropped, on);
  addEventListener("blur", dropped, on);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !hold?.lifted) return;
    event.preventDefault();
    event.stopPropagation();
    dropped();
  }, { ...on, capture: true });
  if (touch) {
    // On the card itself: it gets the finger's events even when it leaves the page meanwhile.
    card.addEventListener("touchmove", (event) => {
      if (hold?.lifted) event.preventDefault();
    }, { ...on, passive: false });
    addEventListener("contextmenu", (event) => event.preventDefault(), on);
  }
  return () => off.abort();
}

function take(): void {
  if (!hold) return;
  const rect = hold.card.getBoundingClientRect();
  // Who has it open and what waits stays behind: in the hand it is the card alone.
  const feet = hold.card.querySelectorAll<HTMLElement>(".card-foot, .card-wait");
  const height = [...feet].reduce((sum, foot) => sum - foot.offsetHeight, rect.height);
  if (!lift(hold.ref, "pointer", height)) {
    done();
    return;
  }
  hold.lifted = true;
  hold.board.setPointerCapture(hold.pointer);
  ghost.value = { width: rect.width, height };
  if (hold.touch) navigator.vibrate?.(10);
  hold.frame = requestAnimationFrame(tick);
}

function moved(event: PointerEvent): void {
  if (!hold || event.pointerId !== hold.pointer) return;
  [hold.x, hold.y] = [event.clientX, event.clientY];
  if (hold.lifted) return;
  const far = Math.hypot(hold.x - hold.startX, hold.y - hold.startY);
  if (far <= (hold.touch ? TOUCH_SLACK : MOUSE_SLACK)) return;
  if (hold.touch) done();
  else take();
}

function released(event: PointerEvent): void {
  if (!hold || event.pointerId !== hold.pointer) return;
  if (hold.lifted) {
    look();
    land(drop);
  }
  done();
}

function dropped(): void {
  if (hold?.lifted) land(cancel);
  done();
}

/** The card flies from the hand to its place. */
function land(how: () => void): void {
  const flying = document.querySelector<HTMLElement>(".ghost .card")?.getBoundingClientRect();
  if (hold && flying && ghost.value) {
    const rect = new DOMRect(hold.x - hold.dx, hold.y - hold.dy, ghost.value.width, ghost.value.height);
    setOrigin(hold.ref, rect, undefined, TILT);
  }
  swallowClick();
  how();
}

/** The click that follows the release of a drag is not meant for the card under it. */
function swallowClick(): void {
  const eat = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", eat, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", eat, { capture: true }), 50);
}

function done(): void {
  if (!hold) return;
  clearTimeout(hold.timer);
  cancelAnimationFrame(hold.frame);
  hold.end();
  ghost.value = null;
  hold = null;
}

function tick(): void {
  if (!hold) return;
  look();
  const element = document.querySelector<HTMLElement>(".ghost");
  if (element) element.style.transform = `translate(${hold.x - hold.dx}px, ${hold.y - hold.dy}px)`;
  hold.frame = requestAnimationFrame(tick);
}

/** See what is under the pointer, and scroll what is near an edge. */
function look(): void {
  const now = drag.value;
  if (!hold || !now) return;
  const frame = hold.board.getBoundingClientRect();
  const columns = hold.board.querySelectorAll<HTMLElement>("[data-state]");
  if ((columns[0]?.offsetWidth ?? 0) > frame.width * 0.8) page(hold, frame);
  else hold.board.scrollLeft += pull(hold.x, frame.left, frame.right);
  for (const column of columns) {
    const rect = column.getBoundingClientRect();
    if (hold.x < rect.left - 6 || hold.x > rect.right + 6) continue;
    const state = column.dataset["state"] ?? "";
    const list = column.querySelector<HTMLElement>("[data-list]");
    if (!list || !now.verdicts.get(state)?.ok) {
      hover(state, null);
      return;
    }
    const within = list.getBoundingClientRect();
    list.scrollTop += pull(hold.y, within.top, within.bottom);
    hover(state, spotIn(list, state, hold.y - within.top + list.scrollTop, now.ref));
    return;
  }
  hover(null, null);
}

/** The first card whose middle is below the pointer. `offsetTop` knows nothing of cards that are still sliding. */
function spotIn(list: HTMLElement, state: string, y: number, ref: string): Spot {
  for (const item of list.querySelectorAll<HTMLElement>(":scope > [data-item]")) {
    const key = item.dataset["item"];
    if (item.hidden || key === "slot" || key === ref || !key) continue;
    if (y < item.offsetTop + item.offsetHeight / 2) return { state, before: others(state, ref).some((one) => one.ref === key) ? key : null };
  }
  return { state, before: null };
}

/** One whole column further for a pointer that rests at the edge: a board that stops between two is of no use. */
function page(held: Hold, frame: DOMRect): void {
  const way = held.x < frame.left + PAGE.edge ? -1 : held.x > frame.right - PAGE.edge ? 1 : 0;
  if (way === 0) {
    held.pageAt = null;
    return;
  }
  const now = performance.now();
  held.pageAt ??= now + PAGE.after;
  if (now < held.pageAt) return;
  held.pageAt = now + PAGE.again;
  const at = Math.round(held.board.scrollLeft / frame.width);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  held.board.scrollTo({ left: (at + way) * frame.width, behavior: still ? "instant" : "smooth" });
}

function pull(at: number, from: number, to: number): number {
  if (at < from + EDGE) return -FASTEST * Math.min(1, (from + EDGE - at) / EDGE);
  if (at > to - EDGE) return FASTEST * Math.min(1, (at - to + EDGE) / EDGE);
  return 0;
}
