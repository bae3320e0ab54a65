/** Undoing what the log says happened, by the server's inverse of it; and undoing that again. */
import { newId } from "../queue/id";
import { did, failed, undoEvent } from "./deeds";
import { toast } from "./notices";
import { sayRefused } from "./refused";
import { t } from "./text";

interface Words {
  /** What happened, for where it can't be undone. */
  what: string;
  /** That it is undone. */
  said?: string;
  /** The button that does it again. */
  again?: string;
}

/**
 * Undo events of a task (`ref` is "" for what is of the project itself), the last one first, and say what came of it; the toast offers to do it again. Without a line
 * they wait like everything else. Answers whether all of them were undone or will be; a refusal is shown with its
 * reason and ends it.
 */
export async function undo(at: { project: string; ref: string }, seqs: readonly number[], words: Words): Promise<boolean> {
  const { what, said = t.task.undone, again = t.task.redo } = words;
  const written: number[] = [];
  let waits = false;
  const ids = seqs.map(() => newId());
  did(ids, said);
  for (const [n, seq] of [...seqs].sort((a, b) => b - a).entries()) {
    const id = ids[n] as string;
    try {
      const events = await undoEvent(at.project, { ref: at.ref, seq, said: what }, id);
      waits ||= events === undefined;
      written.push(...(events ?? []).map((event) => event.seq));
      if (events?.length === 0) failed(id);
    } catch (error) {
      for (const left of ids.slice(n)) failed(left);
      sayRefused(error);
      return false;
    }
  }
  if (waits) {
    toast(t.line.undoWaits(what));
    return true;
  }
  const back = again === t.task.redo ? { said: t.task.redone, again: t.task.undo } : { said: t.task.undone, again: t.task.redo };
  const action = written.length > 0 ? { name: again, run: () => void undo(at, written, { what, ...back }) } : undefined;
  toast(said, "done", undefined, action);
  return true;
}
