/** What lies between two workflows, one change at a time; and two people's changes put together. */
import type { Category, Requirement, Role, State, Transition } from "../../api/types";
import type { Rules } from "./draft";

export type Change =
  | { kind: "added" | "dropped"; state: string; name: string }
  | { kind: "renamed"; state: string; name: string; from: string }
  | { kind: "category"; state: string; name: string; to: Category }
  | { kind: "limit"; state: string; name: string; to: number | null }
  | { kind: "order" }
  | { kind: "any" | "enforced" }
  | { kind: "allowed" | "forbidden" | "conditions"; from: string; to: string; names: [string, string] };

/** A place that both changed, each to something else. */
export type Clash =
  | { kind: "name"; state: string; mine: string; theirs: string }
  | { kind: "category"; state: string; name: string; mine: Category; theirs: Category }
  | { kind: "limit"; state: string; name: string; mine: number | null; theirs: number | null }
  /** One dropped it, the other changed it: it stays. */
  | { kind: "dropped"; state: string; name: string }
  | { kind: "order" }
  | { kind: "move"; from: string; to: string; names: [string, string] };

export interface Merged {
  rules: Rules;
  /** In each of these mine stands in `rules`, but for what one of the two dropped. */
  clashes: Clash[];
}

export function changes(before: Rules, after: Rules): Change[] {
  const found: Change[] = [];
  const was = byId(before.states);
  const is = byId(after.states);
  for (const state of after.states) {
    const old = was.get(state.id);
    const { id, name } = state;
    if (!old) {
      found.push({ kind: "added", state: id, name });
      continue;
    }
    if (old.name !== name) found.push({ kind: "renamed", state: id, name, from: old.name });
    if (old.category !== state.category) found.push({ kind: "category", state: id, name, to: state.category });
    if (old.wip_limit !== state.wip_limit) found.push({ kind: "limit", state: id, name, to: state.wip_limit });
  }
  for (const state of before.states) if (!is.has(state.id)) found.push({ kind: "dropped", state: state.id, name: state.name });
  if (!sameOrder(before.states, after.states)) found.push({ kind: "order" });
  if (before.transitions && !after.transitions) found.push({ kind: "any" });
  if (!before.transitions && after.transitions) found.push({ kind: "enforced" });
  if (before.transitions && after.transitions) {
    const names = (step: Transition): [string, string] => {
      const name = (id: string) => is.get(id)?.name ?? was.get(id)?.name ?? id;
      return [name(step.from), name(step.to)];
    };
    const steps = byStep(before.transitions);
    for (const step of after.transitions) {
      const old = steps.get(keyOf(step));
      const kind = !old ? "allowed" : sameConditions(old, step) ? null : "conditions";
      if (kind) found.push({ kind, from: step.from, to: step.to, names: names(step) });
    }
    const left = byStep(after.transitions);
    for (const step of before.transitions) {
      // Of a state that goes its moves go too: that goes without saying.
      if (left.has(keyOf(step)) || !is.has(step.from) || !is.has(step.to)) continue;
      found.push({ kind: "forbidden", from: step.from, to: step.to, names: names(step) });
    }
  }
  return found;
}

export const same = (a: Rules, b: Rules): boolean => changes(a, b).length === 0;

/** Mine and theirs, both made from `base`, as one. Where both changed one thing differently mine stands. */
export function merge(base: Rules, mine: Rules, theirs: Rules): Merged {
  const clashes: Clash[] = [];
  const states = mergeStates(base, mine, theirs, clashes);
  const there = new Set(states.map((state) => state.id));
  const transitions = mergeSteps(base, mine, theirs, byId(states), clashes);
  return { rules: { states, transitions: transitions?.filter((step) => there.has(step.from) && there.has(step.to)) ?? null }, clashes };
}

function mergeStates(base: Rules, mine: Rules, theirs: Rules, clashes: Clash[]): State[] {
  const [was, my, their] = [byId(base.states), byId(mine.states), byId(theirs.states)];
  const merged = new Map<string, State>();
  for (const id of new Set([...my.keys(), ...their.keys()])) {
    const [old, a, b] = [was.get(id), my.get(id), their.get(id)];
    if (a && b) merged.set(id, mergeState(old ?? b, a, b, clashes));
    else if (!old) merged.set(id, (a ?? b) as State);
    else {
      // One dropped it: gone, unless the other changed it meanwhile.
      const left = (a ?? b) as State;
      if (sameState(old, left)) continue;
      clashes.push({ kind: "dropped", state: id, name: left.name });
      merged.set(id, left);
    }
  }
  const mineMoved = !sameOrder(base.states, mine.states);
  const theyMoved = !sameOrder(base.states, theirs.states);
  if (mineMoved && theyMoved && !sameOrder(mine.states, theirs.states)) clashes.push({ kind: "order" });
  const [first, second] = mineMoved || !theyMoved ? [mine.states, theirs.states] : [theirs.states, mine.states];
  return inOrder(merged, first, second);
}

