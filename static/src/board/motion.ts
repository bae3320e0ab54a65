/**
 * What moves, and what must not: cards slide to their new place, travel between columns, and a column keeps its
 * scroll anchor and the focus while others change it.
 */
import { signal } from "@preact/signals";

const SLIDE = 160;
const TRAVEL = 240;
const EASE = "cubic-bezier(.2,.8,.2,1)";
/** An origin older than this belongs to a change that was never drawn. */
const FRESH = 1_000;

interface Origin {
  rect: DOMRect;
  column: string | undefined;
  tilt: string;
  at: number;
}

const origins = new Map<string, Origin>();
let wanted: string | null = null;
let bring = false;

/** Grows when all sizes change, as by another font: who draws a column is to draw it anew, so that it is measured. */
export const epoch = signal(0);

addEventListener("resize", () => epoch.value++);
document.fonts.addEventListener("loadingdone", () => epoch.value++);

const still = matchMedia("(prefers-reduced-motion: reduce)");

export function cardOf(ref: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.board [data-ref="${CSS.escape(ref)}"]`);
}

/** Before tasks change: remember where their cards are, and which card has the focus. */
export function remember(refs: readonly string[]): void {
  const focused = document.activeElement?.closest<HTMLElement>(".board [data-ref]")?.dataset["ref"];
  if (focused) wanted = focused;
  if (still.matches || document.hidden || refs.length > 20) return;
  for (const ref of refs) {
    const card = cardOf(ref);
    if (card?.offsetParent) setOrigin(ref, card.getBoundingClientRect(), card.closest<HTMLElement>("[data-state]")?.dataset["state"]);
  }
}

/** Where a card comes from that the person has just let go of. */
export function setOrigin(ref: string, rect: DOMRect, column?: string, tilt = "none"): void {
  if (!still.matches) origins.set(ref, { rect, column, tilt, at: performance.now() });
}

/** The card of this task is to have the focus as soon as it is drawn, and to be seen where `show` says so. */
export function wantFocus(ref: string, show = false): void {
  wanted = ref;
  bring = show;
}

const heights = new Map<string, number>();
let measuredIn = 0;

/** How high the card of a task was when it was last drawn, with the space below it. */
export function heightOf(ref: string): number | undefined {
  return heights.get(ref);
}

const GAP = 8;

function measured(key: string, height: number): void {
  if (measuredIn !== epoch.value) {
    heights.clear();
    measuredIn = epoch.value;
  }
  heights.set(key, height + GAP);
}

/** What one column's list looked like when it was last drawn. */
export interface Drawn {
  epoch: number;
  tops: Map<string, { top: number; height: number }>;
}

/** After a column was drawn: keep its anchor, give the focus back, and let what moved be seen moving. */
export function settleColumn(list: HTMLElement, state: string, before: Drawn | null): Drawn {
  const tops = new Map<string, { top: number; height: number }>();
  const items = new Map<string, HTMLElement>();
  for (const item of list.children as Iterable<Element>) {
    if (!(item instanceof HTMLElement) || item.hidden || !item.dataset["item"]) continue;
    const key = item.dataset["item"];
    const height = item.offsetHeight;
    tops.set(key, { top: item.offsetTop, height });
    items.set(key, item);
    measured(key, height);
  }
  restoreFocus(items);
  const known = before?.epoch === epoch.value ? before : null;
  const scrolled = known ? keepAnchor(list, known, tops) : 0;
  if (!still.matches && !document.hidden) {
    const view = { from: list.scrollTop, to: list.scrollTop + list.clientHeight };
    for (const [key, { top, height }] of tops) {
      const item = items.get(key)!;
      const old = known?.tops.get(key);
      if (old) slide(item, old.top - top + scrolled, top, height, view);
      else arrive(item, key, state);
    }
  }
  return { epoch: epoch.value, tops };
}

function restoreFocus(items: ReadonlyMap<string, HTMLElement>): void {
  if (!wanted) return;
  const card = items.get(wanted)?.querySelector<HTMLElement>("[data-ref]");
  if (!card) return;
  const active = document.activeElement;
  if (active === document.body || active === null || active.closest(".board [data-ref]")) {
    card.focus({ preventScroll: true });
    if (bring) card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  wanted = null;
  bring = false;
}

/** Scroll so that the first card one could see stays where it was. Answers by how much. */
function keepAnchor(list: HTMLElement, before: Drawn, tops: Drawn["tops"]): number {
  const from = list.scrollTop;
  if (from <= 0) return 0;
  const to = from + list.clientHeight;
  for (const [key, old] of before.tops) {
    const now = tops.get(key);
    if (!now || old.top + old.height <= from || key === "slot") continue;
    // After a jump to where nothing was drawn there is nothing to hold on to.
    if (old.top >= to) return 0;
    const delta = now.top - old.top;
    if (delta !== 0) list.scrollTop = from + delta;
    return list.scrollTop - from;
  }
  return 0;
}

function slide(item: HTMLElement, by: number, top: number, height: number, view: { from: number; to: number }): void {
  if (Math.abs(by) < 1) return;
  const seen = (at: number) => at + height > view.from && at < view.to;
  if (!seen(top) && !seen(top + by)) return;
  item.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: SLIDE, easing: EASE });
}

function arrive(item: HTMLElement, key: string, state: string): void {
  const origin = origins.get(key);
  origins.delete(key);
  if (!origin || performance.now() - origin.at > FRESH) {
    return;
  }
  const layer = document.querySelector<HTMLElement>(".flights");
  const card = item.querySelector<HTMLElement>("[data-ref]");
  if (!layer || !card || (origin.column === state && origin.tilt === "none")) return;
  const to = card.getBoundingClientRect();
  const frame = layer.getBoundingClientRect();
  const double = card.cloneNode(true) as HTMLElement;
  double.removeAttribute("data-ref");
  double.removeAttribute("href");
  double.setAttribute("aria-hidden", "true");
  double.classList.add("card-flying");
  Object.assign(double.style, {
    left: `${to.left - frame.left}px`, top: `${to.top - frame.top}px`, width: `${to.width}px`, height: `${to.height}px`,
  });
  layer.append(double);
  card.style.opacity = "0";
  const start = `translate(${origin.rect.left - to.left}px, ${origin.rect.top - to.top}px) ${origin.tilt === "none" ? "" : origin.tilt}`;
  const flight = double.animate([{ transform: start }, { transform: "none" }], { duration: TRAVEL, easing: EASE });
  const land = () => {
    double.remove();
    card.style.opacity = "";
  };
  flight.onfinish = land;
  flight.oncancel = land;
}
