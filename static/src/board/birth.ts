/** Where a new task may be made. */
import type { State } from "../api/types";
import { board, counts, role, states } from "../app/board";
import { t } from "../app/text";
import { mayCreate } from "../store/rules";

/** Where a new task goes when nobody says: to do, else backlog, else the first state that takes one. */
export function birthState(): State | undefined {
  const open = states.value.filter((state) => noNew(state) === "");
  return open.find((state) => state.category === "todo") ?? open.find((state) => state.category === "backlog") ?? open[0];
}

/** Why no task can be made in a state, "" where it can; null where the person may write nowhere. */
export function noNew(state: State): string | null {
  const workflow = board.value?.workflow;
  if (!workflow || role.value === "viewer") return null;
  const verdict = mayCreate(workflow, role.value, counts, state);
  if (verdict.ok) return "";
  return verdict.why === "full" ? t.why.full(state.name, verdict.limit) : null;
}
