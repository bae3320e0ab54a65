/** Undoing what the log says happened, by the server's inverse of it; and undoing that again. */
import { Problem, request } from "../api/client";
import type { LogEvent } from "../api/types";
import { newId } from "../queue/id";
import { board } from "./board";
import { did, failed } from "./deeds";
import { toast } from "./notices";
import { explain } from "./problems";
import { t } from "./text";

/**
 * Undo events of a project's log, the last one first, and say what came of it; the toast offers to do it again.
 * Answers whether all of them were undone; a refusal is shown with its reason and ends it.
 */
export async function undo(key: string, seqs: readonly number[], said = t.task.undone, again = t.task.redo): Promise<boolean> {
  const written: number[] = [];
  let refusal: unknown;
  const ids = seqs.map(() => newId());
  did(ids, said);
  for (const [n, seq] of [...seqs].sort((a, b) => b - a).entries()) {
    const id = ids[n] as string;
    try {
      const answer = await request<{ events: LogEvent[] }>("POST", `/projects/${key}/undo`, { body: { seq }, key: id });
      written.push(...answer.events.map((event) => event.seq));
      if (answer.events.length === 0) failed(id);
    } catch (error) {
      refusal = error;
      for (const left of ids.slice(n)) failed(left);
      break;
    }
  }
  if (refusal !== undefined) {
    const { text, more } = explain(refusal, board.value?.workflow);
    // What failed for want of a line may be tried once more by the same button; what was refused may not.
    const action = refusal instanceof Problem ? undefined : { name: t.tryAgain, run: () => void undo(key, seqs, said, again) };
    toast(text, "refused", more, action);
    return false;
  }
  const back = again === t.task.redo ? [t.task.redone, t.task.undo] as const : [t.task.undone, t.task.redo] as const;
  const action = written.length > 0 ? { name: again, run: () => void undo(key, written, ...back) } : undefined;
  toast(said, "done", undefined, action);
  return true;
}
