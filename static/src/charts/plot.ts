/** What the charts compute from the figures before anything is drawn. Knows no DOM. */
import { stack, stackOrderNone } from "d3-shape";
import type { Category } from "../api/types";
import type { FlowDay, StateFigure, DoneDay } from "./shape";

export interface Layer {
  id: string;
  name: string;
  colour: string;
}

/** Families of one hue: the colours that states wear on the board, and the far end of their shades in the charts. */
const FAMILIES: readonly { bases: readonly string[]; far: string }[] = [
  { bases: ["var(--backlog)", "var(--todo)"], far: "var(--todo-far)" },
  { bases: ["var(--doing)"], far: "var(--doing-far)" },
  { bases: ["var(--review)"], far: "var(--review-far)" },
  { bases: ["var(--done)"], far: "var(--done-far)" },
  { bases: ["var(--cancelled)"], far: "var(--cancelled-far)" },
];

/** So many shades stand in order; more would be too near to their neighbours. */
const IN_ORDER = 5;

/**
 * `n` places from 0 to 1, all different, the first 0. Few go from one end to the other. Many go to and fro, so that each
 * is nearly half of the way from its neighbours.
 */
export function shades(n: number): number[] {
  const half = Math.ceil(n / 2);
  const place = n <= IN_ORDER ? (at: number) => at : (at: number) => (at % 2 === 0 ? at / 2 : half + (at - 1) / 2);
  return Array.from({ length: n }, (_, at) => (n < 2 ? 0 : place(at) / (n - 1)));
}

/**
 * Each state with a colour that no other in a chart has: the one that it wears on the board, and where several wear the
 * same, shades from there to the far end of the hue.
 */
export function colours<S extends { id: string; category: Category }>(states: readonly S[], base: (state: S) => string): ReadonlyMap<string, string> {
  const found = new Map(states.map((state) => [state.id, base(state)]));
  for (const { bases, far } of FAMILIES) {
    const members = states.filter((state) => bases.includes(base(state)));
    if (new Set(members.map(base)).size === members.length) continue;
    const [from = ""] = bases;
    shades(members.length).forEach((part, n) => {
      const id = members[n]?.id ?? "";
      found.set(id, part === 0 ? from : `color-mix(in oklab, ${from} ${Math.round(1000 * (1 - part)) / 10}%, ${far})`);
    });
  }
  return found;
}

type Named = Pick<StateFigure, "id" | "name" | "category">;

/**
 * The states of the flow from the bottom of the stack: what is done first, then back along the workflow, then what the
 * workflow has lost. Cancelled tasks are no part of the flow.
 */
export function flowOrder<S extends Named>(states: readonly S[], past: readonly S[]): S[] {
  const going = [...past.toReversed(), ...states].filter(({ category }) => category !== "cancelled").reverse();
  return [...going.filter(({ category }) => category === "done"), ...going.filter(({ category }) => category !== "done")];
}

/** The categories of the flow from the bottom of the stack. */
export const FLOWING = ["done", "doing", "todo", "backlog"] as const;

/** Of so many states the parts of a day are too thin to be told apart: a reader wants the categories first. */
export const MANY_STATES = 8;

export const countOf = ({ counts }: FlowDay, id: string): number => counts[id] ?? 0;

/** How many days a flow has at least. */
const FEWEST_DAYS = 14;

/** The days of a flow without those before there was anything: a project's first weeks are not a line at the edge. */
export function sinceBegun(days: readonly FlowDay[]): readonly FlowDay[] {
  const begun = days.findIndex(({ counts }) => Object.values(counts).some((n) => n > 0));
  return begun <= 0 ? days : days.slice(Math.min(begun - 1, Math.max(0, days.length - FEWEST_DAYS)));
}

/** For each state in `order` its lower and upper edge on each day. */
export function stacked(order: readonly string[], flow: readonly FlowDay[]): { id: string; edges: [number, number][] }[] {
  const layers = stack<FlowDay, string>().keys(order).value(countOf).order(stackOrderNone)([...flow]);
  return layers.map((layer) => ({ id: layer.key, edges: layer.map(([low, high]) => [low, high]) }));
}

export interface Week {
  from: string;
  to: string;
  done: number;
}

/** Weeks of seven days, the last of which ends with the last day. */
export function weeksOf(days: readonly DoneDay[]): Week[] {
  const weeks: Week[] = [];
  for (let end = days.length; end >= 7; end -= 7) {
    const week = days.slice(end - 7, end);
    const [first, last] = [week[0], week.at(-1)];
    if (first && last) weeks.unshift({ from: first.day, to: last.day, done: week.reduce((sum, day) => sum + day.done, 0) });
  }
  return weeks;
}

/** Places at least `gap` apart, as near to where they were as it goes, in the same order, none beyond `most`. */
export function apart(wanted: readonly number[], gap: number, most: number): number[] {
  const order = wanted.map((at, n) => ({ at, n })).sort((a, b) => a.at - b.at);
  order.forEach((one, n) => {
    one.at = Math.max(one.at, (order[n - 1]?.at ?? -Infinity) + gap);
  });
  let limit = most;
  for (const one of order.toReversed()) {
    one.at = Math.min(one.at, limit);
    limit = one.at - gap;
  }
  return order.sort((a, b) => a.n - b.n).map(({ at }) => at);
}

/** The beginning of a text that is about so many ems wide, with "…" where it does not end there. */
export function shortened(text: string, ems: number): string {
  const letters = [...text];
  let left = ems;
  const fits = letters.findIndex((letter) => (left -= letter > "\u2e7f" ? 1 : 0.57) < 0);
  return fits < 0 ? text : `${letters.slice(0, Math.max(1, fits - 1)).join("").trimEnd()}…`;
}

/** Which of `count` days get a label: the last, and as many before it as fit, evenly. */
export function labelled(count: number, width: number, each: number): number[] {
  if (count < 2) return count === 1 ? [0] : [];
  const parts = Math.max(1, Math.min(Math.floor(width / each), 6));
  return [...new Set(Array.from({ length: parts + 1 }, (_, n) => Math.round(((count - 1) * n) / parts)))];
}

/** The index of the point nearest to a place, if one is within reach. */
export function nearest(points: readonly { x: number; y: number }[], x: number, y: number, within: number): number | null {
  let best: number | null = null;
  let least = within * within;
  points.forEach((point, n) => {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= least) [best, least] = [n, distance];
  });
  return best;
}

/**
 * The top of a scale of days: of what is drawn all, unless a few would press the rest to the floor; those are drawn on
 * the upper edge.
 */
export function topOf(values: readonly number[], p95: number | null): number {
  const most = Math.max(1, ...values);
  return p95 !== null && most > 2.5 * p95 ? Math.max(1, 1.6 * p95) : most;
}
