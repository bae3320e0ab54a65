/** What came back: in words, and whether the list of it is open. */
import { signal } from "@preact/signals";
import { Problem } from "../api/client";
import { type Change, isNew, refOf } from "../queue/queue";
import type { Refused } from "../queue/shelf";
import { board } from "./board";
import { toast } from "./notices";
import { explain, type Words } from "./problems";
import { t } from "./text";

export const listOpen = signal(false);

/** Say why the server did not do it. Throws what is no refusal. */
export function sayRefused(error: unknown): void {
  const { text, more } = explain(error, board.value?.workflow);
  toast(text, "refused", more);
}

/** "Move of WEB-42 to Review". */
export function deedOf({ action }: Change): string {
  const words = t.line.refused;
  if (action.kind === "create") return words.create;
  const ref = isNew(action.ref) ? t.line.newTask : action.ref;
  if (action.kind === "undo") return words.undo(ref, action.said);
  if (action.kind !== "move") return words[action.kind](ref);
  const { state } = action.place;
  return words.move(ref, board.value?.workflow.states.find((one) => one.id === state)?.name ?? state);
}

/** Whether it was refused because the task, or the comment, that it is about is not there: to try again is of no use. */
export function isGone({ change: { action }, why }: Refused): boolean {
  return why.kind === "refused" && why.status === 404 && !["create", "restore", "undo"].includes(action.kind);
}

/** Whether it is an undo that nothing brings about any more: what it would take back was changed since, or can't be. */
export function isPast({ change: { action }, why }: Refused): boolean {
  if (action.kind !== "undo" || why.kind !== "refused") return false;
  return why.problem.code === "undo_conflict" || why.problem.code === "not_undoable";
}

/** Why, and what would work. */
export function whyRefused(refused: Refused): Words {
  const { change, why } = refused;
  if (isGone(refused)) return { text: "comment" in change.action ? t.line.refused.goneComment : t.line.refused.gone(refOf(change)), more: undefined };
  if (why.kind !== "refused") return { text: t.line.refused[why.kind], more: undefined };
  const workflow = board.value?.project.key === change.project ? board.value.workflow : undefined;
  if (why.problem.code === "edit_conflict") return { text: t.line.refused.met, more: undefined };
  return explain(new Problem(why.status, why.problem), workflow);
}
