import { describe, expect, it } from "vitest";
import type { State, Transition } from "../../../src/api/types";
import { faults, traps } from "../../../src/store/workflow/check";

const state = (id: string, category: State["category"], over: Partial<State> = {}): State => ({ id, name: id, category, wip_limit: null, ...over });
const steps = (...list: string[]): Transition[] => list.map((one) => ({ from: one.split(">")[0] ?? "", to: one.split(">")[1] ?? "" }));
const states = [state("todo", "todo"), state("doing", "doing"), state("review", "doing"), state("done", "done")];

describe("the check", () => {
  it("finds nothing in a way that ends", () => {
    expect(traps({ states, transitions: steps("todo>doing", "doing>review", "review>done") })).toEqual([]);
    expect(traps({ states, transitions: null })).toEqual([]);
  });

  it("names a dead end, and what is never reached", () => {
    expect(traps({ states, transitions: steps("todo>doing", "todo>done", "review>done") })).toEqual([
      { kind: "dead_end", state: "doing" },
      { kind: "unreachable", state: "review" },
    ]);
  });

  it("names states from which tasks only go in circles", () => {
    expect(traps({ states, transitions: steps("todo>doing", "doing>review", "review>doing", "todo>done") })).toEqual([
      { kind: "endless", state: "doing" },
      { kind: "endless", state: "review" },
    ]);
  });

  it("counts cancelled as an end, but misses a state for what is done", () => {
    const two = [state("todo", "todo"), state("off", "cancelled")];
    expect(traps({ states: two, transitions: steps("todo>off") })).toEqual([{ kind: "no_done" }]);
    expect(traps({ states: two, transitions: null })).toEqual([{ kind: "no_done" }]);
  });

  it("finds what the server would refuse", () => {
    const bad = [
      state("a", "doing", { name: "Doing" }), state("b", "doing", { name: " doing " }), state("c", "doing", { name: "  " }),
      state("d", "done", { wip_limit: 0 }), state("e", "done", { wip_limit: Number.NaN }), state("f", "done", { wip_limit: 1001 }),
    ];
    expect(faults({ states: bad, transitions: [] })).toEqual([
      { kind: "name_twice", state: "a" }, { kind: "name_twice", state: "b" }, { kind: "unnamed", state: "c" },
      { kind: "limit", state: "d" }, { kind: "limit", state: "e" }, { kind: "limit", state: "f" }, { kind: "no_birth" },
    ]);
    expect(faults({ states, transitions: [] })).toEqual([]);
    expect(faults({ states: [], transitions: null })).toEqual([{ kind: "no_state" }]);
  });
});
