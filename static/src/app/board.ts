/** The open project: its board, what is laid over it, and how the line feeds it. */
import { batch, computed, signal } from "@preact/signals";
import { Problem, request } from "../api/client";
import type { BoardSnapshot, Label, LogEvent, Member, Role, State } from "../api/types";
import type { Subscriber } from "../live/line";
import { apply, type Board, renewed, toSnapshot } from "../store/board";
import { applyFilter, type Surroundings } from "../store/filter";
import { type Columns, once, type Pending, settle, share, type View, view } from "../store/overlay";
import type { Counts } from "../store/rules";
import { minute } from "./clock";
import { filter } from "./filter";
import { hear } from "./others";
import { given } from "./page";
import { heard, isUnanswered, kept, overlaysOf } from "./queue";
import { isOver, line, me, presence, projects } from "./session";
import { daysFromToday, isLate } from "./text";

export const openKey = signal<string | null>(null);
export const board = signal<Board | null>(null);
/** What takes a task away and was answered, until its event is here: only that knows the version. */
const fading = signal<readonly Pending[]>([]);
export const pending = computed<readonly Pending[]>(() => {
  const mine = overlaysOf(openKey.value);
  const unanswered = mine.some((one) => isUnanswered(one.id));
  return [...(unanswered && board.value ? once(mine, board.value, isUnanswered) : mine), ...fading.value];
});
/** Why there is no board: not there (or not for me), taken away meanwhile, or the reason the server gave. */
export const failure = signal<"missing" | "gone" | { error: unknown } | null>(null);

const NOBODY: ReadonlyMap<string, Member> = new Map();
const NOTHING: ReadonlyMap<string, Label> = new Map();
export const members = computed(() => board.value?.members ?? NOBODY);
export const labels = computed(() => board.value?.labels ?? NOTHING);
export const states = computed<readonly State[]>(() => board.value?.workflow.states ?? []);
export const project = computed(() => board.value?.project ?? null);

let previous: Columns | null = null;

export const shown = computed<View | null>(() => {
  if (!board.value) return (previous = null);
  const next = view(board.value, pending.value);
  previous = share(previous, next.columns);
  return { tasks: next.tasks, columns: previous };
});

const over = computed(
  () => new Set(states.value.filter(({ category }) => category === "done" || category === "cancelled").map((state) => state.id)),
);

const surroundings = computed<Surroundings>(() => {
  const closed = over.value;
  void minute.value;
  return { me: me.value?.id ?? "", days: daysFromToday, late: isLate, over: (state) => closed.has(state) };
});

let filteredBefore: Columns | null = null;

export const filtered = computed(() => {
  if (!shown.value) return null;
  const result = applyFilter(shown.value.columns, filter.value, surroundings.value);
  filteredBefore = share(filteredBefore, result.columns);
  return { ...result, columns: filteredBefore };
});

export const role = computed<Role>(() => members.value.get(me.value?.id ?? "")?.role ?? "viewer");

/** Live tasks of a state, whatever the filter hides. */
export const counts: Counts = (state) => shown.value?.columns.get(state)?.length ?? 0;

/** The project of a task: its reference tells, but for one that waits for it. */
export function projectOf(ref: string): string {
  return shown.value?.tasks.get(ref)?.project ?? ref.slice(0, ref.lastIndexOf("-"));
}

export function stateOf(id: string): State | undefined {
  return states.value.find((state) => state.id === id);
}

type Watcher = (refs: readonly string[]) => void;
let watcher: Watcher = () => {};

/** Who draws the board may look at it once more before tasks change their place. */
export function watchChanges(call: Watcher): () => void {
  watcher = call;
  return () => {
    watcher = () => {};
  };
}

/** To be called before tasks change on the board. */
export function changing(refs: readonly string[]): void {
  watcher(refs);
}

type Listener = (events: readonly LogEvent[]) => void;
const listeners = new Set<Listener>();

/** Be told of the events of the open project after they are on the board. */
export function onEvents(call: Listener): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}

let leave: () => void = () => {};
let leaving: () => void = () => {};

/** Be told before the open project is left. */
export function beforeLeaving(call: () => void): void {
  leaving = call;
}

/** Show the board of a project: from the server, then live. */
export function openProject(key: string): void {
  if (openKey.value === key) return;
  leaving();
  leave();
  batch(() => {
    openKey.value = key;
    board.value = null;
    fading.value = [];
    failure.value = null;
  });
  void begin(key);
}

