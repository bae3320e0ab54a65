/** What the workflow says before the server is asked. The server has the last word; this only spares a refusal. */
import type { Requirement, Role, State, Task, Workflow } from "../api/types";

export type Verdict =
  | { ok: true }
  | { ok: false; why: "viewer" }
  | { ok: false; why: "transition" }
  | { ok: false; why: "role"; roles: readonly Role[] }
  | { ok: false; why: "needs"; needs: readonly Requirement[] }
  | { ok: false; why: "full"; limit: number };

export type Counts = (state: string) => number;

const YES: Verdict = { ok: true };

/** May the task go to state `to`? */
export function mayMove(workflow: Workflow, role: Role, counts: Counts, task: Task, to: State): Verdict {
  const from = task.state;
  if (role === "viewer") return { ok: false, why: "viewer" };
  if (from === to.id) return YES;
  if (workflow.transitions) {
    const steps = workflow.transitions.filter((step) => step.from === from && step.to === to.id);
    if (steps.length === 0) return { ok: false, why: "transition" };
    const mine = steps.filter((step) => !step.roles || step.roles.includes(role));
    if (mine.length === 0) return { ok: false, why: "role", roles: steps.flatMap((step) => step.roles ?? []) };
    const needs = (mine[0]?.requires ?? []).filter((need) => !has(task, need));
    if (needs.length > 0) return { ok: false, why: "needs", needs };
  }
  return hasRoom(counts, to);
}

/** May a task be created in this state? Under enforced transitions only where work begins. */
export function mayCreate(workflow: Workflow, role: Role, counts: Counts, state: State): Verdict {
  if (role === "viewer") return { ok: false, why: "viewer" };
  if (workflow.transitions && state.category !== "backlog" && state.category !== "todo") {
    return { ok: false, why: "transition" };
  }
  return hasRoom(counts, state);
}

/** The way on under enforced transitions: the next column a task may go to; null at the end or where all is free. */
export function nextState(workflow: Workflow, role: Role, from: string): State | null {
  const { states, transitions } = workflow;
  const here = states.findIndex((state) => state.id === from);
  const on = states.slice(here + 1).find(
    (state) =>
      state.category !== "cancelled" &&
      transitions?.some((step) => step.from === from && step.to === state.id && (!step.roles || step.roles.includes(role))),
  );
  return on ?? null;
}

function hasRoom(counts: Counts, to: State): Verdict {
  if (to.wip_limit === null || counts(to.id) < to.wip_limit) return YES;
  return { ok: false, why: "full", limit: to.wip_limit };
}

function has(task: Task, need: Requirement): boolean {
  switch (need) {
    case "assignee":
      return task.assignees.length > 0;
    case "priority":
      return task.priority !== "none";
    case "checklist":
      return !task.checklist || task.checklist.done === task.checklist.total;
    default:
      return Boolean(task[need]);
  }
}
