/** What the server did of the changes of this browser. */
import { signal } from "@preact/signals";
import type { LogEvent } from "../api/types";
import { type Action, type Answer, type Change, isComment, isTask, refOf } from "../queue/queue";

/** The references that tasks made here were given. */
export const names = signal<ReadonlyMap<string, string>>(new Map());

/** The versions that my edits led to, by the id of the change. */
const led = new Map<string, number>();

/** The version that an edit of mine led to; 0 before it is answered. */
export const ledTo = (id: string): number => led.get(id) ?? 0;

type Hear = (change: Change, answer: Answer) => void;
const hearers = new Set<Hear>();

/** Be told of what the server did of what waited, in one batch with its leaving the queue. Answers how to end it. */
export function onAnswer(hear: Hear): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

export const isBirth = (made: Change, answer: Answer): answer is Answer & { ref: string } => made.action.kind === "create" && isTask(answer);

/** Note which version, or which reference, a change led to. */
export function note(made: Change, answer: Answer): void {
  if (isTask(answer) || isComment(answer)) led.set(made.id, answer.version);
  if (isBirth(made, answer)) names.value = new Map(names.value).set(refOf(made), answer.ref);
}

/** Tell who wants to know what came of a change. */
export function tell(made: Change, answer: Answer): void {
  for (const hear of hearers) hear(made, answer);
}

/** What the answer to a change was, by the event that says it was done. */
export function toldBy(event: LogEvent, kind: Action["kind"]): Answer {
  if (kind === "undo") return { events: [event] };
  if (kind === "comment" || kind === "editComment") return event.comment ?? null;
  return kind === "delete" ? null : (event.task ?? null);
}
