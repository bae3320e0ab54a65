/** A workflow while it is being edited: what one can do to it. Nothing here knows the DOM or the server. */
import type { Requirement, Role, State, Transition, Workflow } from "../../api/types";

/** States and moves without a version. */
export type Rules = Pick<Workflow, "states" | "transitions">;

export interface Draft extends Rules {
  /** The moves as they were while "any move" hides them, so that switching it twice loses nothing. */
  resting: readonly Transition[] | null;
}

export const MOST_STATES = 50;
export const MOST_LIMIT = 1000;
export const NAME_MAX = 60;
const ID_MAX = 40;
/** No slug begins so: a state that the server has not seen yet. */
const NEW = "+";

export const draftOf = (rules: Rules): Draft => ({ states: rules.states, transitions: rules.transitions, resting: null });

export const isNewState = (id: string): boolean => id.startsWith(NEW);

export function stepOf(transitions: readonly Transition[] | null, from: string, to: string): Transition | undefined {
  return transitions?.find((step) => step.from === from && step.to === to);
}

/** A new state without a name, at the end; and its id until the server gets it. */
export function addState(draft: Draft): { draft: Draft; id: string } {
  let n = 1;
  while (draft.states.some((state) => state.id === `${NEW}${n}`)) n++;
  const id = `${NEW}${n}`;
  const state: State = { id, name: "", category: "doing", wip_limit: null };
  return { draft: { ...draft, states: [...draft.states, state] }, id };
}

export function dropState(draft: Draft, id: string): Draft {
  const without = (steps: readonly Transition[]) => steps.filter((step) => step.from !== id && step.to !== id);
  return {
    states: draft.states.filter((state) => state.id !== id),
    transitions: draft.transitions && without(draft.transitions),
    resting: draft.resting && without(draft.resting),
  };
}

export function changeState(draft: Draft, id: string, part: Partial<Omit<State, "id">>): Draft {
  return { ...draft, states: draft.states.map((state) => (state.id === id ? { ...state, ...part } : state)) };
}

/** The state at the index `to`, the others in their order. */
export function placeState(draft: Draft, id: string, to: number): Draft {
  const state = draft.states.find((one) => one.id === id);
  if (!state) return draft;
  const states = draft.states.filter((one) => one.id !== id);
  states.splice(Math.max(0, Math.min(states.length, to)), 0, state);
  return { ...draft, states };
}

/** Allow a move, or forbid it. */
export function toggleStep(draft: Draft, from: string, to: string): Draft {
  if (!draft.transitions || from === to) return draft;
  const there = stepOf(draft.transitions, from, to);
  const transitions = there ? draft.transitions.filter((step) => step !== there) : [...draft.transitions, { from, to }];
  return { ...draft, transitions };
}

/** Who may do a move, and what the task must have for it. Every member and nothing are left out. */
export function conditionStep(
  draft: Draft,
  from: string,
  to: string,
  { roles, requires }: { roles: readonly Role[] | null; requires: readonly Requirement[] },
): Draft {
  const step: Transition = { from, to };
  if (roles) step.roles = [...roles];
  if (requires.length > 0) step.requires = [...requires];
  const transitions = draft.transitions?.map((one) => (one.from === from && one.to === to ? step : one)) ?? null;
  return { ...draft, transitions };
}

/** Let a task go anywhere, or only along moves: those there were before, else each state to its neighbours. */
export function setAnyMove(draft: Draft, any: boolean): Draft {
  if (any === (draft.transitions === null)) return draft;
  if (any) return { ...draft, transitions: null, resting: draft.transitions };
  return { ...draft, transitions: [...(draft.resting ?? neighbours(draft.states))], resting: null };
}

/** To and fro along the board; what is not finished may be cancelled, and comes back from there to the first state. */
export function neighbours(states: readonly State[]): Transition[] {
  const line = states.filter((state) => state.category !== "cancelled");
  const steps: Transition[] = [];
  line.forEach((state, index) => {
    const next = line[index + 1];
    if (next) steps.push({ from: state.id, to: next.id }, { from: next.id, to: state.id });
  });
  for (const state of states.filter((one) => one.category === "cancelled")) {
    for (const open of line) if (open.category !== "done") steps.push({ from: open.id, to: state.id });
    const first = line[0];
    if (first) steps.push({ from: state.id, to: first.id });
  }
  return steps;
}

/** As it is sent: new states under slugs that none of `taken` has, names without spaces around them; and those slugs. */
export function settled(draft: Rules, taken: Iterable<string>): { rules: Rules; ids: ReadonlyMap<string, string> } {
  const used = new Set([...taken, ...draft.states.map((state) => state.id)]);
  const ids = new Map<string, string>();
  const states = draft.states.map((state) => {
    const name = state.name.trim();
    if (!isNewState(state.id)) return { ...state, name };
    const id = slug(name, used);
    used.add(id);
    ids.set(state.id, id);
    return { ...state, id, name };
  });
  const renamed = (id: string) => ids.get(id) ?? id;
  const transitions = draft.transitions?.map((step) => ({ ...step, from: renamed(step.from), to: renamed(step.to) })) ?? null;
  return { rules: { states, transitions }, ids };
}

/** An id for a state of that name: `[a-z0-9][a-z0-9-]{0,39}`. */
export function slug(name: string, used: ReadonlySet<string>): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const stem = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, ID_MAX - 4).replace(/-+$/, "") || "state";
  let id = stem;
  for (let n = 2; used.has(id); n++) id = `${stem}-${n}`;
  return id;
}
