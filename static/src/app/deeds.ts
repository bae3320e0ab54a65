/** Undo and redo of what this window did to the open project, as the server takes them: each a command of its own. */
import { effect, signal } from "@preact/signals";
import type { LogEvent } from "../api/types";
import { newId } from "../queue/id";
import type { Action } from "../queue/queue";
import { upsertTask } from "../store/board";
import {
  type Came, type Deed, type Deeds, did as noted, doingAgain, failed as dropped, find, heard, leftDone, NO_DEEDS, settled, takingBack, unsaid,
} from "../store/deeds";
import { board, changing, onEvents, openKey } from "./board";
import { retell, toast, type ToastAction } from "./notices";
import { explain } from "./problems";
import { submit, withdraw } from "./queue";
import { sayRefused } from "./refused";
import { t } from "./text";

const deeds = signal<Deeds>(NO_DEEDS);
/** What is to be undone, or done again, as soon as all its events are known. */
let wished: { key: string; from: keyof Deeds } | null = null;
/** One after the other: who presses Ctrl+Z twice means the two last things. */
let turn: Promise<void> = Promise.resolve();
/** The seqs of the events that came, by their commands: a deed may be noted after its events. */
const confirmed = new Map<string, number[]>();
/** The tasks that events are about, by seq. */
const refs = new Map<number, string>();
/** Commands the server took, with the seq by which their events are in the log, if they wrote any. */
const answered = new Map<string, number>();

effect(() => {
  void openKey.value;
  deeds.value = NO_DEEDS;
  wished = null;
  confirmed.clear();
  answered.clear();
  refs.clear();
});

onEvents((events) => {
  for (const { command_id, seq } of events) confirmed.set(command_id, [...(confirmed.get(command_id) ?? []), seq]);
  refer(events);
  deeds.value = heard(deeds.value, events);
  forget();
  grant();
});

function refer(events: readonly LogEvent[]): void {
  for (const { seq, task } of events) if (task) refs.set(seq, task.ref);
}

/** Take back what was to be, or do it again, once it has happened; what came to nothing is forgotten. */
function grant(): void {
  if (wished === null) return;
  const { key, from } = wished;
  const deed = deeds.value[from].find((one) => one.key === key);
  if (deed && !isWhole(deed)) return;
  wished = null;
  if (deed) inTurn(() => (from === "past" ? takeBack(deed) : doAgain(deed)));
}

/** Whether an event came of each of its commands. */
const isWhole = (deed: Deed): boolean => deed.ids.every((id) => confirmed.has(id));

function inTurn(step: () => Promise<void> | void): void {
  turn = turn.finally(step);
}

/** Commands with these ids were given; `text` says what they do together. Answers the way back, for a toast. */
export function did(ids: string | readonly string[], text: string): ToastAction {
  const list = typeof ids === "string" ? [ids] : ids;
  const key = list[0] ?? "";
  const seqs = [...new Set(list.flatMap((id) => confirmed.get(id) ?? []))].sort((a, b) => a - b);
  deeds.value = noted(deeds.value, { key, ids: list, text, seqs });
  return { name: t.task.undo, run: () => undo(key) };
}

/** The server took a command; the task it answered with has this version. */
export function taken(id: string, version: number): void {
  answered.set(id, version);
  // The event that tells of an answer is still on its way to those who listen.
  queueMicrotask(forget);
}

/** A command that the server took without writing an event changed nothing: there is nothing to undo. */
function forget(): void {
  const seq = board.value?.seq ?? 0;
  for (const [id, version] of answered) {
    if (version > seq) continue;
    answered.delete(id);
    if (!confirmed.has(id)) failed(id);
  }
}

/** A command came to nothing. */
export function failed(id: string): void {
  deeds.value = dropped(deeds.value, id);
  grant();
}

/** Take back what began with the command of this id; without one the last thing this window did. */
export function undo(key?: string): void {
  inTurn(() => {
    const again = wished?.from === "undone" ? deeds.value.undone.find((one) => one.key === wished?.key) : undefined;
    if (again && (key === undefined || key === again.key)) {
      wished = null;
      toast(t.line.undoWaits(again.text));
      return;
    }
    const deed = find(deeds.value, key);
    if (!deed) {
      toast(t.work.nothingToUndo);
      return;
    }
    return isWhole(deed) ? takeBack(deed) : takeBackWaiting(deed);
  });
}

/** What was not sent yet is simply not done; what is on its way is undone as soon as it has happened. */
async function takeBackWaiting(deed: Deed): Promise<void> {
  wished = null;
  const taken = await withdraw(deed.ids);
  if (taken.length > 0) deeds.value = unsaid(deeds.value, deed.key, taken.map(({ id }) => id), taken.map(({ action }) => action));
  const now = find(deeds.value, deed.key);
  if (!now) toast(t.work.undone(deed.text), "done", undefined, { name: t.task.redo, run: redo });
  else if (isWhole(now)) await takeBack(now);
  else wished = { key: deed.key, from: "past" };
}

