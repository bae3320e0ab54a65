/** Whatever order events come in, late, doubled or replayed, and whatever snapshots and answers come between: one state. */
import { describe, expect, it } from "vitest";
import type { BoardSnapshot, LogEvent, Task } from "../../src/api/types";
import { apply, type Board, fromSnapshot, renewed, toSnapshot, upsertTask } from "../../src/store/board";
import { event, snapshot, task } from "../events";

const SEEDS = Array.from({ length: 200 }, (_, n) => n + 1);

function randomOf(seed: number) {
  let state = seed * 2_654_435_761;
  const next = (n: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) | 0;
    return (state >>> 1) % n;
  };
  return { next, pick: <T>(list: readonly T[]): T => list[next(list.length)] as T };
}

/** A course of a project: its events, and after each of them the snapshot that a server would give. */
function course(seed: number): { start: BoardSnapshot; events: LogEvent[]; snapshots: BoardSnapshot[] } {
  const { next, pick } = randomOf(seed);
  const start = snapshot();
  const live = new Map<string, Task>(start.tasks.map((one) => [one.ref, one]));
  const gone = new Map<string, Task>();
  let { labels, members, project, workflow } = start;
  const events: LogEvent[] = [];
  const snapshots: BoardSnapshot[] = [];
  for (let seq = start.seq + 1; seq <= start.seq + 25; seq++) {
    const carry = (one: Task, over: Partial<Task>): Task => ({ ...one, ...over, version: seq });
    const kind = next(9);
    const some = live.size > 0 ? pick([...live.values()]) : null;
    const lost = gone.size > 0 ? pick([...gone.values()]) : null;
    if (kind === 0 || !some) {
      const made = task(seq, { title: `Made ${seq}`, version: seq });
      live.set(made.ref, made);
      events.push(event(seq, "task.created", { task: made }));
    } else if (kind === 1 && lost) {
      const back = carry(lost, { archived: false });
      gone.delete(back.ref);
      live.set(back.ref, back);
      events.push(event(seq, "task.restored", { task: back }));
    } else if (kind === 2 || kind === 3) {
      const away = carry(some, { archived: kind === 2 });
      live.delete(away.ref);
      gone.set(away.ref, away);
      events.push(event(seq, kind === 2 ? "task.archived" : "task.deleted", { task: away }));
    } else if (kind === 4) {
      const label = { ...start.labels[0]!, name: `label ${seq}`, version: seq };
      labels = next(2) ? [label] : [];
      events.push(event(seq, labels.length > 0 ? "label.edited" : "label.deleted", { label }));
    } else if (kind === 5) {
      const member = { ...start.members[0]!, name: `Ana ${seq}`, version: seq };
      members = [member];
      events.push(event(seq, "member.changed", { member }));
    } else if (kind === 6) {
      workflow = { ...workflow, version: seq };
      events.push(event(seq, "workflow.changed", { workflow }));
    } else if (kind === 7) {
      project = { ...project, name: `Project ${seq}`, version: seq };
      events.push(event(seq, "project.edited", { project }));
    } else {
      const moved = carry(some, { state: pick(["todo", "doing", "done"]), position: `b${seq}` });
      live.set(moved.ref, moved);
      events.push(event(seq, "task.moved", { task: moved }));
    }
    snapshots.push({ log: start.log, seq, project, workflow, members, labels, tasks: [...live.values()] });
  }
  return { start, events, snapshots };
}

/** What is on the board, whatever order it came in. */
function state(board: Board): BoardSnapshot {
  const all = toSnapshot(board);
  return { ...all, tasks: [...all.tasks].sort((a, b) => a.number - b.number) };
}

function shuffled<T>(list: readonly T[], next: (n: number) => number): T[] {
  const result = [...list];
  for (let n = result.length - 1; n > 0; n--) {
    const other = next(n + 1);
    [result[n], result[other]] = [result[other] as T, result[n] as T];
  }
  return result;
}

describe("the board", () => {
  it.each(SEEDS)("is the same after its events in any order, some of them twice (%i)", (seed) => {
    const { start, events, snapshots } = course(seed);
    const { next, pick } = randomOf(seed + 1_000);
    const expected = state(fromSnapshot(snapshots.at(-1)!));
    const inOrder = apply(fromSnapshot(start), events);
    expect(state(inOrder)).toEqual(expected);

    const again = shuffled([...events, ...events.filter(() => next(2)), pick(events)], next);
    let board = fromSnapshot(start);
    while (again.length > 0) board = apply(board, again.splice(0, 1 + next(4)));
    expect(state(board)).toEqual(expected);
    // What is replayed now is no news: nothing is drawn for it.
    expect(apply(board, shuffled(events, next))).toBe(board);
  });

  it.each(SEEDS)("ends the same whatever snapshots and answers come between (%i)", (seed) => {
    const { start, events, snapshots } = course(seed);
    const { next, pick } = randomOf(seed + 2_000);
    let board = fromSnapshot(start);
    for (const one of events) {
      board = apply(board, [one]);
      if (next(4) === 0) board = renewed(board, pick(snapshots));
      // An answer tells of a task of which the event may be still to come.
      const told = pick(events).task;
      if (next(3) === 0 && told && events.every((other) => other.task !== told || other.type !== "task.deleted")) board = upsertTask(board, told);
      if (next(5) === 0) board = renewed(fromSnapshot(toSnapshot(board)), pick(snapshots));
      const seq = board.seq;
      board = apply(board, [pick(events)].filter((other) => other.seq <= seq));
    }
    board = apply(board, events.filter((one) => one.seq > board.seq));
    expect(state(board)).toEqual(state(fromSnapshot(snapshots.at(-1)!)));
  });
});
