import { describe, expect, test } from "vitest";
import { guess, type Part, parts, stretch } from "../../src/board/window";
import { task } from "../events";

const none = () => false;
const height = (heights: readonly number[], part: Part) => ("item" in part ? (heights[part.item] ?? 0) : part.gap);

describe("what of a column is drawn", () => {
  const heights = Array.from({ length: 1_000 }, (_, n) => 80 + (n % 5) * 20);
  const whole = heights.reduce((sum, one) => sum + one, 0);

  test("always fills the height of the whole column, in order, wherever one looks", () => {
    for (let from = 0; from < whole; from += 977) {
      const found = parts(heights, { from, to: from + 1_500 }, (n) => n === 3 || n === 700);
      expect(found.reduce((sum, part) => sum + height(heights, part), 0)).toBe(whole);
      const items = found.flatMap((part) => ("item" in part ? [part.item] : []));
      expect(items).toEqual([...items].sort((a, b) => a - b));
      expect(items).toContain(3);
      expect(items).toContain(700);
      expect(items.length).toBeLessThan(30);
    }
  });

  test("has every card that can be seen", () => {
    const found = parts(heights, { from: 5_000, to: 6_000 }, none).flatMap((part) => ("item" in part ? [part.item] : []));
    let top = 0;
    for (const [n, one] of heights.entries()) {
      expect(found.includes(n)).toBe(top + one > 5_000 && top < 6_000);
      top += one;
    }
  });

  test("gaps that stand beside each other are one, and each has a name of its own", () => {
    const found = parts([10, 10, 10, 10, 10], { from: 0, to: 10 }, (n) => n === 3);
    expect(found).toEqual([{ item: 0 }, { gap: 20, after: 0, before: 3 }, { item: 3 }, { gap: 10, after: 3, before: 5 }]);
  });

  test("a short column has no gap", () => {
    expect(parts([10, 20], { from: 0, to: 500 }, none)).toEqual([{ item: 0 }, { item: 1 }]);
    expect(parts([], { from: 0, to: 500 }, none)).toEqual([]);
  });
});

describe("when it moves on", () => {
  test("not for every step of the wheel", () => {
    const first = stretch({ from: 0, to: 0 }, 0, 800);
    expect(first).toEqual({ from: 0, to: 1_700 });
    expect(stretch(first, 500, 800)).toBe(first);
    const next = stretch(first, 600, 800);
    expect(next.to).toBeGreaterThan(first.to);
    expect(stretch(next, 580, 800)).toBe(next);
  });

  test("what can be seen is drawn after any jump", () => {
    let drawn = stretch({ from: 0, to: 0 }, 0, 800);
    for (const top of [0, 9_000, 40, 3_000, 2_900, 100_000, 0]) {
      drawn = stretch(drawn, top, 800);
      expect(drawn.from).toBeLessThanOrEqual(Math.max(0, top));
      expect(drawn.to).toBeGreaterThanOrEqual(top + 800);
    }
  });
});

test("a card is guessed by what is on it", () => {
  expect(guess(task(1))).toBe(75);
  expect(guess(task(1, { title: "A title so long that it takes a second line" }))).toBe(95);
  expect(guess(task(1, { title: "联系页面的中文版本需要重新设计和翻译" }))).toBe(95);
  expect(guess(task(1, { labels: ["a"], due: "2026-11-21" }))).toBe(103);
});
