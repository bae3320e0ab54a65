import { describe, expect, it } from "vitest";
import type { State } from "../../../src/api/types";
import {
  addState, changeState, conditionStep, draftOf, dropState, neighbours, placeState, type Rules, setAnyMove, settled, slug, toggleStep,
} from "../../../src/store/workflow/draft";

const state = (id: string, category: State["category"] = "doing", over: Partial<State> = {}): State => ({ id, name: id, category, wip_limit: null, ...over });
const rules: Rules = {
  states: [state("todo", "todo"), state("doing"), state("done", "done")],
  transitions: [{ from: "todo", to: "doing" }, { from: "doing", to: "done", roles: ["owner"] }],
};

describe("a draft", () => {
  it("adds a state that gets its id from its name when it is sent", () => {
    const { draft, id } = addState(draftOf(rules));
    const named = toggleStep(changeState(draft, id, { name: " Code Review " }), "doing", id);
    const { rules: sent, ids } = settled(named, ["todo", "doing", "done"]);
    expect(sent.states.at(-1)).toEqual({ id: "code-review", name: "Code Review", category: "doing", wip_limit: null });
    expect(sent.transitions).toContainEqual({ from: "doing", to: "code-review" });
    expect(ids.get(id)).toBe("code-review");
  });

  it("gives no two states one id, nor a dropped one's", () => {
    const first = addState(draftOf(rules));
    const second = addState(changeState(first.draft, first.id, { name: "Done" }));
    const { rules: sent } = settled(changeState(second.draft, second.id, { name: "完成" }), ["review"]);
    expect(sent.states.map((one) => one.id)).toEqual(["todo", "doing", "done", "done-2", "state"]);
    expect(slug("Review", new Set(["review"]))).toBe("review-2");
    expect(slug("Überprüfung!", new Set())).toBe("uberprufung");
    expect(slug("x".repeat(90), new Set())).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
  });

  it("drops a state with its moves", () => {
    expect(dropState(draftOf(rules), "doing")).toEqual({
      states: [rules.states[0], rules.states[2]], transitions: [], resting: null,
    });
  });

  it.each([[0, ["done", "todo", "doing"]], [1, ["todo", "done", "doing"]], [9, ["todo", "doing", "done"]]])("puts a state at %i", (to, ids) =>
    expect(placeState(draftOf(rules), "done", to).states.map((one) => one.id)).toEqual(ids));

  it("allows and forbids a move, and says who may and what it needs", () => {
    const on = toggleStep(draftOf(rules), "todo", "done");
    expect(on.transitions).toHaveLength(3);
    expect(toggleStep(on, "todo", "done").transitions).toEqual(rules.transitions);
    expect(toggleStep(on, "todo", "todo")).toBe(on);
    const asked = conditionStep(on, "todo", "done", { roles: ["owner"], requires: ["due"] });
    expect(asked.transitions?.at(-1)).toEqual({ from: "todo", to: "done", roles: ["owner"], requires: ["due"] });
    expect(conditionStep(asked, "todo", "done", { roles: null, requires: [] }).transitions?.at(-1)).toEqual({ from: "todo", to: "done" });
  });

  it("keeps its moves while any move is allowed, also of what is dropped meanwhile", () => {
    const free = setAnyMove(draftOf(rules), true);
    expect(free.transitions).toBeNull();
    expect(setAnyMove(free, false).transitions).toEqual(rules.transitions);
    expect(setAnyMove(dropState(free, "done"), false).transitions).toEqual([{ from: "todo", to: "doing" }]);
  });

  it("begins with the way along the board where there were no moves", () => {
    const states = [...rules.states, state("cancelled", "cancelled")];
    const steps = setAnyMove(draftOf({ states, transitions: null }), false).transitions ?? [];
    expect(steps).toEqual(neighbours(states));
    expect(steps.map((step) => `${step.from}>${step.to}`)).toEqual([
      "todo>doing", "doing>todo", "doing>done", "done>doing", "todo>cancelled", "doing>cancelled", "cancelled>todo",
    ]);
  });
});
