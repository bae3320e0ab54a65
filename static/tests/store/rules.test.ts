import { describe, expect, it } from "vitest";
import type { State, Workflow } from "../../src/api/types";
import { mayCreate, mayMove, nextState } from "../../src/store/rules";
import { snapshot, task } from "../events";

const free = snapshot().workflow;
const strict: Workflow = {
  ...free,
  transitions: [{ from: "todo", to: "doing" }, { from: "doing", to: "done", roles: ["owner"] }],
};
const at = (id: string) => task(1, { state: id });
const state = (id: string): State => free.states.find((one) => one.id === id)!;
const counts = (full: Record<string, number>) => (id: string) => full[id] ?? 0;
const none = counts({});

describe("moves", () => {
  it.each([
    ["free transitions", mayMove(free, "member", none, at("done"), state("todo")), { ok: true }],
    ["a transition that is there", mayMove(strict, "member", none, at("todo"), state("doing")), { ok: true }],
    ["one that is not", mayMove(strict, "member", none, at("todo"), state("done")), { ok: false, why: "transition" }],
    ["one for another role", mayMove(strict, "member", none, at("doing"), state("done")), { ok: false, why: "role", roles: ["owner"] }],
    ["that role", mayMove(strict, "owner", none, at("doing"), state("done")), { ok: true }],
    [
      "one that asks for more",
      mayMove({ ...free, transitions: [{ from: "todo", to: "doing", requires: ["assignee", "due"] }] }, "member", none, task(1, { due: "2026-12-01" }), state("doing")),
      { ok: false, why: "needs", needs: ["assignee"] },
    ],
    ["a full state", mayMove(free, "member", counts({ doing: 2 }), at("todo"), state("doing")), { ok: false, why: "full", limit: 2 }],
    ["within a full state", mayMove(strict, "member", counts({ doing: 3 }), at("doing"), state("doing")), { ok: true }],
    ["a viewer", mayMove(free, "viewer", none, at("todo"), state("doing")), { ok: false, why: "viewer" }],
  ])("%s", (_name, verdict, expected) => expect(verdict).toEqual(expected));

  it("names the way on only where transitions are enforced, and only if one may go there", () => {
    expect(nextState(free, "member", "todo")).toBeNull();
    expect(nextState(strict, "member", "todo")?.id).toBe("doing");
    expect(nextState(strict, "member", "doing")).toBeNull();
    expect(nextState(strict, "owner", "doing")?.id).toBe("done");
  });
});

describe("creation", () => {
  it("is anywhere under free transitions, where work begins under enforced ones", () => {
    expect(mayCreate(free, "member", none, state("done")).ok).toBe(true);
    expect(mayCreate(strict, "member", none, state("todo")).ok).toBe(true);
    expect(mayCreate(strict, "member", none, state("done"))).toEqual({ ok: false, why: "transition" });
    expect(mayCreate(free, "member", counts({ doing: 2 }), state("doing"))).toEqual({ ok: false, why: "full", limit: 2 });
  });
});
