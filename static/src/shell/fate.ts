/** What became of the tasks and comments that refused changes were about and that are not there: the log tells. */
import { signal } from "@preact/signals";
import { NoLine, Problem, request } from "../api/client";
import type { Actor, Events, LogEvent, Task, TaskEvents } from "../api/types";
import { board, openKey, role } from "../app/board";
import { projects } from "../app/session";
import { type Change, refOf } from "../queue/queue";

/** `there`: it came back meanwhile. `unknown`: there is no line, or the log does not tell. */
export type Fate = { kind: "deleted"; what: "task" | "comment"; by: Actor; at: string; task: Task | null } | { kind: "there" } | { kind: "unknown" };

/** By what was asked. */
export const fates = signal<ReadonlyMap<string, Fate>>(new Map());

/** The comment that a change is about, if it is about one. */
const commentOf = ({ action }: Change): string | null => ("comment" in action ? action.comment : null);

export const fateOf = (change: Change): Fate | undefined => fates.value.get(keyOf(change));

const keyOf = (change: Change): string => `${refOf(change)} ${commentOf(change) ?? ""}`;

/** Ask what became of what a change is about. */
export async function askFate(change: Change): Promise<void> {
  let fate: Fate;
  try {
    fate = await find(change.project, refOf(change), commentOf(change));
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof NoLine)) throw error;
    fate = { kind: "unknown" };
  }
  fates.value = new Map(fates.value).set(keyOf(change), fate);
}

async function find(project: string, ref: string, comment: string | null): Promise<Fate> {
  try {
    const { events } = await request<TaskEvents>("GET", `/tasks/${ref}/events?limit=200`);
    const gone = comment === null ? undefined : events.find((event) => event.type === "comment.deleted" && event.comment?.id === comment);
    return gone ? deleted(gone, "comment") : { kind: "there" };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
  }
  const gone = (await newest(project)).findLast((event) => event.type === "task.deleted" && event.task?.ref === ref);
  return gone ? deleted(gone, "task") : { kind: "unknown" };
}

function deleted({ actor, at, task }: LogEvent, what: "task" | "comment"): Fate {
  return { kind: "deleted", what, by: actor, at, task: task ?? null };
}

/** What waits is at most a day old: what took away what it is about is not far back. */
const BACK = 800;

async function newest(project: string): Promise<readonly LogEvent[]> {
  const read = (since: number, limit: number) => request<Events>("GET", `/projects/${project}/events?since=${since}&limit=${limit}`);
  const { seq } = openKey.value === project && board.value ? board.value : await read(0, 1);
  const found: LogEvent[] = [];
  for (let since = Math.max(0, seq - BACK), more = true; more; ) {
    const part = await read(since, 1_000);
    found.push(...part.events);
    since = part.events.at(-1)?.seq ?? since;
    more = part.has_more;
  }
  return found;
}

/** Whether I may write in a project, as far as is known here. */
export function mayWrite(project: string): boolean {
  const mine = openKey.value === project && board.value ? role.value : projects.value?.find((one) => one.key === project)?.role;
  return mine === "owner" || mine === "member";
}
