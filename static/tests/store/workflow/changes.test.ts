import { describe, expect, it } from "vitest";
import type { State } from "../../../src/api/types";
import { changes, merge, same } from "../../../src/store/workflow/changes";
import { changeState, draftOf, dropState, placeState, type Rules, setAnyMove, toggleStep } from "../../../src/store/workflow/draft";

const state = (id: string, category: State["category"] = "doing"): State => ({ id, name: id.toUpperCase(), category, wip_limit: null });
const base: Rules = {
  states: [state("a", "todo"), state("b"), state("c"), state("d", "done")],
  transitions: [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "c", to: "d" }],
};
const mine = (...how: ((draft: ReturnType<typeof draftOf>) => ReturnType<typeof draftOf>)[]) => how.reduce((draft, one) => one(draft), draftOf(base));
const rename = (id: string, name: string) => (draft: ReturnType<typeof draftOf>) => changeState(draft, id, { name });

describe("changes", () => {
  it("are none between the same rules, in whatever order the moves stand", () => {
    expect(same(base, { ...base, transitions: [...(base.transitions ?? [])].reverse() })).toBe(true);
    expect(same(base, { ...base, transitions: base.transitions?.map((step) => ({ ...step, roles: ["owner", "member"] })) ?? null })).toBe(true);
  });

  it("say each thing once", () => {
    const after = mine(
      rename("a", "New"),
      (draft) => changeState(draft, "b", { category: "todo", wip_limit: 3 }),
      (draft) => placeState(draft, "d", 0),
      (draft) => dropState(draft, "c"),
      (draft) => toggleStep(draft, "a", "b"),
      (draft) => toggleStep(draft, "b", "d"),
    );
    expect(changes(base, after)).toEqual([
      { kind: "order" },
      { kind: "renamed", state: "a", name: "New", from: "A" },
      { kind: "category", state: "b", name: "B", to: "todo" },
      { kind: "limit", state: "b", name: "B", to: 3 },
      { kind: "dropped", state: "c", name: "C" },
      { kind: "allowed", from: "b", to: "d", names: ["B", "D"] },
      { kind: "forbidden", from: "a", to: "b", names: ["New", "B"] },
    ].sort((x, y) => order(x.kind) - order(y.kind)));
  });
});

const order = (kind: string) => ["renamed", "category", "limit", "dropped", "order", "allowed", "forbidden"].indexOf(kind);

describe("two who changed it", () => {
  it("get both where they changed different things", () => {
    const { rules, clashes } = merge(
      base,
      mine(rename("a", "Mine"), (draft) => toggleStep(draft, "a", "d")),
      mine((draft) => changeState(draft, "a", { wip_limit: 2 }), (draft) => toggleStep(draft, "b", "c"), (draft) => placeState(draft, "d", 0)),
    );
    expect(clashes).toEqual([]);
    expect(rules.states.map((one) => one.id)).toEqual(["d", "a", "b", "c"]);
    expect(rules.states[1]).toEqual({ id: "a", name: "Mine", category: "todo", wip_limit: 2 });
    expect(new Set(rules.transitions?.map((step) => step.from + step.to))).toEqual(new Set(["ab", "cd", "ad"]));
  });

  it("are told where they changed one thing differently, and mine stands", () => {
    const { rules, clashes } = merge(base, mine(rename("b", "Mine")), mine(rename("b", "Theirs")));
    expect(clashes).toEqual([{ kind: "name", state: "b", mine: "Mine", theirs: "Theirs" }]);
    expect(rules.states[1]?.name).toBe("Mine");
    expect(merge(base, mine(rename("b", "Same")), mine(rename("b", "Same"))).clashes).toEqual([]);
  });

  it("lose no state that one changed and the other dropped, nor its moves", () => {
    const { rules, clashes } = merge(base, mine((draft) => dropState(draft, "c")), mine(rename("c", "Kept")));
    expect(clashes).toEqual([{ kind: "dropped", state: "c", name: "Kept" }]);
    expect(rules.states.map((one) => one.id)).toEqual(["a", "b", "c", "d"]);
    expect(rules.transitions).toHaveLength(3);
  });

  it("drop what one dropped and the other left alone, with every move of it", () => {
    const { rules, clashes } = merge(base, mine((draft) => dropState(draft, "c")), mine((draft) => toggleStep(draft, "a", "c"), rename("a", "Theirs")));
    expect(clashes).toEqual([]);
    expect(rules.states.map((one) => one.id)).toEqual(["a", "b", "d"]);
    expect(rules.transitions).toEqual([{ from: "a", to: "b" }]);
  });

  it("take over the switch to any move from whoever switched", () => {
    expect(merge(base, mine(rename("a", "Mine")), mine((draft) => setAnyMove(draft, true))).rules.transitions).toBeNull();
    expect(merge(base, mine((draft) => setAnyMove(draft, true)), mine((draft) => toggleStep(draft, "a", "d"))).rules.transitions).toBeNull();
  });

  it("come to the same from both sides, as long as nothing clashes", () => {
    const [one, two] = [mine(rename("a", "One"), (draft) => toggleStep(draft, "a", "c")), mine((draft) => dropState(draft, "b"), rename("d", "Two"))];
    const [there, back] = [merge(base, one, two), merge(base, two, one)];
    expect(there.clashes).toEqual([]);
    expect(same(there.rules, back.rules)).toBe(true);
    expect(same(merge(base, one, base).rules, one)).toBe(true);
    expect(same(merge(base, base, two).rules, two)).toBe(true);
  });
});
