/** What I did and the server has not answered: kept in this browser, shown over the board, sent in order. */
import { batch, computed, signal } from "@preact/signals";
import { attempt, isPassing, NoLine, Problem } from "../api/client";
import type { LogEvent } from "../api/types";
import { isBirth, names, note, tell, toldBy } from "./answered";
import { newId } from "../queue/id";
import { fieldOf, joined, meet } from "../queue/meet";
import {
  type Action, added, type Answer, answered, type Change, orphaned, overlays, refOf, renamed, without,
} from "../queue/queue";
import { Sender, type Sending, SLOW, type Why } from "../queue/sender";
import { MemoryShelf, openShelf, type Refused, type Shelf } from "../queue/shelf";
import type { Editable, Pending } from "../store/overlay";

/** Everything of mine that waits, in order, whatever the project. */
export const waiting = signal<readonly Change[]>([]);
/** What will not be done, until I have seen to it. */
export const refusals = signal<readonly Refused[]>([]);
export const sending = signal<Sending>("well");

/** By task: what waits although it should have been answered by now. */
export const waitingOf = computed<ReadonlyMap<string, readonly Change[]>>(() => {
  const found = new Map<string, Change[]>();
  if (sending.value === "well") return found;
  for (const one of waiting.value) found.set(refOf(one), [...(found.get(refOf(one)) ?? []), one]);
  return found;
});

/** How many changes wait although they should have been answered by now. */
export const waitingCount = computed(() => (sending.value === "well" ? 0 : waiting.value.length));

/** What the board is told of answers. */
export interface Listener {
  /** Tasks are about to change their place because of this. */
  changing(refs: readonly string[]): void;
  /** The server did it; called in one batch with the change's leaving the queue. */
  done(change: Change, answer: Answer): void;
  /** It went into an earlier change, or is not needed any more: nothing will have its id. */
  merged(id: string): void;
  /** It will not be done, and nobody waits for the answer any more. */
  refused(one: Refused): void;
}

let listener: Listener | null = null;
let user: string | null = null;
let shelf: Shelf | null = null;
const opening: Promise<Shelf> = openShelf().then((opened) => (shelf = opened));

/** What is kept in this browser. */
export const kept = (): Promise<Shelf> => (shelf ? Promise.resolve(shelf) : opening);

type Rewrite = (queue: readonly Change[]) => readonly Change[];
let unsaved: readonly Rewrite[] = [];

/** Change the queue: here at once, then, after `first`, where it is kept for all windows. */
async function change(rewrite: Rewrite, first?: Promise<unknown>): Promise<readonly Change[]> {
  const who = user;
  if (who === null) return [];
  unsaved = [...unsaved, rewrite];
  show(rewrite(waiting.value));
  const store = await kept();
  let after: readonly Change[];
  try {
    await first;
    after = await store.update(who, rewrite);
  } catch {
    // No room, or gone: what waits is kept for as long as this window lives.
    shelf = new MemoryShelf();
    after = await shelf.update(who, () => waiting.value);
  }
  unsaved = unsaved.filter((one) => one !== rewrite);
  if (user === who) show(unsaved.reduce((queue, one) => one(queue), after));
  return after;
}

/** What did not change keeps its identity, so that nothing is drawn anew for it. */
function show(queue: readonly Change[]): void {
  const held = new Map(waiting.value.map((one) => [one.id, one]));
  const next = queue.map((one) => {
    const old = held.get(one.id);
    if (!old || JSON.stringify(old.action) !== JSON.stringify(one.action)) return one;
    return old.tried === one.tried ? old : { ...one, action: old.action };
  });
  if (next.length === waiting.value.length && next.every((one, n) => one === waiting.value[n])) return;
  waiting.value = next;
}

const laid = new WeakMap<Action, readonly Pending[]>();

/** What waits, as it lies over the board of a project. */
export function overlaysOf(project: string | null): readonly Pending[] {
  return waiting.value.flatMap((one) => {
    if (one.project !== project) return [];
    const known = laid.get(one.action);
    if (known && known[0]?.id === one.id) return known;
    const fresh = overlays([one], one.project);
    laid.set(one.action, fresh);
    return fresh;
  });
}

// Who waits for an answer.

interface Asked {
  resolve(answer: Answer | undefined): void;
  reject(error: unknown): void;
}

const asked = new Map<string, Asked[]>();

function takeAsked(id: string): Asked[] {
  const found = asked.get(id) ?? [];
  asked.delete(id);
  return found;
}

/** Nobody is left waiting for an answer that does not come: the change is kept, and shown as waiting. */
function letGo(): void {
  for (const id of [...asked.keys()]) for (const one of takeAsked(id)) one.resolve(undefined);
}

