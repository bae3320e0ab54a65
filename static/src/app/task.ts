/** What the open task's panel knows beyond the board: its history, and its comments. */
import { effect, signal, untracked } from "@preact/signals";
import { applyComment } from "../activity/stream";
import { Problem, request } from "../api/client";
import type { Actor, Comment, LogEvent, Page, Task } from "../api/types";
import { newId } from "../queue/id";
import { type Change, isComment, isNew, type Answer } from "../queue/queue";
import { type Board, upsertTask } from "../store/board";
import { awaited, remember } from "../writing/html";
import { board, onEvents, projectOf } from "./board";
import { ledTo, onAnswer } from "./answered";
import { submit, waiting, withdraw } from "./queue";
import { status } from "./session";

export interface Details {
  ref: string;
  /** As last heard of; the board's copy is fresher where it has one. */
  task: Task | null;
  comments: readonly Comment[] | null;
  /** The newest events of the task in order, none missing between them; `older` says that there are more before. */
  events: readonly LogEvent[] | null;
  older: boolean;
  /** Why the older ones could not be read. */
  olderFailure: unknown;
  failure: "missing" | { error: unknown } | null;
  /** Who deleted it while it was open here. */
  deletedBy: Actor | null;
}

interface TaskEvents {
  /** Newest first. */
  events: LogEvent[];
  has_more: boolean;
}

export const details = signal<Details | null>(null);

const empty = (ref: string): Details => ({
  ref, task: null, comments: null, events: null, older: false, olderFailure: null, failure: null, deletedBy: null,
});

/** What was heard of each comment, as a version: it outlives the comment. */
const heard = new Map<string, number>();
/** The events of the task that came before what was read of it, which may be older than they are. */
let came: LogEvent[] = [];

/** Follow a task until the answer is called. */
export function openTask(ref: string): () => void {
  details.value = empty(ref);
  heard.clear();
  came = [];
  // The server knows nothing of it yet.
  if (isNew(ref)) return () => {};
  reloadTask(ref);
  const stop = onEvents((events) => follow(ref, events));
  const name = (now: Board | null) => now && `${now.log} ${now.base}`;
  let snapshot = name(board.peek());
  // What happened before a new snapshot of the board does not come as events.
  const unfollow = effect(() => {
    const now = name(board.value);
    if (now === null || now === snapshot) return;
    snapshot = now;
    untracked(() => reloadTask(ref));
  });
  // What failed for want of a line is tried again as soon as there is one.
  const unwatch = effect(() => {
    const failure = details.peek()?.failure;
    if (status.value.kind === "live" && failure && failure !== "missing") untracked(() => reloadTask(ref));
  });
  return () => {
    stop();
    unfollow();
    unwatch();
    if (details.value?.ref === ref) details.value = null;
  };
}

export function reloadTask(ref: string): void {
  put(ref, { failure: null, deletedBy: null });
  awaited(Promise.all([loadTask(ref), loadComments(ref)]));
  void loadEvents(ref);
}

function follow(ref: string, events: readonly LogEvent[]): void {
  for (const event of events) {
    const known = details.value;
    const { task } = event;
    if (task?.ref !== ref || known?.ref !== ref) continue;
    if (event.comment) heard.set(event.comment.id, event.comment.version);
    if (!known.comments || !known.events) came.push(event);
    put(ref, {
      task: known.task && known.task.version >= task.version ? known.task : { ...known.task, ...task },
      events: known.events && event.seq > (known.events.at(-1)?.seq ?? 0) ? [...known.events, event] : known.events,
      comments: known.comments && applyComment(known.comments, event),
    });
    if (event.type === "task.deleted") put(ref, { failure: "missing", deletedBy: event.actor });
    if (event.type === "task.restored" && known.failure === "missing") reloadTask(ref);
  }
}

function put(ref: string, part: Partial<Details>): void {
  if (details.value?.ref === ref) details.value = { ...details.value, ...part };
}

const failed = (error: unknown): Details["failure"] => (error instanceof Problem && error.status === 404 ? "missing" : { error });

async function loadTask(ref: string): Promise<void> {
  try {
    const { description_html: html, ...task } = await request<Task>("GET", `/tasks/${ref}`);
    if (html !== undefined) remember(task.description, html);
    const known = details.value?.ref === ref ? details.value.task : null;
    // Two answers may pass each other on the way.
    if (!known || known.version <= task.version) put(ref, { task });
    if (board.value?.project.key === task.project) board.value = upsertTask(board.value, task);
  } catch (error) {
    put(ref, { failure: failed(error) });
  }
}

let asked = 0;

