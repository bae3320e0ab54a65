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
  /** Of what was taken back: the deed that it was. */
  readonly was?: Deed;
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
  const [past, undone] = [known(deeds.past, events), known(deeds.undone, events)];
  return past === deeds.past && undone === deeds.undone ? deeds : { past, undone };
}

function known(list: readonly Deed[], events: readonly LogEvent[]): readonly Deed[] {
  let all = list;
  for (const { command_id, seq } of events) {
    const at = all.findIndex((deed) => deed.ids.includes(command_id) && !deed.seqs.includes(seq));
    const deed = all[at];
    if (deed) all = all.with(at, { ...deed, seqs: [...deed.seqs, seq].sort((a, b) => a - b) });
  }
  return all;
}

/** A command was refused, or changed nothing: a deed of nothing else is none. */
export function failed(deeds: Deeds, id: string): Deeds {
  return { past: lessened(deeds.past, id), undone: lessened(deeds.undone, id) };
}

function lessened(list: readonly Deed[], id: string): Deed[] {
  return list.flatMap((deed) => {
    if (!deed.ids.includes(id)) return [deed];
    const ids = deed.ids.filter((one) => one !== id);
    return ids.length > 0 || deed.seqs.length > 0 ? [{ ...deed, ids }] : [];
  });
}

/** The deed by its key; without one the last. */
export function find(deeds: Deeds, key?: string): Deed | undefined {
  return key === undefined ? deeds.past.at(-1) : deeds.past.find((deed) => deed.key === key);
}

/** What came of taking a deed back, or of doing it again. */
export interface Came {
  /** The seqs of what was written. */
  readonly done: readonly number[];
  /** The ids of the commands that wait to be sent. */
  readonly waits: readonly string[];
}

/** A deed was taken back, or will be; where nothing came of it there was nothing to take back. */
export function tookBack(deeds: Deeds, deed: Deed, came: Came): Deeds {
  const past = without(deeds.past, deed);
  return { past, undone: isNothing(came) ? deeds.undone : [...deeds.undone, { ...deed, ids: came.waits, seqs: came.done, was: deed }] };
}

/** What was taken back was done again, or will be. */
export function didAgain(deeds: Deeds, deed: Deed, came: Came): Deeds {
  const undone = without(deeds.undone, deed);
  const { key, text } = deed;
  return { undone, past: isNothing(came) ? deeds.past : placed(deeds.past, { key, text, ids: came.waits, seqs: came.done }) };
}

/** What was to be taken back stays as it is. */
export function leftDone(deeds: Deeds, deed: Deed): Deeds {
  return { past: deed.was ? placed(deeds.past, deed.was) : deeds.past, undone: without(deeds.undone, deed) };
}

const isNothing = ({ done, waits }: Came): boolean => done.length === 0 && waits.length === 0;

/** By the order of the log: other things may have been done before it was answered. */
function placed(past: readonly Deed[], deed: Deed): Deed[] {
  const last = deed.seqs.at(-1) ?? Infinity;
  const at = past.findIndex(({ seqs }) => (seqs.at(-1) ?? Infinity) > last);
  return at < 0 ? [...past, deed] : past.toSpliced(at, 0, deed);
}

function without(list: readonly Deed[], deed: Deed): Deed[] {
  // Not by identity: events may have come for it meanwhile.
  return list.filter((one) => one.key !== deed.key);
}
