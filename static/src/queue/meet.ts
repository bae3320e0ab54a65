/**
 * What becomes of an edit that waited and then met somebody else's: what can be done without asking is done, each field
 * that cannot is a question of its own. Nothing here knows the DOM.
 */
import type { ProblemBody } from "../api/client";
import type { Task } from "../api/types";
import type { Editable } from "../store/overlay";
import { reticked } from "../writing/marks";
import type { Change } from "./queue";
import type { Refused } from "./shelf";

export interface Meeting {
  /** What is to be sent after all, in its place; null for nothing. */
  again: Change | null;
  /** The fields in which both changed the same, each a change by itself. */
  open: readonly Change[];
}

type Field = keyof Editable;

/**
 * Of an edit that the server refused as `edit_conflict`: fields that nobody else changed are set all the same; people
 * and labels that I added or took off, and boxes that I ticked, are so in what the others made of them.
 */
export function meet(change: Change, problem: ProblemBody): Meeting | null {
  const { action } = change;
  if (problem.code !== "edit_conflict" || !problem.current) return null;
  if (action.kind !== "edit") return { again: null, open: [change] };
  const now = problem.current as unknown as Task;
  const met = new Set(problem.conflicts ?? Object.keys(action.patch));
  const again: Record<string, unknown> = {};
  const open: Change[] = [];
  for (const field of Object.keys(action.patch) as Field[]) {
    const mine = met.has(field) ? merged(field, action.was?.[field], action.patch[field], now[field]) : action.patch[field];
    if (mine === undefined) {
      const only = <T extends Editable>(fields: T | undefined) => ({ [field]: fields?.[field] });
      open.push({ ...change, id: `${change.id}:${field}`, action: { ...action, patch: only(action.patch), was: only(action.was) } });
    } else if (JSON.stringify(mine) !== JSON.stringify(now[field])) again[field] = mine;
  }
  const left = Object.keys(again).length > 0;
  const was = Object.fromEntries(Object.keys(again).map((field) => [field, now[field as Field]]));
  return {
    again: left ? { ...change, tried: false, action: { ...action, patch: again, was, base: now.version } } : null,
    open,
  };
}

/** Mine and theirs together where that is no question; undefined where it is one. */
function merged(field: Field, was: unknown, mine: unknown, theirs: unknown): unknown {
  if (field === "assignees" || field === "labels") return Array.isArray(was) ? together(was, mine as unknown[], theirs as unknown[]) : undefined;
  if (field === "description" && typeof was === "string") return reticked(was, String(mine), String(theirs)) ?? undefined;
  return undefined;
}

/** Theirs with what I added, without what I took off. */
function together(was: readonly unknown[], mine: readonly unknown[], theirs: readonly unknown[]): unknown[] {
  const kept = theirs.filter((one) => mine.includes(one) || !was.includes(one));
  return [...kept, ...mine.filter((one) => !was.includes(one) && !kept.includes(one))];
}

/** What a refused change is about, where it met somebody else's: a field of a task, or a comment (`comment:ID`). */
export function fieldOf({ change: { action }, why }: Refused): string | null {
  if (why.kind !== "refused" || why.problem.code !== "edit_conflict") return null;
  if (action.kind === "editComment") return `comment:${action.comment}`;
  const fields = action.kind === "edit" ? Object.keys(action.patch) : [];
  return fields.length === 1 ? (fields[0] ?? null) : null;
}

/** One question of two about the same field: my last word, from where I began. */
export function joined(first: Refused, second: Refused): Refused {
  const [a, b] = [first.change.action, second.change.action];
  if (a.kind === "edit" && b.kind === "edit") return { ...second, id: first.id, change: { ...second.change, action: { ...b, base: a.base, was: a.was } } };
  if (a.kind === "editComment" && b.kind === "editComment") {
    return { ...second, id: first.id, change: { ...second.change, action: { ...b, base: a.base, was: a.was } } };
  }
  return second;
}