/** Leave the open project. */
export function closeProject(): void {
  leaving();
  leave();
  leave = () => {};
  openKey.value = null;
  board.value = null;
}

let asked = 0;

/** What the server put into the page, else what this browser saw last, else what the server says now. */
async function begin(key: string): Promise<void> {
  const turn = ++asked;
  const snapshot = given("board");
  if (snapshot?.project.key === key) {
    show(key, snapshot, null);
    return;
  }
  const who = me.value?.id;
  const seen = who === undefined ? null : await (await kept()).board(who, key);
  if (openKey.value !== key || turn !== asked) return;
  if (seen) show(key, seen.snapshot, seen.at);
  else await load(key);
}

/** Fetch the board, then follow it. What is newer here stays, unless history itself was `replaced`. */
export async function load(key: string, replaced = false): Promise<void> {
  const turn = ++asked;
  failure.value = null;
  try {
    const snapshot = await request<BoardSnapshot>("GET", `/projects/${key}/board`);
    if (openKey.value === key && turn === asked) show(key, snapshot, null, replaced);
  } catch (error) {
    if (openKey.value !== key || turn !== asked) return;
    if (error instanceof Problem && error.status === 404) forget(key);
    failure.value = error instanceof Problem && error.status === 404 ? "missing" : { error };
  }
}

/** When the board was seen as it is shown, if it is not known to be as the server has it; in milliseconds since 1970. */
export const seenAt = signal<number | null>(null);

function show(key: string, snapshot: BoardSnapshot, at: number | null, replaced = false): void {
  batch(() => {
    board.value = renewed(replaced ? null : board.value, snapshot);
    seenAt.value = at;
    // A new snapshot may have swallowed the event that is waited for.
    fading.value = fading.value.filter((one) => one.kind !== "create" && board.value?.tasks.has(one.ref));
  });
  const topic = `project:${key}`;
  const unsubscribe = line.subscribe(topic, subscriber(key));
  leave = () => {
    presence.left(topic);
    unsubscribe();
  };
}

/** Keep the board as it is now, for a time without a line. */
export async function keepBoard(): Promise<void> {
  const now = board.value;
  const who = me.value?.id;
  if (!now || now.deleted || who === undefined || saved === now || isOver()) return;
  saved = now;
  await (await kept()).putBoard(who, now.project.key, { snapshot: toSnapshot(now), at: seenAt.value ?? Date.now() });
}

let saved: Board | null = null;

function forget(key: string): void {
  const who = me.value?.id;
  if (who !== undefined) void kept().then((shelf) => shelf.dropBoard(who, key));
}

function subscriber(key: string): Subscriber {
  return {
    cursor: () => (board.value ? { log: board.value.log, seq: board.value.seq } : null),
    events: (events) => {
      if (openKey.value === key) receive(events);
    },
    // A head below what was seen is another history, as when an older copy of the database was put back.
    resync: (head) => void load(key, head.seq < (board.value?.seq ?? 0)),
    gone: () => lost(key),
    joined: () => {
      seenAt.value = null;
      presence.joined(`project:${key}`);
    },
    present: (people) => presence.heard(`project:${key}`, people),
    lost: () => presence.lost(),
  };
}

function receive(events: readonly LogEvent[]): void {
  const before = board.value;
  if (!before) return;
  changing(events.flatMap((event) => (event.task ? [event.task.ref] : [])));
  batch(() => {
    const after = apply(before, events);
    board.value = after;
    fading.value = settle(fading.value, events);
    heard(events);
    if (after.project !== before.project) {
      projects.value = projects.value?.map((one) => (one.key === after.project.key ? { ...one, ...after.project } : one)) ?? null;
    }
    if (after.deleted) lost(after.project.key);
    else hear(events, before, after);
  });
  for (const listener of listeners) listener(events);
}

function lost(key: string): void {
  if (openKey.value !== key) return;
  leave();
  batch(() => {
    forget(key);
    board.value = null;
    failure.value = "gone";
    projects.value = projects.value?.filter((one) => one.key !== key) ?? null;
  });
}

/** The server took a task away, which is shown until its event is here. */
export function fade(kind: "delete" | "archive", id: string, ref: string): void {
  if (board.value?.tasks.has(ref)) fading.value = [...fading.value, { kind, id, ref }];
}
