/**
 * What the person did and the server has not yet confirmed, laid over the board by the id of the command
 * that carries it. Nothing here knows the DOM.
 */
import type { LogEvent, Task } from "../api/types";
import type { Board } from "./board";

export type Editable = Partial<
  Pick<Task, "title" | "description" | "priority" | "due" | "assignees" | "labels">
>;

/** Where a task goes: directly above `before`, else directly below `after`, else to the end. */
export interface Place {
  state: string;
  before?: string | null;
  after?: string | null;
}

export type Pending =
  | { kind: "edit"; id: string; ref: string; patch: Editable }
  | { kind: "move"; id: string; ref: string; place: Place }
  | { kind: "create"; id: string; task: Task }
  | { kind: "archive"; id: string; ref: string }
  | { kind: "delete"; id: string; ref: string };

export type Columns = ReadonlyMap<string, readonly Task[]>;

export interface View {
  /** Every task shown, by reference, with what is pending laid over it. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Tasks by state in their order. Every state of the workflow has an entry. */
  readonly columns: Columns;
}

/** Clocks of a browser and the server differ by less. */
const SKEW = 300_000;

/**
 * What is pending without new tasks that the board may have already: a snapshot does not say which command made a task,
 * so one that was sent and not answered is not shown beside one that looks just like it.
 */
export function once(pending: readonly Pending[], board: Board, unanswered: (id: string) => boolean): readonly Pending[] {
  const isHere = (made: Task) => [...board.tasks.values()].some((task) => isTwin(made, task));
  return pending.filter((one) => one.kind !== "create" || !unanswered(one.id) || !isHere(one.task));
}

function isTwin(made: Task, task: Task): boolean {
  const since = Date.parse(task.created_at) - Date.parse(made.created_at);
  return task.created_by === made.created_by && task.title === made.title && since > -SKEW;
}

/** Positions are ASCII and sort by byte, which for ASCII is by code unit. */
export function byPosition(a: Task, b: Task): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.number - b.number;
}

export function view(board: Board, pending: readonly Pending[]): View {
  const columns = new Map<string, Task[]>(board.workflow.states.map((state) => [state.id, []]));
  const tasks = new Map(board.tasks);
  for (const task of board.tasks.values()) columns.get(task.state)?.push(task);
  for (const list of columns.values()) list.sort(byPosition);
  for (const command of pending) lay(tasks, columns, command);
  return { tasks, columns };
}

function lay(tasks: Map<string, Task>, columns: Map<string, Task[]>, command: Pending): void {
  if (command.kind === "create") {
    // It came back, or another way, already.
    if (tasks.has(command.task.ref)) return;
    tasks.set(command.task.ref, command.task);
    columns.get(command.task.state)?.push(command.task);
    return;
  }
  const task = tasks.get(command.ref);
  if (!task) return;
  const list = columns.get(task.state);
  const at = list?.indexOf(task) ?? -1;
  if (command.kind === "edit") {
    const edited = { ...task, ...command.patch };
    tasks.set(task.ref, edited);
    if (list && at >= 0) list[at] = edited;
    return;
  }
  if (list && at >= 0) list.splice(at, 1);
  if (command.kind === "delete" || command.kind === "archive") {
    tasks.delete(task.ref);
    return;
  }
  const moved = { ...task, state: command.place.state };
  tasks.set(task.ref, moved);
  const target = columns.get(command.place.state);
  target?.splice(placeIn(target, command.place), 0, moved);
}

function placeIn(list: readonly Task[], place: Place): number {
  const anchor = place.before ?? place.after;
  const at = anchor ? list.findIndex((task) => task.ref === anchor) : -1;
  if (at < 0) return list.length;
  return place.before ? at : at + 1;
}

/** What is still pending after these events: the event of a command takes its overlay away. */
export function settle(pending: readonly Pending[], events: readonly LogEvent[]): readonly Pending[] {
  if (pending.length === 0) return pending;
  const done = new Set(events.map((event) => event.command_id));
  const left = pending.filter((command) => !done.has(command.id));
  return left.length === pending.length ? pending : left;
}

/** `next`, with each unchanged column being the very array it was, so that who draws it can tell at a glance. */
export function share(previous: Columns | null, next: Columns): Columns {
  if (!previous) return next;
  const shared = new Map<string, readonly Task[]>();
  for (const [state, list] of next) {
    const old = previous.get(state);
    shared.set(state, old && sameItems(old, list) ? old : list);
  }
  return shared;
}

function sameItems(a: readonly Task[], b: readonly Task[]): boolean {
  return a.length === b.length && a.every((task, index) => task === b[index]);
}
