/**
 * Changes that wait for the server's word, in the order in which they were made. Each is a value that can be stored,
 * sent by any window and sent again: its id is the command's Idempotency-Key. Nothing here knows the DOM.
 */
import type { Comment, LogEvent, Task } from "../api/types";
import type { Editable, Pending, Place } from "../store/overlay";

/**
 * `base`: the version that was edited, so that nobody else's change is written over unseen; `was`: what stood there
 * then. `ref` is the task that it is about.
 */
export type Action =
  | { kind: "create"; task: Task }
  | { kind: "edit"; ref: string; patch: Editable; base: number | null; was?: Editable }
  | { kind: "move"; ref: string; place: Place }
  | { kind: "delete"; ref: string }
  | { kind: "archive"; ref: string }
  /** `task`: as it was when it was taken away, where that is known. */
  | { kind: "restore"; ref: string; task: Task | null }
  | { kind: "comment"; ref: string; body: string }
  | { kind: "editComment"; ref: string; comment: string; body: string; base: number; was: string }
  | { kind: "deleteComment"; ref: string; comment: string }
  /** `seq`: of the event that is taken back; `said`: what it did, in words. */
  | { kind: "undo"; ref: string; seq: number; said: string };

/** What the server answers to a change that it did: null to a deletion. */
export type Answer = Task | Comment | { events: LogEvent[] } | null;

export const isTask = (answer: Answer | undefined): answer is Task => !!answer && "ref" in answer;
export const isComment = (answer: Answer | undefined): answer is Comment => !!answer && "body" in answer;

export interface Change {
  readonly id: string;
  /** Who made it: nobody else sends it. */
  readonly user: string;
  readonly project: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** It was sent, and may have been done: what it says must never change again. */
  readonly tried: boolean;
  readonly action: Action;
}

export interface Ask {
  method: "POST" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  path: string;
  body?: unknown;
}

/** Longer than this nothing waits: what was meant yesterday may be wrong today. */
export const KEEP = 24 * 3_600_000;

export const isNew = (ref: string): boolean => ref.startsWith("new:");

/** The task that a change is about. */
export function refOf({ action }: Change): string {
  return action.kind === "create" ? action.task.ref : action.ref;
}

/**
 * The queue with one more change. What was not sent yet takes a later change of the same task in, where the outcome
 * is the same: edits become one, a new task is created as it was edited, what is deleted before anybody saw it is gone.
 */
export function added(queue: readonly Change[], change: Change): readonly Change[] {
  const { action } = change;
  const ref = refOf(change);
  if (isNew(ref) && action.kind !== "create") {
    const birth = queue.find((one) => one.action.kind === "create" && one.action.task.ref === ref);
    if (birth && !birth.tried && birth.action.kind === "create") {
      if (action.kind === "delete") return withoutTask(queue, ref);
      if (action.kind === "edit" && !queue.some((one) => one !== birth && refOf(one) === ref)) {
        const task = { ...birth.action.task, ...action.patch };
        return swapped(queue, birth, { ...birth, action: { kind: "create", task } });
      }
    }
  }
  const last = queue.findLast((one) => refOf(one) === ref);
  if (!last || last.tried) return [...queue, change];
  if (action.kind === "edit" && last.action.kind === "edit") {
    const patch = { ...last.action.patch, ...action.patch };
    const was = { ...action.was, ...last.action.was };
    return swapped(queue, last, { ...last, action: { ...last.action, patch, was } });
  }
  if (action.kind === "editComment" || action.kind === "deleteComment") {
    const { comment } = action;
    const before = queue.find((one) => !one.tried && one.action.kind === "editComment" && one.action.comment === comment);
    if (before && action.kind === "deleteComment") return [...without(queue, before.id), change];
    if (before?.action.kind === "editComment" && action.kind === "editComment") {
      return swapped(queue, before, { ...before, action: { ...before.action, body: action.body } });
    }
  }
  // Through another state there may be a way where straight there is none, so only within one state.
  if (action.kind === "move" && last.action.kind === "move" && last.action.place.state === action.place.state) {
    return [...queue.filter((one) => one !== last), change];
  }
  return [...queue, change];
}

function withoutTask(queue: readonly Change[], ref: string): readonly Change[] {
  return queue.filter((one) => refOf(one) !== ref).map((one) => (isBeside(one, ref) ? atTheEnd(one) : one));
}

function isBeside({ action }: Change, ref: string): boolean {
  return action.kind === "move" && (action.place.before === ref || action.place.after === ref);
}

function atTheEnd(change: Change): Change {
  if (change.action.kind !== "move") return change;
  return { ...change, action: { ...change.action, place: { state: change.action.place.state } } };
}

function swapped(queue: readonly Change[], old: Change, fresh: Change): readonly Change[] {
  return queue.map((one) => (one === old ? fresh : one));
}

/** The queue without a change that was answered, refused or given up. */
export function without(queue: readonly Change[], id: string): readonly Change[] {
  return queue.some((one) => one.id === id) ? queue.filter((one) => one.id !== id) : queue;
}

/** The queue with a change marked as sent. */
export function tried(queue: readonly Change[], id: string): readonly Change[] {
  return queue.map((one) => (one.id === id && !one.tried ? { ...one, tried: true } : one));
}

/**
 * The queue after the server did a change and answered with the task: it leaves the queue, what waits for a new task
 * learns its reference, and what waits to edit the same fields knows that they are as it left them.
 */
