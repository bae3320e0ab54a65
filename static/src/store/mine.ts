/**
 * What is mine over all projects: how each project stands, and the open tasks that are assigned to me.
 *
 * Nothing here knows the DOM. Each project's events after its `seq` are taken once, in order; tasks are guarded by
 * their versions, so what a list says late changes nothing that an event said already.
 */
import type { Category, Label, LogEvent, ProjectSummary, Task } from "../api/types";
import { dueDay, isLateAt } from "./due";

export interface Mine {
  /** By key. `log` and `seq` are the cursor: everything up to there is counted. */
  readonly projects: ReadonlyMap<string, ProjectSummary>;
  /** My open tasks by reference. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** The version in which each task was heard of last, also of those that are not mine any more. */
  readonly heard: ReadonlyMap<string, number>;
}

export const NOTHING: Mine = { projects: new Map(), tasks: new Map(), heard: new Map() };

const OPEN: ReadonlySet<Category> = new Set(["backlog", "todo", "doing"]);

/**
 * What the server said, read in this order: the summaries, then my tasks. What is newer here stays, but for the
 * projects that are of another `log` by now or among `anew`: of those nothing is kept.
 */
export function renewed(
  held: Mine,
  summaries: readonly ProjectSummary[],
  list: readonly Task[],
  anew: ReadonlySet<string> = new Set(),
): Mine {
  const kept = (key: string) => {
    const one = held.projects.get(key);
    return !anew.has(key) && one && one.log === summaries.find((fresh) => fresh.key === key)?.log ? one : undefined;
  };
  const projects = new Map(
    summaries.map((fresh) => {
      const one = kept(fresh.key);
      return [fresh.key, one && one.seq > fresh.seq ? one : fresh];
    }),
  );
  const heard = new Map([...held.heard].filter(([ref]) => kept(keyOf(ref))));
  const tasks = new Map<string, Task>();
  for (const task of list) {
    if (!projects.has(task.project) || task.version < (heard.get(task.ref) ?? 0)) continue;
    heard.set(task.ref, task.version);
    tasks.set(task.ref, task);
  }
  for (const [ref, task] of held.tasks) {
    const fresh = summaries.find((one) => one.key === task.project);
    // Missing in a list that is younger than it: it is not mine any more.
    if (fresh && kept(task.project) && task.version > fresh.seq && task.version === heard.get(ref)) tasks.set(ref, task);
  }
  return { projects, tasks, heard };
}

/** Mine without a project that is gone. */
export function without(mine: Mine, key: string): Mine {
  const others = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([ref]) => keyOf(ref) !== key));
  return { projects: others(mine.projects), tasks: others(mine.tasks), heard: others(mine.heard) };
}

/** Mine with a task as an HTTP answer gave it, unless something newer is here already. Its event counts it later. */
export function upsert(mine: Mine, task: Task, me: string): Mine {
  const summary = mine.projects.get(task.project);
  if (!summary || task.version <= (mine.heard.get(task.ref) ?? 0)) return mine;
  const tasks = new Map(mine.tasks);
  const heard = new Map(mine.heard);
  hear(tasks, heard, summary, task, task.version, task.archived, me);
  return { ...mine, tasks, heard };
}

/** Mine after events of one project. The workflow's are not counted: after them ask the server anew. */
export function apply(mine: Mine, key: string, events: readonly LogEvent[], me: string, now: Date): Mine {
  let summary = mine.projects.get(key);
  if (!summary) return mine;
  const tasks = new Map(mine.tasks);
  const heard = new Map(mine.heard);
  for (const event of events) {
    if (event.seq <= summary.seq) continue;
    summary = { ...counted(summary, event, me, now), seq: event.seq, active_at: event.at, active_by: event.actor.name };
    const { task, seq, type } = event;
    if (task) hear(tasks, heard, summary, task, Math.max(seq, task.version), type === "task.deleted" || task.archived, me);
  }
  if (summary === mine.projects.get(key)) return mine;
  return { projects: new Map(mine.projects).set(key, summary), tasks, heard };
}

