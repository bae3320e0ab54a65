/** What waited without a line and then met somebody else's: what is asked of the person, and where. */
import { signal } from "@preact/signals";
import type { Comment, Task } from "../api/types";
import { fieldOf } from "../queue/meet";
import { refOf } from "../queue/queue";
import type { Refused } from "../queue/shelf";
import { dropRefused, refusals } from "./queue";
import { dueText, t } from "./text";

/** The text that is to be laid beside theirs as soon as it is shown. */
export const comparing = signal<{ ref: string; field: string } | null>(null);

/** What I wrote, that met somebody else's: to be compared, and put together. */
export interface MetText {
  one: Refused;
  ref: string;
  /** title, description or `comment:ID`. */
  field: string;
  mine: string;
  /** What it was made from, and the version that had it. */
  from: string;
  base: number;
  theirs: string;
}

/** What is refused as a text that met another; null where it is anything else. */
export function metText(one: Refused): MetText | null {
  const field = fieldOf(one);
  if (field === null || one.why.kind !== "refused") return null;
  const { action } = one.change;
  const now = one.why.problem.current as unknown;
  const ref = refOf(one.change);
  if (action.kind === "editComment") {
    return { one, ref, field, mine: action.body, from: action.was, base: action.base, theirs: (now as Comment).body };
  }
  if (action.kind !== "edit" || (field !== "title" && field !== "description")) return null;
  const theirs = (now as Task)[field];
  return { one, ref, field, mine: action.patch[field] ?? "", from: action.was?.[field] ?? theirs, base: action.base ?? 0, theirs };
}

/** What I wrote there while there was no line, and must be put together with what somebody else did. */
export function metTextOf(ref: string, field: string): MetText | null {
  const found = refusals.value.find((one) => refOf(one.change) === ref && fieldOf(one) === field);
  return found ? metText(found) : null;
}

/** It was seen to: nothing is left to ask. */
export function settleMet(ref: string, field: string): void {
  const met = metTextOf(ref, field);
  if (met) void dropRefused(met.one);
}

/** My choice and theirs of what is chosen and not written, in words; null for anything else. */
export function metChoice(one: Refused): { name: string; mine: string; theirs: string } | null {
  const field = fieldOf(one);
  const { action } = one.change;
  if (action.kind !== "edit" || one.why.kind !== "refused" || (field !== "priority" && field !== "due")) return null;
  const now = one.why.problem.current as unknown as Task;
  const said = (task: Partial<Task>) =>
    field === "priority" ? t.priorities[task.priority ?? "none"] : task.due ? dueText(task.due) : t.none;
  return { name: t[field], mine: said(action.patch), theirs: said(now) };
}
