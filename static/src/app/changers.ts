/** Who changed the tasks of a board after a seq: the log tells. Fetched only where something did change. */
import { NoLine, Problem, request } from "../api/client";
import type { Events } from "../api/types";
import type { Board } from "../store/board";
import { me } from "./session";
import { inPassing, t } from "./text";

/** Of a longer time than the last so many events it is not asked who was about. */
const MOST = 500;

/** Their names in passing, mine last; "" where there is no answer. */
export async function changers({ project, tasks }: Board, since: number): Promise<string> {
  try {
    const { events, has_more } = await request<Events>("GET", `/projects/${project.key}/events?since=${since}&limit=${MOST}`);
    if (has_more) return "";
    const actors = events.flatMap(({ task, actor }) => (task && tasks.has(task.ref) ? [actor] : []));
    const isMe = ({ id }: { id: string }) => id === me.peek()?.id;
    return inPassing([...actors.filter((one) => !isMe(one)), ...actors.filter(isMe).map((one) => ({ ...one, name: t.others.you }))]);
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof NoLine)) throw error;
    return "";
  }
}