function mergeState(old: State, a: State, b: State, clashes: Clash[]): State {
  const { id } = a;
  const name = pick(old.name, a.name, b.name, () => clashes.push({ kind: "name", state: id, mine: a.name, theirs: b.name }));
  return {
    id,
    name,
    category: pick(old.category, a.category, b.category, () =>
      clashes.push({ kind: "category", state: id, name, mine: a.category, theirs: b.category }),
    ),
    wip_limit: pick(old.wip_limit, a.wip_limit, b.wip_limit, () =>
      clashes.push({ kind: "limit", state: id, name, mine: a.wip_limit, theirs: b.wip_limit }),
    ),
  };
}

/** Those of `first` in its order; what only `second` has stands behind the one it follows there. */
function inOrder(states: ReadonlyMap<string, State>, first: readonly State[], second: readonly State[]): State[] {
  const order = first.map((state) => state.id).filter((id) => states.has(id));
  second.forEach(({ id }, index) => {
    if (!states.has(id) || order.includes(id)) return;
    const before = second.slice(0, index).reverse().find((one) => order.includes(one.id));
    order.splice(before ? order.indexOf(before.id) + 1 : 0, 0, id);
  });
  return order.flatMap((id) => states.get(id) ?? []);
}

function mergeSteps(
  base: Rules,
  mine: Rules,
  theirs: Rules,
  states: ReadonlyMap<string, State>,
  clashes: Clash[],
): Transition[] | null {
  // Whether moves are enforced at all: of two who agree on most only one can have switched it.
  if (!mine.transitions || !theirs.transitions) {
    const switchedByMe = (mine.transitions === null) !== (base.transitions === null);
    return switchedByMe ? mine.transitions : theirs.transitions;
  }
  const [was, my, their] = [byStep(base.transitions ?? []), byStep(mine.transitions), byStep(theirs.transitions)];
  const merged: Transition[] = [];
  for (const key of new Set([...my.keys(), ...their.keys(), ...was.keys()])) {
    const old = was.get(key);
    const any = (my.get(key) ?? their.get(key) ?? old) as Transition;
    // Who lacks one of the states said nothing about moves between them.
    const a = knows(mine, any) ? my.get(key) : old;
    const b = knows(theirs, any) ? their.get(key) : old;
    const name = (id: string) => states.get(id)?.name ?? id;
    const step = pick(old, a, b, () => {
      clashes.push({ kind: "move", from: any.from, to: any.to, names: [name(any.from), name(any.to)] });
    }, sameStep);
    if (step) merged.push(step);
  }
  return merged;
}

function knows({ states }: Rules, step: Transition): boolean {
  return states.some((state) => state.id === step.from) && states.some((state) => state.id === step.to);
}

function pick<T>(old: T, mine: T, theirs: T, clash: () => void, equal: (a: T, b: T) => boolean = Object.is): T {
  if (equal(mine, theirs) || equal(old, theirs)) return mine;
  if (equal(old, mine)) return theirs;
  clash();
  return mine;
}

const keyOf = (step: Transition): string => `${step.from} ${step.to}`;
const byId = (states: readonly State[]): Map<string, State> => new Map(states.map((state) => [state.id, state]));
const byStep = (steps: readonly Transition[]): Map<string, Transition> => new Map(steps.map((step) => [keyOf(step), step]));

function sameState(a: State, b: State): boolean {
  return a.name === b.name && a.category === b.category && a.wip_limit === b.wip_limit;
}

function sameStep(a: Transition | undefined, b: Transition | undefined): boolean {
  return a && b ? sameConditions(a, b) : a === b;
}

export function sameConditions(a: Transition, b: Transition): boolean {
  return sameSet<Role>(rolesOf(a), rolesOf(b)) && sameSet<Requirement>(a.requires ?? [], b.requires ?? []);
}

/** Who may do it; naming every member says the same as naming none. */
export function rolesOf(step: Transition): readonly Role[] {
  return step.roles ?? ["member", "owner"];
}

function sameSet<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

/** Do those that both have stand in the same order? */
function sameOrder(a: readonly State[], b: readonly State[]): boolean {
  const ids = (states: readonly State[], other: readonly State[]) =>
    states.map((state) => state.id).filter((id) => other.some((one) => one.id === id));
  const [here, there] = [ids(a, b), ids(b, a)];
  return here.every((id, index) => id === there[index]);
}