export function answered(queue: readonly Change[], id: string, answer: Answer): readonly Change[] {
  const done = queue.find((one) => one.id === id);
  const rest = without(queue, id);
  if (done?.action.kind === "editComment" && isComment(answer)) return rest.map((one) => resaid(one, answer));
  if (!done || !isTask(answer)) return rest;
  if (done.action.kind === "create") return named(rest, done.action.task.ref, answer.ref);
  if (done.action.kind !== "edit") return rest;
  const mine = new Set(Object.keys(done.action.patch));
  return rest.flatMap((one) => (refOf(one) === refOf(done) ? rebased(one, mine, answer.version) : [one]));
}

function resaid(change: Change, { id, version }: Comment): Change {
  const { action } = change;
  if (action.kind !== "editComment" || action.comment !== id || change.tried) return change;
  return { ...change, action: { ...action, base: version } };
}

/** An edit of fields that the person's own former edit has just set is one of that version; of other fields it is not. */
function rebased(change: Change, mine: ReadonlySet<string>, version: number): Change[] {
  const { action } = change;
  if (action.kind !== "edit" || action.base === null || change.tried) return [change];
  const fields = Object.entries(action.patch);
  const same = Object.fromEntries(fields.filter(([name]) => mine.has(name)));
  const other = Object.fromEntries(fields.filter(([name]) => !mine.has(name)));
  if (Object.keys(same).length === 0) return [change];
  const first: Change = { ...change, action: { ...action, patch: same, base: version } };
  if (Object.keys(other).length === 0) return [first];
  return [first, { ...change, id: `${change.id}.2`, action: { ...action, patch: other } }];
}

/** The queue with the reference that a new task was given. */
export function named(queue: readonly Change[], temporary: string, ref: string): readonly Change[] {
  return queue.map((one) => {
    const action = renamed(one.action, temporary, ref);
    return action === one.action ? one : { ...one, action };
  });
}

/** An action with the reference that a new task was given; the very same where it does not speak of that task. */
export function renamed(action: Action, temporary: string, ref: string): Action {
  if (action.kind === "create") return action;
  const about = action.ref === temporary ? { ...action, ref } : action;
  if (about.kind !== "move") return about;
  const { before, after } = about.place;
  if (before !== temporary && after !== temporary) return about;
  const place: Place = { ...about.place };
  if (before === temporary) place.before = ref;
  if (after === temporary) place.after = ref;
  return { ...about, place };
}

/** The queue after a new task was refused or given up: what was to happen to it can't any more. */
export function orphaned(queue: readonly Change[], temporary: string): { left: readonly Change[]; lost: readonly Change[] } {
  return { left: withoutTask(queue, temporary), lost: queue.filter((one) => refOf(one) === temporary) };
}

export function isExpired(change: Change, now: number): boolean {
  return now - change.at > KEEP;
}

/** How the server is asked for a change. */
export function ask({ project, action }: Change): Ask {
  switch (action.kind) {
    case "create": {
      const { title, state, description, priority, due, assignees, labels } = action.task;
      const body: Record<string, unknown> = { title, state };
      if (description) body["description"] = description;
      if (priority !== "none") body["priority"] = priority;
      if (due) body["due"] = due;
      if (assignees.length > 0) body["assignees"] = assignees;
      if (labels.length > 0) body["labels"] = labels;
      return { method: "POST", path: `/projects/${project}/tasks`, body };
    }
    case "edit": {
      const base = action.base === null ? {} : { base_version: action.base };
      return { method: "PATCH", path: `/tasks/${action.ref}`, body: { ...action.patch, ...base } };
    }
    case "move":
      return { method: "POST", path: `/tasks/${action.ref}/move`, body: action.place };
    case "delete":
      return { method: "DELETE", path: `/tasks/${action.ref}` };
    case "archive":
    case "restore":
      return { method: "POST", path: `/tasks/${action.ref}/${action.kind}` };
    case "comment":
      return { method: "POST", path: `/tasks/${action.ref}/comments`, body: { body: action.body } };
    case "editComment":
      return { method: "PATCH", path: `/comments/${action.comment}`, body: { body: action.body, base_version: action.base } };
    case "deleteComment":
      return { method: "DELETE", path: `/comments/${action.comment}` };
    case "undo":
      return { method: "POST", path: `/projects/${project}/undo`, body: { seq: action.seq } };
  }
}

/** What the waiting changes of a project lay over its board. */
export function overlays(queue: readonly Change[], project: string): readonly Pending[] {
  return queue.flatMap((one): Pending[] => {
    const { id, action } = one;
    if (one.project !== project) return [];
    switch (action.kind) {
      case "create":
        return [{ kind: "create", id, task: action.task }];
      case "edit":
        return [{ kind: "edit", id, ref: action.ref, patch: action.patch }];
      case "move":
        return [{ kind: "move", id, ref: action.ref, place: action.place }];
      case "delete":
      case "archive":
        return [{ kind: "delete", id, ref: action.ref }];
      case "restore":
        return action.task ? [{ kind: "create", id, task: { ...action.task, archived: false } }] : [];
      default:
        return [];
    }
  });
}

/** The comments of a task with what waits of mine laid over them; the very same where nothing does. */
export function saidOver(comments: readonly Comment[], queue: readonly Change[]): readonly Comment[] {
  let over = comments;
  for (const { action } of queue) {
    if (action.kind === "editComment") over = over.map((one) => (one.id === action.comment ? { ...one, body: action.body } : one));
    if (action.kind === "deleteComment") over = over.filter((one) => one.id !== action.comment);
  }
  return over;
}

/** What a person typed, so that it can be copied; "" where nothing was. */
export function textOf({ action }: Change): string {
  switch (action.kind) {
    case "create":
      return [action.task.title, action.task.description].filter(Boolean).join("\n\n");
    case "edit":
      return [action.patch.title, action.patch.description].filter(Boolean).join("\n\n");
    case "comment":
    case "editComment":
      return action.body;
    default:
      return "";
  }
}
