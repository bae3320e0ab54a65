/**
 * What this window did to a project, so that it can be taken back, and what it took back, so that it can be done
 * again. Each deed is one command or several (an archived column); the events of the log say what there is to undo.
 * Knows no DOM.
 */
import type { LogEvent } from "../api/types";

export interface Deed {
  /** The id of its first command: tells it from others. */
  readonly key: string;
  /** The ids of its commands that are not yet known to have done nothing. */
  readonly ids: readonly string[];
  /** In words: "WEB-42 moved to Done". */
  readonly text: string;
  /** The events it wrote, in the order of the log; none before they came. */
  readonly seqs: readonly number[];
}

export interface Deeds {
  /** Newest last. */
  readonly past: readonly Deed[];
  /** Taken back, the last one last. */
  readonly undone: readonly Deed[];
}

export const NO_DEEDS: Deeds = { past: [], undone: [] };

const MOST = 100;

/** Something new was done: what was taken back before can't be done again. */
export function did(deeds: Deeds, deed: Deed): Deeds {
  return { past: [...deeds.past, deed].slice(-MOST), undone: [] };
}

/** Events arrived: those of this window's commands belong to its deeds. */
export function heard(deeds: Deeds, events: readonly LogEvent[]): Deeds {
  let past = deeds.past;
  for (const { command_id, seq } of events) {
    const at = past.findIndex((deed) => deed.ids.includes(command_id) && !deed.seqs.includes(seq));
    const deed = past[at];
    if (deed) past = past.with(at, { ...deed, seqs: [...deed.seqs, seq].sort((a, b) => a - b) });
  }
  return past === deeds.past ? deeds : { ...deeds, past };
}

/** A command was refused, or changed nothing: a deed of nothing else is none. */
export function failed(deeds: Deeds, id: string): Deeds {
  const past = deeds.past.flatMap((deed) => {
    if (!deed.ids.includes(id)) return [deed];
    const ids = deed.ids.filter((one) => one !== id);
    return ids.length > 0 || deed.seqs.length > 0 ? [{ ...deed, ids }] : [];
  });
  return { ...deeds, past };
}

/** The deed by its key; without one the last. */
export function find(deeds: Deeds, key?: string): Deed | undefined {
  return key === undefined ? deeds.past.at(-1) : deeds.past.find((deed) => deed.key === key);
}

/** A deed was taken back by events of these seqs (none: there was nothing to take back). */
export function tookBack(deeds: Deeds, deed: Deed, seqs: readonly number[]): Deeds {
  const past = without(deeds.past, deed);
  return { past, undone: seqs.length > 0 ? [...deeds.undone, { ...deed, seqs }] : deeds.undone };
}

/** What was taken back was done again, by events of these seqs. */
export function didAgain(deeds: Deeds, deed: Deed, seqs: readonly number[]): Deeds {
  const undone = without(deeds.undone, deed);
  return { undone, past: seqs.length > 0 ? [...deeds.past, { ...deed, seqs }] : deeds.past };
}

function without(list: readonly Deed[], deed: Deed): Deed[] {
  // Not by identity: events may have come for it meanwhile.
  return list.filter((one) => one.key !== deed.key);
}
