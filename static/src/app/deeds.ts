/** Undo and redo of what this window did to the open project, as the server takes them: each a command of its own. */
import { effect, signal } from "@preact/signals";
import { Problem, request } from "../api/client";
import type { LogEvent } from "../api/types";
import { newId } from "../queue/id";
import { upsertTask } from "../store/board";
import { type Deed, type Deeds, did as noted, didAgain, failed as dropped, find, heard, NO_DEEDS, tookBack } from "../store/deeds";
import { board, changing, onEvents, openKey } from "./board";
import { retell, toast, type ToastAction } from "./notices";
import { explain } from "./problems";
import { withdraw } from "./queue";
import { t } from "./text";

const deeds = signal<Deeds>(NO_DEEDS);
/** A deed that is to be undone as soon as its events are known. */
let wished: string | null = null;
/** One after the other: who presses Ctrl+Z twice means the two last things. */
let turn: Promise<void> = Promise.resolve();
/** Commands of which an event came. */
const confirmed = new Set<string>();
/** Commands the server took, with the seq by which their events are in the log, if they wrote any. */
const answered = new Map<string, number>();

effect(() => {
  void openKey.value;
  deeds.value = NO_DEEDS;
  wished = null;
  confirmed.clear();
  answered.clear();
});

onEvents((events) => {
  for (const event of events) confirmed.add(event.command_id);
  deeds.value = heard(deeds.value, events);
  forget();
  const deed = wished === null ? undefined : find(deeds.value, wished);
  if (!deed || deed.seqs.length === 0) return;
  wished = null;
  inTurn(() => takeBack(deed));
});

function inTurn(step: () => Promise<void> | void): void {
  turn = turn.finally(step);
}

/** Commands with these ids were given; `text` says what they do together. Answers the way back, for a toast. */
export function did(ids: string | readonly string[], text: string): ToastAction {
  const list = typeof ids === "string" ? [ids] : ids;
  const key = list[0] ?? "";
  deeds.value = noted(deeds.value, { key, ids: list, text, seqs: [] });
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
  if (wished === id) wished = null;
  deeds.value = dropped(deeds.value, id);
}

/** Take back what began with the command of this id; without one the last thing this window did. */
export function undo(key?: string): void {
  inTurn(() => {
    const deed = find(deeds.value, key);
    if (!deed) {
      toast(t.work.nothingToUndo);
      return;
    }
    return deed.seqs.length > 0 ? takeBack(deed) : takeBackWaiting(deed);
  });
}

/** What was not sent yet is simply not done; what is on its way is undone as soon as it has happened. */
async function takeBackWaiting(deed: Deed): Promise<void> {
  const taken = await withdraw(deed.ids);
  for (const id of taken) failed(id);
  const now = find(deeds.value, deed.key);
  if (!now) toast(t.work.undone(deed.text));
  else if (now.seqs.length > 0) await takeBack(now);
  else wished = deed.key;
}

/** Do again what was taken back last. */
export function redo(): void {
  inTurn(async () => {
    const deed = deeds.value.undone.at(-1);
    if (!deed) {
      toast(t.work.nothingToRedo);
      return;
    }
    const done = await inverse(deed);
    if (!done) return;
    deeds.value = didAgain(deeds.value, deed, done);
    if (done.length > 0) toast(t.work.redone(deed.text), "done", undefined, { name: t.task.undo, run: () => undo(deed.key) });
  });
}

async function takeBack(deed: Deed): Promise<void> {
  const done = await inverse(deed);
  if (!done) return;
  deeds.value = tookBack(deeds.value, deed, done);
  if (done.length > 0) toast(t.work.undone(deed.text), "done", undefined, { name: t.task.redo, run: redo });
}

/** Above this many a toast counts along. */
const MANY = 3;

/**
 * Undo a deed's events, the last one first. Answers the seqs of what was written; null where nothing came of it and
 * the deed may be tried again. What is refused is said; the rest of the deed is undone all the same.
 */
async function inverse(deed: Deed): Promise<number[] | null> {
  const key = openKey.value;
  if (key === null) return null;
  const done: number[] = [];
  const told = deed.seqs.length > MANY ? toast(t.work.counting(0, deed.seqs.length)) : null;
  let refusal: unknown;
  for (const [n, seq] of [...deed.seqs].reverse().entries()) {
    try {
      const events = await undoEvent(key, seq);
      done.push(...events.map((event) => event.seq));
    } catch (error) {
      // Without a line there is no use in going on; the rest waits for another try only if nothing was done yet.
      refusal = error;
      if (!(error instanceof Problem)) break;
    }
    if (told !== null) retell(told, t.work.counting(n + 1, deed.seqs.length));
  }
  if (refusal !== undefined) {
    const { text, more } = explain(refusal, board.value?.workflow);
    toast(t.work.notUndone(deed.text), "refused", more ? `${text} ${more}` : text);
    if (done.length === 0 && !(refusal instanceof Problem)) return null;
  } else if (done.length === 0) toast(t.work.asBefore);
  return done.sort((a, b) => a - b);
}

/** Undo one event of a project's log. Answers the events that it took. Throws what the server or the line said. */
export async function undoEvent(key: string, seq: number): Promise<LogEvent[]> {
  const { events } = await request<{ events: LogEvent[] }>("POST", `/projects/${key}/undo`, {
    body: { seq },
    key: newId(),
  });
  changing(events.flatMap((event) => (event.task ? [event.task.ref] : [])));
  for (const { task, type } of events) {
    // A deletion waits for its event: only that is a tombstone.
    if (task && type !== "task.deleted" && board.value?.project.key === task.project) board.value = upsertTask(board.value, task);
  }
  return events;
}
