/**
 * The board as the server last said it: a snapshot, and the events that came after it.
 *
 * Nothing here knows the DOM. `apply` is a version-guarded upsert: an event that was applied already, that is
 * covered by the snapshot, or that comes late changes nothing.
 */
import type { BoardSnapshot, Label, LogEvent, Member, Project, Task, Workflow } from "../api/types";

export interface Board {
  readonly log: string;
  /** The cursor: everything up to here is in. */
  readonly seq: number;
  /** The seq of the snapshot: events up to it are covered, whatever they carry. */
  readonly base: number;
  readonly project: Project;
  readonly workflow: Workflow;
  readonly members: ReadonlyMap<string, Member>;
  readonly labels: ReadonlyMap<string, Label>;
  /** Live tasks by reference; archived and deleted ones are not here. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** What was last heard of each entity, as a seq; it outlives the entity, so it is the tombstone too. */
  readonly heard: ReadonlyMap<string, number>;
  readonly deleted: boolean;
}

export function fromSnapshot(snapshot: BoardSnapshot): Board {
  return {
    log: snapshot.log,
    seq: snapshot.seq,
    base: snapshot.seq,
    project: snapshot.project,
    workflow: snapshot.workflow,
    members: byId(snapshot.members),
    labels: byId(snapshot.labels),
    tasks: new Map(snapshot.tasks.map((task) => [task.ref, task])),
    heard: new Map(),
    deleted: false,
  };
}

/** The board as a snapshot: with the events after its `seq` it gives every later one. */
export function toSnapshot({ log, seq, project, workflow, members, labels, tasks }: Board): BoardSnapshot {
  return { log, seq, project, workflow, members: [...members.values()], labels: [...labels.values()], tasks: [...tasks.values()] };
}

/**
 * The board after a snapshot that came while there was one already: what is newer here stays, so nothing goes back.
 * A snapshot of another log replaces everything.
 */
export function renewed(held: Board | null, snapshot: BoardSnapshot): Board {
  if (held?.log !== snapshot.log) return fromSnapshot(snapshot);
  if (snapshot.seq < held.base) return held;
  const fresh = fromSnapshot(snapshot);
  const newer = new Map([...held.heard].filter(([, seq]) => seq > fresh.base));
  return {
    ...fresh,
    seq: Math.max(fresh.seq, held.seq),
    heard: newer,
    project: newer.has("project") ? held.project : fresh.project,
    workflow: newer.has("workflow") ? held.workflow : fresh.workflow,
    members: overlaid(fresh.members, held.members, newer, "member:"),
    labels: overlaid(fresh.labels, held.labels, newer, "label:"),
    tasks: overlaid(fresh.tasks, held.tasks, newer, "task:"),
    deleted: held.deleted,
  };
}

function overlaid<T>(
  fresh: ReadonlyMap<string, T>,
  held: ReadonlyMap<string, T>,
  newer: ReadonlyMap<string, number>,
  kind: string,
): ReadonlyMap<string, T> {
  const result = new Map(fresh);
  for (const key of newer.keys()) {
    if (!key.startsWith(kind)) continue;
    const id = key.slice(kind.length);
    const item = held.get(id);
    if (item) result.set(id, item);
    else result.delete(id);
  }
  return result;
}

type Draft = { -readonly [K in keyof Board]: Board[K] } & {
  tasks: Map<string, Task>;
  heard: Map<string, number>;
};

/**
 * The board after the events, in whatever order and however often they come; the same object if none is news.
 * What did not change keeps its identity: members, labels and workflow among them.
 */
export function apply(board: Board, events: readonly LogEvent[]): Board {
  const draft: Draft = {
    ...board,
    tasks: new Map(board.tasks),
    heard: new Map(board.heard),
  };
  let news = false;
  for (const event of events) news = applyOne(draft, event) || news;
  return news ? draft : board;
}

/** The board with a task as an HTTP answer gave it, unless something newer is here already. */
export function upsertTask(board: Board, task: Task): Board {
  if (!isNews(board, `task:${task.ref}`, task.version)) return board;
  const draft = { ...board, tasks: new Map(board.tasks), heard: new Map(board.heard) };
  putTask(draft, task, task.version, task.archived);
  return draft;
}

function applyOne(draft: Draft, event: LogEvent): boolean {
  const moved = event.seq > draft.seq;
  if (moved) draft.seq = event.seq;
  if (event.seq <= draft.base) return moved;
  const { type, seq } = event;
  let news = moved;
  if (event.task) {
    const gone = type === "task.deleted" || event.task.archived;
    news = putTask(draft, event.task, Math.max(seq, event.task.version), gone) || news;
  }
  if (event.label && listen(draft, `label:${event.label.id}`, seq)) {
    draft.labels = changed(draft.labels, event.label, type === "label.deleted");
    news = true;
  }
  if (event.member && listen(draft, `member:${event.member.id}`, seq)) {
    draft.members = changed(draft.members, event.member, type === "member.removed");
    news = true;
  }
  if (event.workflow && listen(draft, "workflow", seq)) {
    draft.workflow = event.workflow;
    news = true;
  }
  if (type.startsWith("project.") && listen(draft, "project", seq)) {
    // Under an event's own `project` stands the entity in events about the project, else its key.
    if (typeof event.project === "object") draft.project = event.project;
    if (type === "project.deleted") draft.deleted = true;
    news = true;
  }
  return news;
}

function putTask(
  draft: { tasks: Map<string, Task>; heard: Map<string, number>; base: number },
  task: Task,
  version: number,
  gone: boolean,
): boolean {
  const key = `task:${task.ref}`;
  if (!isNews(draft, key, version)) return false;
  draft.heard.set(key, version);
  if (gone) draft.tasks.delete(task.ref);
  else draft.tasks.set(task.ref, task);
  return true;
}

function changed<T extends { id: string }>(items: ReadonlyMap<string, T>, item: T, gone: boolean): ReadonlyMap<string, T> {
  const copy = new Map(items);
  if (gone) copy.delete(item.id);
  else copy.set(item.id, item);
  return copy;
}

function listen(draft: Draft, key: string, seq: number): boolean {
  if (!isNews(draft, key, seq)) return false;
  draft.heard.set(key, seq);
  return true;
}

/** Of what the snapshot did not list, archived and deleted by then, only what is younger counts. */
function isNews(board: { heard: ReadonlyMap<string, number>; base: number }, key: string, version: number): boolean {
  return version > (board.heard.get(key) ?? board.base);
}

function byId<T extends { id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
