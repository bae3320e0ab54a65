/**
 * Which cards of a long column are drawn: those one can see and some around them. What is left out is a gap of its
 * height, so that the column scrolls as if all were there. Knows no DOM.
 */
import type { Task } from "../api/types";

/** A column of up to so many cards is drawn whole: then the browser's own search finds what is in it. */
export const WHOLE = 60;
/** Pixels drawn beyond what can be seen. */
const BEYOND = 900;
/** With less than this left, what is drawn moves on. */
const SLACK = 350;

/** A stretch of a column, in pixels from its first card. */
export interface Stretch {
  from: number;
  to: number;
}

/** What to draw for a view of `height` pixels scrolled by `top`; `drawn` itself while it will do. */
export function stretch(drawn: Stretch, top: number, height: number): Stretch {
  const enough = (top - SLACK >= drawn.from || drawn.from <= 0) && top + height + SLACK <= drawn.to;
  const idle = drawn.to - drawn.from > 2 * (height + 2 * BEYOND);
  if (enough && !idle) return drawn;
  return { from: Math.max(0, top - BEYOND), to: top + height + BEYOND };
}

/** An item, or a gap of so many pixels between two: those of them that are drawn, -1 and their number at the ends. */
export type Part = { item: number } | { gap: number; after: number; before: number };

/** The items that touch the stretch, and those to `keep`; between them gaps. */
export function parts(heights: readonly number[], { from, to }: Stretch, keep: (item: number) => boolean): Part[] {
  const found: Part[] = [];
  let top = 0;
  let gap = 0;
  let after = -1;
  const close = (before: number) => {
    if (gap > 0) found.push({ gap, after, before });
    gap = 0;
  };
  for (const [item, height] of heights.entries()) {
    if ((top + height > from && top < to) || keep(item)) {
      close(item);
      found.push({ item });
      after = item;
    } else gap += height;
    top += height;
  }
  close(heights.length);
  return found;
}

const LETTERS = 31;

/** About how high a card will be, before it was seen once; with the space below it. */
export function guess(task: Task): number {
  let width = 0;
  // CJK letters are about twice as wide.
  for (let i = 0; i < task.title.length && width <= LETTERS; i++) width += task.title.charCodeAt(i) > 0x2e7f ? 2 : 1;
  const title = width > LETTERS ? 40 : 20;
  const facts = Number(task.priority !== "none") + Number(task.due !== null) + Number(Boolean(task.checklist)) + Number(task.comment_count > 0);
  const meta = facts + task.labels.length === 0 ? 0 : facts + task.labels.length * 1.5 > 4.5 ? 52 : 28;
  return 23 + 20 + 4 + title + meta + 8;
}