/**
 * Do something: it shows at once, is kept, and is sent. Answers the server's answer; undefined where it has to wait
 * (or has none). Throws the server's Problem where it refused while somebody was waiting for it here; what is refused
 * later is in `refusals`.
 */
export async function submit(project: string, action: Action, id = newId()): Promise<Answer | undefined> {
  if (user === null) throw new Problem(401, { code: "unauthenticated" });
  const now = [...names.value].reduce((one, [temporary, ref]) => renamed(one, temporary, ref), action);
  const made: Change = { id, user, project, at: Date.now(), tried: false, action: now };
  const ref = refOf(made);
  listener?.changing([ref]);
  const answer = new Promise<Answer | undefined>((resolve, reject) => asked.set(id, [{ resolve, reject }]));
  const queue = await change((before) => added(before, made));
  if (!queue.some((one) => one.id === id)) {
    listener?.merged(id);
    const mine = takeAsked(id);
    const home = queue.findLast((one) => refOf(one) === ref && (one.action.kind === action.kind || one.action.kind === "create"));
    if (home) asked.set(home.id, [...(asked.get(home.id) ?? []), ...mine]);
    else for (const one of mine) one.resolve(undefined);
  }
  post({ op: "changed" });
  if (sending.value !== "well") letGo();
  // Another window may be the one that sends, and wait for its own.
  const slow = setTimeout(() => {
    if (!waiting.value.some((one) => one.id === id)) return;
    if (sending.value === "well") sending.value = "slow";
    letGo();
  }, SLOW);
  void answer.catch(() => {}).finally(() => clearTimeout(slow));
  sender.nudge();
  return answer;
}

/** Take back those of these changes that were not sent yet. Answers them, in the order in which they were to be sent. */
export async function withdraw(ids: readonly string[]): Promise<readonly Change[]> {
  const found = waiting.value.filter((one) => !one.tried && ids.includes(one.id));
  if (found.length === 0) return [];
  listener?.changing(found.map(refOf));
  let taken: readonly Change[] = [];
  await change((queue) => {
    taken = queue.filter((one) => !one.tried && found.some((other) => other.id === one.id));
    return taken.reduce((rest, one) => {
      const left = without(rest, one.id);
      return one.action.kind === "create" ? orphaned(left, refOf(one)).left : left;
    }, queue);
  });
  for (const { id } of taken) for (const one of takeAsked(id)) one.resolve(undefined);
  post({ op: "changed" });
  return taken;
}

const sender = new Sender({
  update: change,
  refOf: async (temporary) => (await kept()).refOf(temporary),
  send: async (what, key) => {
    try {
      return await attempt(what.method, what.path, { body: what.body, key, user });
    } catch (error) {
      throw isPassing(error) ? new NoLine() : error;
    }
  },
  alone: async (call) => {
    // Where windows can't know of each other (plain HTTP), the server still does each change once.
    if ("locks" in navigator) await navigator.locks.request(`taskhub.queue.${user}`, call);
    else await call();
  },
  done: async (made, said) => {
    const answer = (said ?? null) as Answer;
    const askers = takeAsked(made.id);
    await finish(made, answer);
    for (const one of askers) one.resolve(answer);
    post({ op: "done", change: made, answer });
  },
  gaveUp: giveUp,
  state: (state) => {
    sending.value = state;
    if (state === "stuck") noteUnanswered();
    if (state !== "well") letGo();
  },
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
});

/**
 * Nothing is waited for before it leaves what is shown: where the event of a new task was first, the task itself has
 * just come onto the board.
 */
function finish(made: Change, answer: Answer): Promise<unknown> {
  // Other windows are to know the reference before they see that the task does not wait any more.
  const named = isBirth(made, answer) ? kept().then((shelf) => shelf.putRef(refOf(made), answer.ref, Date.now())) : undefined;
  return batch(() => {
    leave(made, answer);
    return change((queue) => answered(queue, made.id, answer), named);
  });
}

function leave(made: Change, answer: Answer): void {
  note(made, answer);
  listener?.done(made, answer);
  tell(made, answer);
}

async function giveUp(made: Change, why: Why): Promise<void> {
  const askers = takeAsked(made.id);
  let lost: readonly Change[] = [];
  listener?.changing([refOf(made)]);
  let again: Change | null = null;
  if (askers.length > 0 && why.kind === "refused") {
    for (const one of askers) one.reject(new Problem(why.status, why.problem));
  } else if (isMoot(made, why)) listener?.merged(made.id);
  else {
    const met = why.kind === "refused" ? meet(made, why.problem) : null;
    again = met?.again ?? null;
    for (const one of met?.open ?? [made]) await keepRefused(one, why);
    if (met && !again) listener?.merged(made.id);
  }
  await change((queue) => {
    if (again) return queue.map((one) => (one.id === made.id && again ? again : one));
    const rest = without(queue, made.id);
    if (made.action.kind !== "create") return rest;
    const found = orphaned(rest, made.action.task.ref);
    lost = found.lost;
    return found.left;
  });
  for (const one of lost) await keepRefused(one, { kind: "orphaned" });
  post({ op: "changed" });
}