/** Do again what was taken back last; what only waits to be taken back stays as it is. */
export function redo(): void {
  inTurn(() => {
    const deed = deeds.value.undone.at(-1);
    if (!deed) {
      toast(t.work.nothingToRedo);
      return;
    }
    return isWhole(deed) ? doAgain(deed) : leaveDone(deed.key);
  });
}

async function doAgain(deed: Deed): Promise<void> {
  // It has its place among what is done now, and not when it is answered.
  const anew = (deed.unsent ?? []).map((action) => ({ id: newId(), action }));
  const came = await inverse(deed, doingAgain, anew);
  if (!came) return;
  if (came.waits.length > 0) toast(t.line.redoWaits(deed.text));
  else if (came.done.length + anew.length > 0) toast(t.work.redone(deed.text), "done", undefined, { name: t.task.undo, run: () => undo(deed.key) });
}

async function takeBack(deed: Deed): Promise<void> {
  const came = await inverse(deed, takingBack, []);
  if (!came) return;
  if (came.waits.length > 0) {
    const stay = { name: t.cancel, run: () => inTurn(() => leaveDone(deed.key)) };
    toast(t.line.undoWaits(deed.text), "done", undefined, stay);
  } else if (came.done.length > 0) toast(t.work.undone(deed.text), "done", undefined, { name: t.task.redo, run: redo });
}

/** What waits to be undone is to stay as it is; what of it was sent already is done again as soon as it was undone. */
async function leaveDone(key: string): Promise<void> {
  const deed = deeds.value.undone.find((one) => one.key === key);
  if (!deed) return;
  const left = await withdraw(deed.ids);
  if (deed.seqs.length === 0 && left.length === deed.ids.length) {
    deeds.value = leftDone(deeds.value, deed);
    return;
  }
  toast(t.line.redoWaits(deed.text));
  wished = { key, from: "undone" };
  deeds.value = left.reduce((all, { id }) => dropped(all, id), deeds.value);
  grant();
}

/** Above this many a toast counts along. */
const MANY = 3;

/**
 * Undo a deed's events, the last one first, and do what was never sent; null where there is no open project. What is
 * refused is said; the rest is done all the same.
 */
async function inverse(deed: Deed, begin: typeof takingBack, anew: readonly { id: string; action: Action }[]): Promise<Came | null> {
  const key = openKey.value;
  if (key === null) return null;
  const ids = deed.seqs.map(() => newId());
  deeds.value = begin(deeds.value, deed, [...ids, ...anew.map(({ id }) => id)]);
  const done: number[] = [];
  const waits: string[] = [];
  const told = deed.seqs.length > MANY ? toast(t.work.counting(0, deed.seqs.length)) : null;
  let refusal: unknown;
  for (const [n, seq] of [...deed.seqs].reverse().entries()) {
    const id = ids[n] as string;
    try {
      const events = await undoEvent(key, { ref: refs.get(seq) ?? "", seq, said: deed.text }, id);
      if (events) {
        refer(events);
        done.push(...events.map((event) => event.seq));
      } else waits.push(id);
    } catch (error) {
      refusal = error;
    }
    if (told !== null) retell(told, t.work.counting(n + 1, deed.seqs.length));
  }
  for (const { id, action } of anew) {
    submit(key, action, id).catch((error: unknown) => {
      failed(id);
      sayRefused(error);
    });
  }
  if (refusal !== undefined) {
    const { text, more } = explain(refusal, board.value?.workflow);
    toast(t.work.notUndone(deed.text), "refused", more ? `${text} ${more}` : text);
  } else if (done.length + waits.length + anew.length === 0) toast(t.work.asBefore);
  // Their events may have come while the rest was undone.
  const came = {
    done: [...done, ...waits.flatMap((id) => confirmed.get(id) ?? [])],
    waits: waits.filter((id) => !confirmed.has(id)),
  };
  const open = [...came.waits, ...anew.map(({ id }) => id)];
  if (openKey.value === key) deeds.value = settled(deeds.value, deed.key, { ...came, waits: open });
  return came;
}

/**
 * Undo one event of a project's log. Answers the events that it took; undefined where it waits. Throws what the server
 * said.
 */
export async function undoEvent(key: string, what: { ref: string; seq: number; said: string }, id: string): Promise<LogEvent[] | undefined> {
  const answer = await submit(key, { kind: "undo", ...what }, id);
  return answer && "events" in answer ? answer.events : undefined;
}

/** The server undid something: the board shows it before its events are here. */
export function undone(events: readonly LogEvent[]): void {
  changing(events.flatMap((event) => (event.task ? [event.task.ref] : [])));
  for (const { task, type } of events) {
    // A deletion waits for its event: only that is a tombstone.
    if (task && type !== "task.deleted" && board.value?.project.key === task.project) board.value = upsertTask(board.value, task);
  }
}
