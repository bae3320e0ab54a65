/** A card in the hand: which, over what, and where it may go. The same for pointer and keyboard. */
import { signal } from "@preact/signals";
import type { Task } from "../api/types";
import { board, counts, filtered, role, shown, stateOf } from "../app/board";
import { move } from "../app/commands";
import { say, toast } from "../app/notices";
import { whyNot } from "../app/problems";
import { anyOf, t } from "../app/text";
import type { Place } from "../store/overlay";
import { mayMove, type Verdict } from "../store/rules";

/** A place on the board: directly above the card `before`, or at the end. */
export interface Spot {
  state: string;
  before: string | null;
}

export interface Drag {
  ref: string;
  task: Task;
  how: "pointer" | "keys";
  from: Spot;
  /** Where it would go now; null: nowhere, it would go back. */
  over: Spot | null;
  /** The column under the pointer, allowed or not. */
  at: string | null;
  verdicts: ReadonlyMap<string, Verdict>;
  height: number;
}

export const drag = signal<Drag | null>(null);

/** The cards of a column as they stand without the one in the hand. */
export function others(state: string, ref: string): readonly Task[] {
  return (filtered.value?.columns.get(state) ?? []).filter((task) => task.ref !== ref);
}

/** Take a card up. Answers false where it may not be. */
export function lift(ref: string, how: Drag["how"], height: number): boolean {
  const task = shown.value?.tasks.get(ref);
  const workflow = board.value?.workflow;
  if (!task || !workflow) return false;
  if (role.value === "viewer") {
    say(t.why.viewer);
    return false;
  }
  const list = filtered.value?.columns.get(task.state) ?? [];
  const next = list[list.findIndex((one) => one.ref === ref) + 1];
  const from = { state: task.state, before: next?.ref ?? null };
  const verdicts = new Map(
    workflow.states.map((state) => [state.id, mayMove(workflow, role.value, counts, task, state)] as const),
  );
  drag.value = { ref, task, how, from, over: from, at: task.state, verdicts, height };
  return true;
}

export function hover(at: string | null, over: Spot | null): void {
  const now = drag.value;
  if (!now || (now.at === at && now.over?.state === over?.state && now.over?.before === over?.before)) return;
  drag.value = { ...now, at, over };
}

/** Why the card in the hand may not go to a state; "" where it may. */
export function reason(now: Drag, id: string): string {
  const verdict = now.verdicts.get(id);
  const to = stateOf(id);
  const workflow = board.value?.workflow;
  if (!verdict || verdict.ok || !to || !workflow) return "";
  return whyNot(verdict, stateOf(now.from.state), to);
}

/** Let go: where it is over, or back to where it was. */
export function drop(): void {
  const now = drag.value;
  drag.value = null;
  if (!now) return;
  if (!now.over) {
    const why = now.at ? reasonWithAdvice(now, now.at) : null;
    if (why) toast(why.text, "refused", why.more);
    else say(t.drag.back(now.ref));
    return;
  }
  const { state, before } = now.over;
  if (state === now.from.state && before === now.from.before) {
    say(t.drag.back(now.ref));
    return;
  }
  void move(now.ref, placeFor(state, before, now.ref));
}

export function cancel(): void {
  const now = drag.value;
  drag.value = null;
  if (now) say(t.drag.back(now.ref));
}

/** At the end of what is shown, a filter may hide cards below: stay next to the one that is seen. */
function placeFor(state: string, before: string | null, ref: string): Place {
  if (before) return { state, before };
  const last = others(state, ref).at(-1);
  return last ? { state, after: last.ref } : { state };
}

function reasonWithAdvice(now: Drag, id: string): { text: string; more: string | undefined } | null {
  const verdict = now.verdicts.get(id);
  const to = stateOf(id);
  const workflow = board.value?.workflow;
  if (!verdict || verdict.ok || !to || !workflow) return null;
  const open = workflow.states.filter((state) => state.id !== now.from.state && now.verdicts.get(state.id)?.ok);
  const text = whyNot(verdict, stateOf(now.from.state), to);
  return { text, more: open.length > 0 ? t.why.allowed(anyOf(open.map((state) => state.name))) : t.why.nowhere };
}