function counted(summary: ProjectSummary, event: LogEvent, me: string, now: Date): ProjectSummary {
  if (typeof event.project === "object") return { ...summary, name: event.project.name, version: event.project.version };
  if (event.label) return { ...summary, labels: labelled(summary.labels, event.label, event.type === "label.deleted") };
  if (event.member?.id === me) return { ...summary, role: event.member.role };
  if (!event.task || !event.type.startsWith("task.")) return summary;
  const before = standing(summary, was(event), me, now);
  const after = standing(summary, event.type === "task.deleted" || event.task.archived ? null : event.task, me, now);
  return {
    ...summary,
    states: summary.states.map((state) => ({
      ...state,
      count: state.count + Number(state.id === after.state) - Number(state.id === before.state),
    })),
    late: summary.late + Number(after.late) - Number(before.late),
    mine: summary.mine + Number(after.mine) - Number(before.mine),
  };
}

function labelled(labels: readonly Label[], label: Label, gone: boolean): Label[] {
  const others = labels.filter((one) => one.id !== label.id);
  return gone ? others : [...others, label];
}

/** The task as it stood on the board before the event; null where it did not. */
function was({ type, task, changes }: LogEvent): Task | null {
  if (!task || type === "task.created" || type === "task.restored") return null;
  const old = (name: "state" | "due" | "assignees" | "archived") => (changes[name] ? { [name]: changes[name][0] } : {});
  const before: Task = { ...task, ...old("state"), ...old("due"), ...old("assignees"), ...old("archived") };
  return before.archived ? null : before;
}

function standing(summary: ProjectSummary, task: Task | null, me: string, now: Date) {
  if (!task) return { state: null, late: false, mine: false };
  const open = isOpen(summary, task);
  return {
    state: task.state,
    late: open && task.due !== null && isLateAt(task.due, now),
    mine: open && task.assignees.includes(me),
  };
}

function isOpen(summary: ProjectSummary, task: Task): boolean {
  const category = summary.states.find((state) => state.id === task.state)?.category;
  return category !== undefined && OPEN.has(category);
}

function hear(
  tasks: Map<string, Task>,
  heard: Map<string, number>,
  summary: ProjectSummary,
  task: Task,
  version: number,
  gone: boolean,
  me: string,
): void {
  if (version <= (heard.get(task.ref) ?? 0)) return;
  heard.set(task.ref, version);
  if (!gone && task.assignees.includes(me) && isOpen(summary, task)) tasks.set(task.ref, task);
  else tasks.delete(task.ref);
}

const keyOf = (ref: string): string => ref.split("-", 1)[0] as string;

export type Bucket = "late" | "today" | "week" | "later" | "undated";

export const BUCKETS: readonly Bucket[] = ["late", "today", "week", "later", "undated"];

/** Where a task belongs by its due date; a week ends on Sunday. */
export function bucketOf(due: string | null, now: Date): Bucket {
  if (due === null) return "undated";
  if (isLateAt(due, now)) return "late";
  const days = Math.round((dueDay(due).getTime() - startOf(now).getTime()) / 86_400_000);
  if (days <= 0) return "today";
  return days <= (7 - now.getDay()) % 7 ? "week" : "later";
}

function startOf(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

/** My tasks by due date, the most urgent of one day first; without a date by priority. */
export function inOrder(tasks: Iterable<Task>): Task[] {
  return [...tasks].sort(
    (a, b) =>
      moment(a.due) - moment(b.due) || urgency(b) - urgency(a) || a.project.localeCompare(b.project) || a.number - b.number,
  );
}

function moment(due: string | null): number {
  return due === null ? Number.MAX_SAFE_INTEGER : due.length === 10 ? dueDay(due).getTime() + 86_399_000 : Date.parse(due);
}

const urgency = (task: Task): number => ["none", "low", "medium", "high", "urgent"].indexOf(task.priority);

/** How many tasks are to do, in progress and done; what was called off is not counted. */
export function sums(summary: ProjectSummary): { open: number; doing: number; done: number } {
  const of = (...categories: Category[]) =>
    summary.states.reduce((sum, state) => sum + (categories.includes(state.category) ? state.count : 0), 0);
  return { open: of("backlog", "todo"), doing: of("doing"), done: of("done") };
}
