import { describe, expect, it } from "vitest";
import type { State } from "../../../src/api/types";
import { type Picture, picture } from "../../../src/store/workflow/picture";
import type { Rules } from "../../../src/store/workflow/draft";

const states = (n: number): State[] => Array.from({ length: n }, (_, i) => ({ id: `s${i}`, name: `S${i}`, category: "doing", wip_limit: null }));
const all = (n: number): Rules => ({
  states: states(n),
  transitions: states(n).flatMap((from) => states(n).filter((to) => to.id !== from.id).map((to) => ({ from: from.id, to: to.id }))),
});

/** The upright part of a line: where it is and from where to where. */
function uprights({ arrows }: Picture): { x: number; low: number; high: number }[] {
  return arrows.flatMap(({ path }) => {
    const found = /Q(-?[\d.]+) [\d.]+ [\d.]+ ([\d.]+)V([\d.]+)/.exec(path);
    if (!found) return [];
    const [x, a, b] = found.slice(1).map(Number) as [number, number, number];
    return [{ x, low: Math.min(a, b), high: Math.max(a, b) }];
  });
}

describe("the picture", () => {
  it.each([2, 3, 6, 9])("of %i states with every move has an arrow for each, and no line along another", (n) => {
    const drawn = picture(all(n));
    expect(drawn.arrows).toHaveLength(n * (n - 1));
    const lines = uprights(drawn);
    for (const [i, a] of lines.entries()) {
      for (const b of lines.slice(i + 1)) expect(a.x === b.x && a.low < b.high && b.low < a.high).toBe(false);
      expect(a.x).toBeGreaterThan(0);
      expect(a.x).toBeLessThan(drawn.width);
      // Beside the states, never through them.
      for (const box of drawn.boxes) expect(a.x > box.x && a.x < box.x + box.width).toBe(false);
    }
  });

  it("begins and ends each line at a side of its state, with room between any two there", () => {
    const drawn = picture(all(7));
    const ends = new Map<string, number[]>();
    for (const { step, path } of drawn.arrows) {
      const [start, end] = [/^M([\d.]+) ([\d.]+)/.exec(path), /Q[\d.]+ ([\d.]+) [\d.]+ [\d.]+H([\d.]+)$/.exec(path)];
      if (!start || !end) continue;
      for (const [id, x, y] of [[step.from, Number(start[1]), Number(start[2])], [step.to, Number(end[2]), Number(end[1])]] as const) {
        const box = drawn.boxes.find((one) => one.state.id === id)!;
        expect([box.x, box.x + box.width]).toContain(x);
        expect(y).toBeGreaterThan(box.y);
        expect(y).toBeLessThan(box.y + box.height);
        ends.set(`${id} ${x}`, [...(ends.get(`${id} ${x}`) ?? []), y]);
      }
    }
    for (const list of ends.values()) {
      const sorted = [...list].sort((a, b) => a - b);
      sorted.slice(1).forEach((y, i) => expect(y - (sorted[i] ?? 0)).toBeGreaterThanOrEqual(6));
    }
  });

  it("without moves is the states alone, one below the other", () => {
    const drawn = picture({ states: states(3), transitions: null });
    expect(drawn.arrows).toEqual([]);
    drawn.boxes.slice(1).forEach((box, i) => expect(box.y).toBeGreaterThan((drawn.boxes[i]?.y ?? 0) + (drawn.boxes[i]?.height ?? 0)));
    expect(picture({ states: [], transitions: null }).boxes).toEqual([]);
  });
});
