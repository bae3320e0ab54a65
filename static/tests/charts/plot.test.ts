import { describe, expect, it } from "vitest";
import { daysBetween } from "../../src/charts/days";
import { apart, colours, flowOrder, labelled, nearest, shades, shortened, sinceBegun, stacked, topOf, weeksOf } from "../../src/charts/plot";
import type { Category } from "../../src/api/types";

const state = (id: string, category: Category) => ({ id, name: id.toUpperCase(), category });
const base = ({ category }: { category: Category }) => `var(--${category})`;
const STATES = [state("idea", "backlog"), state("todo", "todo"), state("doing", "doing"), state("review", "doing"), state("done", "done"), state("not", "cancelled")];

describe("the flow", () => {
  it("has what is done at its foot, then goes back along the workflow, without what was cancelled", () => {
    expect(flowOrder(STATES, []).map(({ id }) => id)).toEqual(["done", "review", "doing", "todo", "idea"]);
  });

  it("keeps the states that the workflow lost, those of done with done", () => {
    const past = [state("shipped", "done"), state("parked", "todo")];
    expect(flowOrder(STATES, past).map(({ id }) => id)).toEqual(["done", "shipped", "review", "doing", "todo", "idea", "parked"]);
  });

  it("stacks each day on its own", () => {
    const flow: { day: string; counts: Record<string, number> }[] = [{ day: "2026-01-01", counts: { done: 1, doing: 2 } }, { day: "2026-01-02", counts: { done: 4 } }];
    expect(stacked(["done", "doing"], flow)).toEqual([
      { id: "done", edges: [[0, 1], [0, 4]] },
      { id: "doing", edges: [[1, 3], [4, 4]] },
    ]);
  });

  it("gives each state the colour of the board, where no other has it", () => {
    expect([...colours(STATES, base).values()]).toEqual(["var(--backlog)", "var(--todo)", "var(--doing)", "color-mix(in oklab, var(--doing) 0%, var(--doing-far))", "var(--done)", "var(--cancelled)"]);
  });

  it("gives no two of 40 states one colour, and neighbours shades that are far apart", () => {
    const many = Array.from({ length: 40 }, (_, n) => state(`s${n}`, (["backlog", "todo", "doing", "done"] as const)[Math.floor(n / 10)] ?? "todo"));
    expect(new Set(colours(many, base).values()).size).toBe(40);
    for (const n of [2, 3, 4, 5, 6, 7, 20, 21, 40]) {
      const found = shades(n);
      expect(found[0]).toBe(0);
      expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, at) => at / (n - 1)));
      expect(Math.min(...found.slice(1).map((part, at) => Math.abs(part - (found[at] ?? 0))))).toBeGreaterThanOrEqual(n <= 5 ? 1 / n : 0.39);
    }
  });
});

it("a flow begins with the project, and has two weeks at least", () => {
  const days = (from: number) => Array.from({ length: 60 }, (_, n) => ({ day: `${n}`, counts: { a: 0, b: n < from ? 0 : 1 } }));
  expect([0, 1, 20, 59, 60].map((from) => sinceBegun(days(from))[0]?.day)).toEqual(["0", "0", "19", "46", "0"]);
});

describe("weeks", () => {
  const days = Array.from({ length: 16 }, (_, n) => ({ day: `2026-03-${String(n + 1).padStart(2, "0")}`, done: n }));

  it("have seven days and end with the last; days that make no whole week are left out", () => {
    expect(weeksOf(days)).toEqual([
      { from: "2026-03-03", to: "2026-03-09", done: 2 + 3 + 4 + 5 + 6 + 7 + 8 },
      { from: "2026-03-10", to: "2026-03-16", done: 9 + 10 + 11 + 12 + 13 + 14 + 15 },
    ]);
    expect(weeksOf(days.slice(0, 6))).toEqual([]);
  });
});

describe("labels", () => {
  it("stay where they are while there is room", () => expect(apart([10, 50, 90], 15, 200)).toEqual([10, 50, 90]));
  it("make room, and keep their order", () => expect(apart([52, 50, 51], 15, 200)).toEqual([80, 50, 65]));
  it("do not leave the drawing", () => expect(apart([95, 99, 98], 10, 100)).toEqual([80, 100, 90]));
  it("are shortened by their width, Chinese letters being wider", () => {
    expect(shortened("In progress", 11)).toBe("In progress");
    expect(shortened("Milk (in a shared house)", 11)).toBe("Milk (in a shared…");
    expect(shortened("等待供应商答复并且安排一次电话会议", 8)).toBe("等待供应商答复…");
  });
  it("of days are the first, the last and as many between as fit", () => {
    expect(labelled(60, 600, 100)).toEqual([0, 10, 20, 30, 39, 49, 59]);
    expect(labelled(60, 150, 100)).toEqual([0, 59]);
    expect(labelled(1, 600, 100)).toEqual([0]);
    expect(labelled(0, 600, 100)).toEqual([]);
  });
});

describe("the points of cycle times", () => {
  it("are found within reach alone", () => {
    const points = [{ x: 0, y: 0 }, { x: 10, y: 0 }];
    expect(nearest(points, 7, 1, 5)).toBe(1);
    expect(nearest(points, 4, 0, 5)).toBe(0);
    expect(nearest(points, 50, 50, 5)).toBeNull();
    expect(nearest([], 0, 0, 5)).toBeNull();
  });

  it("fill the scale, unless a few would press the rest to the floor", () => {
    expect(topOf([1, 2, 8], 5)).toBe(8);
    expect(topOf([1, 2, 80], 5)).toBe(8);
    expect(topOf([0.1], 0.1)).toBe(1);
    expect(topOf([], null)).toBe(1);
  });
});

it("days are counted between days, across a change of clocks too", () => {
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  expect(daysBetween("2026-12-31", "2027-01-01")).toBe(1);
});