/** What was to go is gone: somebody else took it away, or I did in another window. */
function isMoot({ action }: Change, why: Why): boolean {
  return why.kind === "refused" && why.status === 404 && (action.kind === "delete" || action.kind === "deleteComment");
}

async function keepRefused(made: Change, why: Why): Promise<void> {
  const fresh: Refused = { id: made.id, user: made.user, change: made, why, at: Date.now() };
  const field = fieldOf(fresh);
  const open = field === null ? undefined : refusals.value.find((one) => refOf(one.change) === refOf(made) && fieldOf(one) === field);
  const one = open ? joined(open, fresh) : fresh;
  await (await kept()).putRefused(one);
  refusals.value = [...refusals.value.filter((other) => other.id !== one.id), one];
  listener?.refused(one);
}

/** The event of a change says that it was done, whoever sent it and whether it was answered. */
export function heard(events: readonly LogEvent[]): void {
  if (waiting.value.length === 0) return;
  const mine = new Map(waiting.value.map((one) => [one.id, one]));
  for (const event of events) {
    const made = mine.get(event.command_id);
    if (!made) continue;
    mine.delete(made.id);
    void finish(made, toldBy(event, made.action.kind));
  }
}

/** Sent, and without an answer for so long that a new snapshot may show what they made, without saying so. */
const unanswered = signal<ReadonlySet<string>>(new Set());

export const isUnanswered = (id: string): boolean => unanswered.value.has(id);

function noteUnanswered(): void {
  unanswered.value = new Set(waiting.value.filter((one) => one.tried).map((one) => one.id));
}

// What was refused.

/** Try a refused change again, as a new one. Over somebody else's edit that means: over what it is now. */
export async function retry(one: Refused): Promise<void> {
  const { change: made, why } = one;
  let { action } = made;
  const now = why.kind === "refused" && why.problem.code === "edit_conflict" ? why.problem.current : null;
  const version = now?.["version"];
  if (typeof version === "number") {
    if (action.kind === "edit") action = { ...action, base: version, was: now as Editable };
    if (action.kind === "editComment") action = { ...action, base: version, was: String(now?.["body"] ?? "") };
  }
  await dropRefused(one);
  const again: Change = { ...made, id: newId(), at: Date.now(), tried: false, action };
  await change((queue) => [...queue, again]);
  post({ op: "changed" });
  sender.wake();
}

export async function dropRefused(one: Refused): Promise<void> {
  refusals.value = refusals.value.filter((other) => other.id !== one.id);
  await (await kept()).dropRefused(one.id);
  post({ op: "changed" });
}

// Other windows.

type Post = { op: "changed" } | { op: "done"; change: Change; answer: Answer };
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("taskhub.queue") : null;

function post(what: Post): void {
  if (user !== null) channel?.postMessage({ ...what, user });
}

channel?.addEventListener("message", (message: MessageEvent<Post & { user: string }>) => {
  const what = message.data;
  if (what.user !== user) return;
  if (what.op === "done") {
    for (const one of takeAsked(what.change.id)) one.resolve(what.answer);
    batch(() => {
      leave(what.change, what.answer);
      show(answered(waiting.value, what.change.id, what.answer));
    });
  }
  void reread();
});

async function reread(): Promise<void> {
  if (user === null) return;
  await change((queue) => queue);
  refusals.value = await (await kept()).refused(user);
}

/** Begin: what this person left waiting is shown again, and sent. */
export function startQueue(who: string, tells: Listener): void {
  if (user === who) return;
  user = who;
  listener = tells;
  void reread().then(() => {
    noteUnanswered();
    if (waiting.value.length > 0) sender.wake();
  });
}

/** How much of a person stays here: what waits to be sent, and what was refused and not seen to. */
export async function keptFor(who: string): Promise<number> {
  const shelf = await kept();
  return (await shelf.update(who, (queue) => queue)).length + (await shelf.refused(who)).length;
}

/** There may be a line again. */
export function wakeQueue(): void {
  if (waiting.value.length > 0) sender.wake();
  else sending.value = "well";
}

/** The line is gone: what waits can't be answered before it is back. */
export function queueOffline(): void {
  if (sending.value === "well") sending.value = "stuck";
  letGo();
}

/** Nothing is sent from here any more. */
export function stopQueue(): void {
  sender.stop();
}
