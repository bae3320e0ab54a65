/** What the workflow says before the server is asked. The server has the last word; this only spares a refusal. */
import type { Role, State, Workflow } from "../api/types";

export type Verdict =
  | { ok: true }
  | { ok: false; why: "viewer" }
  | { ok: false; why: "transition"; allowed: readonly string[] }
  | { ok: false; why: "role"; roles: readonly Role[] }
  | { ok: false; why: "full"; limit: number };

export type Counts = (state: string) => number;

const YES: Verdict = { ok: true };

/** May a task in state `from` go to state `to`? */
export function mayMove(workflow: Workflow, role: Role, counts: Counts, from: string, to: State): Verdict {
  if (role === "viewer") return { ok: false, why: "viewer" };
  if (from === to.id) return YES;
  if (workflow.transitions) {
    const there = workflow.transitions.filter((step) => step.from === from);
    const steps = there.filter((step) => step.to === to.id);
    if (steps.length === 0) return { ok: false, why: "transition", allowed: there.map((step) => step.to) };
    if (!steps.some((step) => !step.roles?.length || step.roles.includes(role))) {
      return { ok: false, why: "role", roles: steps.flatMap((step) => step.roles ?? []) };
    }
  }
  return hasRoom(counts, to);
}

/** May a task be created in this state? Under enforced transitions only where work begins. */
export function mayCreate(workflow: Workflow, role: Role, counts: Counts, state: State): Verdict {
  if (role === "viewer") return { ok: false, why: "viewer" };
  if (workflow.transitions && state.category !== "backlog" && state.category !== "todo") {
    const starts = workflow.states.filter((one) => one.category === "backlog" || one.category === "todo");
    return { ok: false, why: "transition", allowed: starts.map((one) => one.id) };
  }
  return hasRoom(counts, state);
}

/** The states a task may go to next under enforced transitions, in the order of the columns; empty under free ones. */
export function nextStates(workflow: Workflow, role: Role, from: string): readonly State[] {
  const transitions = workflow.transitions;
  if (!transitions) return [];
  return workflow.states.filter((state) =>
    transitions.some(
      (step) => step.from === from && step.to === state.id && (!step.roles?.length || step.roles.includes(role)),
    ),
  );
}

function hasRoom(counts: Counts, to: State): Verdict {
  if (to.wip_limit === null || counts(to.id) < to.wip_limit) return YES;
  return { ok: false, why: "full", limit: to.wip_limit };
}
