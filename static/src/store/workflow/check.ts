/** What is wrong with a workflow: faults the server would refuse, and traps in which tasks would be caught. */
import type { Category, State, Transition } from "../../api/types";
import { MOST_LIMIT, NAME_MAX, type Rules } from "./draft";

export type Fault =
  | { kind: "unnamed" | "name_long" | "name_twice" | "limit"; state: string }
  | { kind: "no_birth" | "no_state" };

export type Trap =
  /** Nothing leads out of it, and work does not end there. */
  | { kind: "dead_end"; state: string }
  /** Tasks go on from here, but never to a state where work ends. */
  | { kind: "endless"; state: string }
  /** No task ever comes here: nothing leads to it from where tasks begin. */
  | { kind: "unreachable"; state: string }
  /** No state in which work is done. */
  | { kind: "no_done" };

const BIRTH: readonly Category[] = ["backlog", "todo"];
const END: readonly Category[] = ["done", "cancelled"];

/** What the server would refuse. */
export function faults({ states, transitions }: Rules): Fault[] {
  const found: Fault[] = [];
  if (states.length === 0) found.push({ kind: "no_state" });
  const names = new Map<string, number>();
  const folded = (state: State) => state.name.trim().toLowerCase();
  for (const state of states) names.set(folded(state), (names.get(folded(state)) ?? 0) + 1);
  for (const state of states) {
    if (folded(state) === "") found.push({ kind: "unnamed", state: state.id });
    else if ([...state.name.trim()].length > NAME_MAX) found.push({ kind: "name_long", state: state.id });
    else if ((names.get(folded(state)) ?? 0) > 1) found.push({ kind: "name_twice", state: state.id });
    const limit = state.wip_limit;
    if (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= MOST_LIMIT)) found.push({ kind: "limit", state: state.id });
  }
  if (transitions && states.length > 0 && !states.some((state) => BIRTH.includes(state.category))) found.push({ kind: "no_birth" });
  return found;
}

/** Where tasks would be caught, or never come. Who may move and what a move requires is not asked. */
export function traps({ states, transitions }: Rules): Trap[] {
  const found: Trap[] = [];
  if (transitions) {
    const born = reach(states.filter((state) => BIRTH.includes(state.category)), transitions, (step) => [step.from, step.to]);
    const ending = reach(states.filter((state) => END.includes(state.category)), transitions, (step) => [step.to, step.from]);
    for (const state of states) {
      if (!born.has(state.id)) found.push({ kind: "unreachable", state: state.id });
      if (ending.has(state.id)) continue;
      const out = transitions.some((step) => step.from === state.id);
      found.push({ kind: out ? "endless" : "dead_end", state: state.id });
    }
  }
  if (states.length > 0 && !states.some((state) => state.category === "done")) found.push({ kind: "no_done" });
  return found;
}

/** Every state that a walk from `starts` comes to, themselves included; `ends` says which way a step is walked. */
function reach(starts: readonly State[], transitions: readonly Transition[], ends: (step: Transition) => [string, string]): Set<string> {
  const seen = new Set(starts.map((state) => state.id));
  const open = [...seen];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const step of transitions) {
      const [from, to] = ends(step);
      if (from !== at || seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}
