/** The history of one task and what was said about it, as one stream; and which of its lines can be undone. */
import type { Comment, LogEvent, Role, Task } from "../api/types";

export type Item = { kind: "event"; key: string; at: string; event: LogEvent } | { kind: "comment"; key: string; at: string; comment: Comment };

/**
 * Oldest first. `events` are the newest of the task in order of their seq, with nothing missing between them; `older`
 * says that there are more before: then comments from before the first of them wait, too.
 */
export function stream(events: readonly LogEvent[], comments: readonly Comment[], older: boolean): Item[] {
  const first = older ? (events[0]?.at ?? "") : "";
  const there = new Set(comments.map((comment) => comment.id));
  const lines = folded(events.filter((event) => tells(event, there)));
  const items: Item[] = [
    ...comments.filter((comment) => comment.created_at >= first).map((comment): Item => ({ kind: "comment", key: comment.id, at: comment.created_at, comment })),
    ...lines.map((event): Item => ({ kind: "event", key: String(event.seq), at: event.at, event })),
  ];
  return items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** A comment stands for its own making; one that is gone is told of by its deletion alone. */
function tells(event: LogEvent, there: ReadonlySet<string>): boolean {
  if (event.type !== "comment.created" || !event.comment) return true;
  return there.has(event.comment.id) && event.comment.created_at !== event.at;
}

/** Of several moves within a column that somebody made in a row the last one is told. */
function folded(events: readonly LogEvent[]): LogEvent[] {
  return events.filter((event, index) => {
    const next = events[index + 1];
    return !(isShift(event) && next && isShift(next) && next.actor.id === event.actor.id);
  });
}

function isShift(event: LogEvent): boolean {
  return event.type === "task.moved" && !("state" in event.changes);
}

/** What deciding on an undo needs beside the event. */
export interface Ground {
  /** Every event of the task after it. */
  later: readonly LogEvent[];
  comments: readonly Comment[];
  role: Role;
  me: string;
}

/**
 * Whether undoing it has a chance. It spares a refusal; the server has the last word, and says why not: somebody may
 * have been faster, or a state is full.
 */
export function canUndo(event: LogEvent, { later, comments, role, me }: Ground): boolean {
  if (role === "viewer" || !event.task) return false;
  const type = event.type as string;
  if (type.startsWith("comment.")) return canUndoComment(event, comments, role, me);
  const after = later.filter((one) => one.type.startsWith("task."));
  const changed = (...fields: string[]) => after.some((one) => fields.some((field) => field in one.changes));
  switch (type) {
    case "task.created":
      return later.length === 0;
    case "task.edited":
      return !changed(...Object.keys(event.changes));
    case "task.moved":
      return !changed("state", "position", "archived");
    case "task.archived":
      return !changed("archived");
    case "task.restored":
      return "archived" in event.changes ? !changed("archived") : later.length === 0;
    default:
      return false;
  }
}

function canUndoComment(event: LogEvent, comments: readonly Comment[], role: Role, me: string): boolean {
  const then = event.comment;
  if (!then) return false;
  const mine = then.author === me;
  const now = comments.find((one) => one.id === then.id);
  if (event.type === "comment.deleted") return (mine || role === "owner") && !now;
  if (!now || now.version !== event.seq) return false;
  return mine || (event.type === "comment.created" && role === "owner");
}

/** The comments after an event of the task, in the order in which they were made. */
export function applyComment(comments: readonly Comment[], event: LogEvent): readonly Comment[] {
  const { comment } = event;
  if (!comment || !event.type.startsWith("comment.")) return comments;
  const rest = comments.filter((one) => one.id !== comment.id);
  if (event.type === "comment.deleted") return rest;
  const now = comments.find((one) => one.id === comment.id);
  if (now && now.version >= comment.version) return comments;
  return [...rest, comment].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1));
}

/** Who changed a field of the task last, going by the events. */
export function whoChanged(events: readonly LogEvent[], field: keyof Task & string): LogEvent["actor"] | null {
  return events.findLast((event) => event.type.startsWith("task.") && field in event.changes)?.actor ?? null;
}
