/** The store for a test in another language, which builds this file and calls it (tests/browser_store.py). */
import type { BoardSnapshot, LogEvent, Task } from "../src/api/types";
import { apply, fromSnapshot, renewed, upsertTask } from "../src/store/board";
import { view } from "../src/store/overlay";

interface Course {
  snapshot: BoardSnapshot;
  steps: ({ events: LogEvent[] } | { snapshot: BoardSnapshot } | { task: Task })[];
}

/**
 * Where a course of JSON ends, as JSON: the board as a snapshot, `columns` (the references of each state as they are
 * shown), and whether the project is `deleted`.
 */
export function follow(course: string): string {
  const { snapshot, steps } = JSON.parse(course) as Course;
  let board = fromSnapshot(snapshot);
  for (const step of steps) {
    if ("events" in step) board = apply(board, step.events);
    else if ("snapshot" in step) board = renewed(board, step.snapshot);
    else board = upsertTask(board, step.task);
  }
  const { log, seq, project, workflow, deleted } = board;
  const columns = [...view(board, []).columns].map(([state, tasks]) => [state, tasks.map((task) => task.ref)]);
  const [members, labels, tasks] = [board.members, board.labels, board.tasks].map((all) => [...all.values()]);
  return JSON.stringify({
    board: { log, seq, project, workflow, members, labels, tasks },
    columns: Object.fromEntries(columns),
    deleted,
  });
}
