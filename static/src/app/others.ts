/** What others did, shown for two seconds on the card and said to screen readers. */
import { signal } from "@preact/signals";
import type { Actor, LogEvent } from "../api/types";
import type { Board } from "../store/board";
import { mention } from "./notices";
import { me } from "./session";
import { inPassing, t } from "./text";
import { shortName } from "../store/people";

export interface Mark {
  actor: Actor;
  text: string;
}

const LASTS = 2_000;
/** Above this many events at once somebody came back after a while: the board as it is matters, not each step. */
const TOO_MANY = 30;

/** By task reference. */
export const marks = signal<ReadonlyMap<string, Mark>>(new Map());

/** "3 changes by Ana and 2 others". */
export const inShort = (n: number, who: readonly Actor[]): string => t.others.many(n, inPassing(who));

export function hear(events: readonly LogEvent[], before: Board, after: Board): void {
  const theirs = events.filter((event) => event.actor.id !== me.value?.id);
  if (theirs.length > TOO_MANY) {
    const who = theirs.map((event) => event.actor);
    mention(inShort(theirs.length, who), who, inShort, theirs.length);
    return;
  }
  const fresh = new Map<string, Mark>();
  for (const event of theirs) {
    const what = inWords(event, before, after);
    if (!what || !event.task) continue;
    fresh.set(event.task.ref, { actor: event.actor, text: what.tag });
    mention(what.said, [event.actor], inShort);
  }
  if (fresh.size === 0) return;
  marks.value = new Map([...marks.value, ...fresh]);
  setTimeout(() => {
    marks.value = new Map([...marks.value].filter(([ref, mark]) => fresh.get(ref) !== mark));
  }, LASTS);
}

function inWords(event: LogEvent, before: Board, after: Board): { tag: string; said: string } | null {
  const { task, type, actor } = event;
  if (!task) return null;
  const who = shortName(actor.name);
  const state = after.workflow.states.find((one) => one.id === task.state)?.name ?? task.state;
  switch (type) {
    case "task.created":
      return { tag: t.others.created(who), said: t.others.saidCreated(who, task.ref, task.title) };
    case "task.moved": {
      const from = before.tasks.get(task.ref)?.state;
      if (from === task.state) return { tag: t.others.moved(who), said: t.others.saidReordered(who, task.ref, state) };
      return { tag: t.others.moved(who), said: t.others.saidMoved(who, task.ref, state) };
    }
    case "task.edited":
      return { tag: t.others.edited(who), said: t.others.saidEdited(who, task.ref) };
    case "task.restored":
      return { tag: t.others.restored(who), said: t.others.saidRestored(who, task.ref) };
    case "task.deleted":
    case "task.archived":
      return { tag: "", said: t.others.saidRemoved(who, task.ref) };
    case "comment.created":
      return { tag: t.others.commented(who), said: t.others.saidCommented(who, task.ref) };
    default:
      return null;
  }
}
