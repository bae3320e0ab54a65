/**
 * What this window did to a project, so that it can be taken back, and what it took back, so that it can be done
 * again. Each deed is one command or several (an archived column); the events of the log say what there is to undo.
 * Knows no DOM.
 */
import type { LogEvent } from "../api/types";
import type { Action } from "../queue/queue";

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
  /** Of what was taken back: what was never sent, to be done anew. */
  readonly unsent?: readonly Action[];
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

/** A deed is being taken back by commands of these ids. */
export function takingBack(deeds: Deeds, deed: Deed, ids: readonly string[]): Deeds {
  return { past: without(deeds.past, deed), undone: [...deeds.undone, { ...deed, ids, seqs: [], was: deed }] };
}

/** Of a deed this was never sent, and will not be; what else there is of it is to be taken back by its events. */
export function unsaid(deeds: Deeds, key: string, ids: readonly string[], unsent: readonly Action[]): Deeds {
  const deed = find(deeds, key);
  if (!deed) return deeds;
  const left = { ...deed, ids: deed.ids.filter((id) => !ids.includes(id)), unsent };
  if (left.ids.length > 0 || left.seqs.length > 0) return { ...deeds, past: deeds.past.map((one) => (one.key === key ? left : one)) };
  return { past: without(deeds.past, deed), undone: [...deeds.undone, left] };
}

/** What was taken back is being done again by commands of these ids. */
export function doingAgain(deeds: Deeds, deed: Deed, ids: readonly string[]): Deeds {
  const { key, text } = deed;
  return { undone: without(deeds.undone, deed), past: [...deeds.past, { key, text, ids, seqs: [] }] };
}

/** That is what came of it; where nothing did it is forgotten. */
export function settled(deeds: Deeds, key: string, came: Came): Deeds {
  const settle = (list: readonly Deed[]): Deed[] =>
    list.flatMap((deed) => {
      if (deed.key !== key) return [deed];
      const seqs = [...new Set([...deed.seqs, ...came.done])].sort((a, b) => a - b);
      return seqs.length > 0 || came.waits.length > 0 ? [{ ...deed, ids: came.waits, seqs }] : [];
    });
  return { past: settle(deeds.past), undone: settle(deeds.undone) };
}

/** What was to be taken back stays as it is. */
export function leftDone(deeds: Deeds, deed: Deed): Deeds {
  return { past: deed.was ? placed(deeds.past, deed.was) : deeds.past, undone: without(deeds.undone, deed) };
}

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