async function loadComments(ref: string): Promise<void> {
  const turn = ++asked;
  try {
    const all: Comment[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page: Page<Comment> = await request("GET", `/tasks/${ref}/comments?limit=200${query}`);
      for (const { body_html: html, ...comment } of page.items) {
        if (html !== undefined) remember(comment.body, html);
        all.push(comment);
      }
      cursor = page.next_cursor;
    } while (cursor);
    const known = details.value;
    if (turn !== asked || known?.ref !== ref) return;
    // What came by the line meanwhile is newer than what was read.
    const news = (known.comments ?? came.reduce<readonly Comment[]>(applyComment, [])).filter((one) => one.version === heard.get(one.id));
    const old = all.filter((one) => one.version >= (heard.get(one.id) ?? 0) && !news.some((other) => other.id === one.id && other.version > one.version));
    put(ref, { comments: [...old, ...news.filter((one) => !old.some((other) => other.id === one.id))].sort(byTime) });
  } catch (error) {
    if (!details.value?.comments) put(ref, { failure: failed(error) });
  }
}

const byTime = (a: Comment, b: Comment): number => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0);

const FIRST = 30;
const MORE = 100;

async function loadEvents(ref: string): Promise<void> {
  try {
    const page = await request<TaskEvents>("GET", `/tasks/${ref}/events?limit=${FIRST}`);
    const known = details.value?.ref === ref ? (details.value.events ?? came) : [];
    const read = page.events.reverse();
    const last = read.at(-1)?.seq ?? 0;
    const first = read[0]?.seq ?? 0;
    // What is known from before goes on without a gap only if the two meet.
    const meets = known.some((event) => event.seq >= first) || !page.has_more;
    const before = meets ? known.filter((event) => event.seq < first) : [];
    const older = before.length > 0 ? (details.value?.older ?? false) : page.has_more;
    put(ref, { events: [...before, ...read, ...known.filter((event) => event.seq > last)], older });
  } catch (error) {
    if (!details.value?.events) put(ref, { failure: failed(error) });
  }
}

/** Read the events before those that are known. */
export async function loadOlder(ref: string): Promise<void> {
  const first = details.value?.ref === ref ? details.value.events?.[0] : undefined;
  if (!first) return;
  put(ref, { olderFailure: null });
  try {
    const page = await request<TaskEvents>("GET", `/tasks/${ref}/events?limit=${MORE}&before=${first.seq}`);
    const known = details.value?.ref === ref ? (details.value.events ?? []) : [];
    if (known[0]?.seq === first.seq) put(ref, { events: [...page.events.reverse(), ...known], older: page.has_more });
  } catch (error) {
    put(ref, { olderFailure: error });
  }
}

/** Say something on a task. Where it has to wait, it stands among the comments as waiting. Throws what the server said. */
export async function comment(ref: string, body: string): Promise<void> {
  await submit(projectOf(ref), { kind: "comment", ref, body });
}

onAnswer(({ action }: Change, answer: Answer) => {
  if ((action.kind === "comment" || action.kind === "editComment") && isComment(answer)) take(action.ref, answer);
  if (action.kind === "deleteComment") takeAway(action.ref, action.comment);
});

function takeAway(ref: string, id: string): void {
  const known = details.value?.ref === ref ? details.value.comments : null;
  const version = known?.find((one) => one.id === id)?.version;
  if (!known || version === undefined) return;
  heard.set(id, Math.max(version + 1, heard.get(id) ?? 0));
  put(ref, { comments: known.filter((other) => other.id !== id) });
}

/** My changes of a comment that were on their way when it was opened for writing. */
export const ownOf = (comment: string): string[] =>
  waiting.value.flatMap(({ id, action }) => (action.kind === "editComment" && action.comment === comment ? [id] : []));

function take(ref: string, { body_html: html, ...comment }: Comment): void {
  if (html !== undefined) remember(comment.body, html);
  const known = details.value?.ref === ref ? (details.value.comments ?? []) : [];
  const now = known.find((one) => one.id === comment.id);
  if (now && now.version >= comment.version) return;
  put(ref, { comments: [...known.filter((one) => one.id !== comment.id), comment].sort(byTime) });
}

/**
 * Change one's comment, which said `was` when writing began at `base`; `own` are my changes that were on their way then.
 * Throws what the server said, `edit_conflict` among it.
 */
export async function editComment(one: Comment, body: string, base: { version: number; own: readonly string[] }, was: string): Promise<void> {
  const version = Math.max(base.version, ...base.own.map(ledTo));
  try {
    await submit(projectOf(one.task), { kind: "editComment", ref: one.task, comment: one.id, body, base: version, was });
  } catch (error) {
    if (error instanceof Problem && error.code === "edit_conflict") take(one.task, error.body.current as unknown as Comment);
    throw error;
  }
}

/**
 * Take a comment away. Answers how to bring it back: the seq of the event to undo, or null where it was simply not done
 * or can't be found. Throws what the server said.
 */
export async function deleteComment(one: Comment): Promise<() => Promise<number | null>> {
  const id = newId();
  await submit(projectOf(one.task), { kind: "deleteComment", ref: one.task, comment: one.id }, id);
  return async () => {
    if ((await withdraw([id])).length > 0) return null;
    const { events } = await request<TaskEvents>("GET", `/tasks/${one.task}/events?limit=${FIRST}`);
    return events.find((event) => event.command_id === id)?.seq ?? null;
  };
}
