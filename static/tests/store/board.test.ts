import { describe, expect, it } from "vitest";
import type { LogEvent } from "../../src/api/types";
import { apply, fromSnapshot, renewed, upsertTask } from "../../src/store/board";
import { event, label, member, project, snapshot, task } from "../events";

const start = () => fromSnapshot(snapshot());
const comment = {
  id: "k1", task: "WEB-1", author: "u2", body: "Hm", version: 11,
  created_at: "2026-11-21T10:00:00Z", edited_at: null,
};

describe("each type of event", () => {
  it.each<[string, LogEvent, (board: ReturnType<typeof start>) => unknown, unknown]>([
    ["task.created", event(11, "task.created", { task: task(9, { version: 11 }) }), (b) => b.tasks.get("WEB-9")?.title, "Task 9"],
    ["task.edited", event(11, "task.edited", { task: task(1, { version: 11, title: "New" }) }), (b) => b.tasks.get("WEB-1")?.title, "New"],
    ["task.moved", event(11, "task.moved", { task: task(1, { version: 11, state: "done" }) }), (b) => b.tasks.get("WEB-1")?.state, "done"],
    ["task.archived", event(11, "task.archived", { task: task(1, { version: 11, archived: true }) }), (b) => b.tasks.has("WEB-1"), false],
    ["task.deleted", event(11, "task.deleted", { task: task(1, { version: 11 }) }), (b) => b.tasks.has("WEB-1"), false],
    ["task.restored", event(11, "task.restored", { task: task(8, { version: 11 }) }), (b) => b.tasks.has("WEB-8"), true],
    ["comment.created", event(11, "comment.created", { comment, task: task(1, { version: 11, comment_count: 1 }) }), (b) => b.tasks.get("WEB-1")?.comment_count, 1],
    ["comment.edited", event(11, "comment.edited", { comment, task: task(1, { version: 11, comment_count: 1 }) }), (b) => b.tasks.get("WEB-1")?.version, 11],
    ["comment.deleted", event(11, "comment.deleted", { comment, task: task(1, { version: 11, comment_count: 0 }) }), (b) => b.tasks.get("WEB-1")?.version, 11],
    ["label.created", event(11, "label.created", { label: label("l2", "api") }), (b) => b.labels.get("l2")?.name, "api"],
    ["label.edited", event(11, "label.edited", { label: label("l1", "defect") }), (b) => b.labels.get("l1")?.name, "defect"],
    ["label.deleted", event(11, "label.deleted", { label: label("l1", "bug") }), (b) => b.labels.has("l1"), false],
    ["member.added", event(11, "member.added", { member: member("u3", "Chen", "member") }), (b) => b.members.get("u3")?.name, "Chen"],
    ["member.changed", event(11, "member.changed", { member: member("u1", "Anna", "member") }), (b) => b.members.get("u1")?.role, "member"],
    ["member.removed", event(11, "member.removed", { member: member("u1", "Ana", "owner") }), (b) => b.members.has("u1"), false],
    ["workflow.changed", event(11, "workflow.changed", { workflow: { ...snapshot().workflow, version: 2 } }), (b) => b.workflow.version, 2],
    ["project.edited", event(11, "project.edited", { project: project("Shop") }), (b) => b.project.name, "Shop"],
    ["project.deleted", event(11, "project.deleted", { project: project("Website") }), (b) => b.deleted, true],
  ])("%s is taken in once and moves the cursor", (_type, one, read, expected) => {
    const once = apply(start(), [one]);
    expect(read(once)).toEqual(expected);
    expect(once.seq).toBe(11);
    expect(apply(once, [one])).toBe(once);
  });
});

describe("what comes late, twice or in another order", () => {
  const story = [
    event(11, "task.created", { task: task(9, { version: 11 }) }),
    event(12, "task.edited", { task: task(9, { version: 12, title: "Second" }) }),
    event(13, "label.edited", { label: label("l1", "one") }),
    event(14, "task.deleted", { task: task(9, { version: 14 }) }),
    event(15, "label.edited", { label: label("l1", "two") }),
    event(16, "member.removed", { member: member("u1", "Ana", "owner") }),
    event(17, "task.moved", { task: task(2, { version: 17, state: "done", position: "b" }) }),
  ];
  const end = apply(start(), story);

  it("gives the same board in every order", () => {
    for (const order of permutations(story.length, 500)) {
      const shuffled = order.map((index) => story[index]!);
      const board = [...shuffled, ...shuffled.slice(0, 3)].reduce((b, one) => apply(b, [one]), start());
      expect(board.tasks).toEqual(end.tasks);
      expect(board.labels).toEqual(end.labels);
      expect(board.members).toEqual(end.members);
      expect(board.seq).toBe(end.seq);
    }
  });

  it("does not bring a deleted task back", () => {
    expect(apply(end, [story[1]!])).toBe(end);
    expect(upsertTask(end, task(9, { version: 13 }))).toBe(end);
  });

  it("ignores what the snapshot covers", () => {
    const board = start();
    expect(apply(board, [event(7, "task.edited", { task: task(4, { version: 7 }) })])).toBe(board);
  });

  it("keeps a newer answer over an older event, and still takes in other tasks' events", () => {
    const answered = upsertTask(start(), task(1, { version: 13, title: "Mine" }));
    const board = apply(answered, [
      event(11, "task.edited", { task: task(1, { version: 11, title: "Older" }) }),
      event(12, "task.edited", { task: task(2, { version: 12, title: "Other" }) }),
    ]);
    expect(board.tasks.get("WEB-1")?.title).toBe("Mine");
    expect(board.tasks.get("WEB-2")?.title).toBe("Other");
    expect(board.seq).toBe(12);
  });
});

describe("a snapshot that comes while there is a board", () => {
  const later = [
    event(11, "task.edited", { task: task(1, { version: 11, title: "Newer" }) }),
    event(12, "task.deleted", { task: task(2, { version: 12 }) }),
    event(13, "task.created", { task: task(9, { version: 13 }) }),
    event(14, "label.deleted", { label: label("l1", "bug") }),
    event(15, "member.added", { member: member("u3", "Chen", "member") }),
    event(16, "workflow.changed", { workflow: { ...snapshot().workflow, version: 16 } }),
    event(17, "project.edited", { project: project("Shop") }),
  ];
  const ahead = apply(start(), later);

  it("takes nothing back that was heard already", () => {
    for (const old of [snapshot(), snapshot({ seq: 4, tasks: [task(8)] })]) {
      const board = renewed(ahead, old);
      expect({ ...board, heard: null }).toEqual({ ...ahead, heard: null });
      expect(apply(board, later)).toBe(board);
    }
  });

  it("brings what was not heard", () => {
    const answered = upsertTask(start(), task(1, { version: 14, title: "Mine" }));
    const board = renewed(answered, snapshot({ seq: 13, labels: [], tasks: [task(1), task(3, { version: 13, title: "Theirs" })] }));
    expect([...board.tasks.values()].map((one) => one.title).sort()).toEqual(["Mine", "Theirs"]);
    expect(board.labels.size).toBe(0);
    expect(board.seq).toBe(13);
    expect(apply(board, [event(12, "task.created", { task: task(2, { version: 12 }) })])).toBe(board);
  });

  it("of another log replaces everything", () => {
    const board = renewed(ahead, snapshot({ log: "L2", seq: 3, tasks: [task(5, { version: 2 })] }));
    expect(board.seq).toBe(3);
    expect([...board.tasks.keys()]).toEqual(["WEB-5"]);
    expect(renewed(null, snapshot())).toEqual(start());
  });
});

/** `count` orders out of all, by a fixed generator. */
function* permutations(length: number, count: number): Generator<number[]> {
  let state = 7;
  const next = () => (state = (Math.imul(state, 48271) >>> 0) % 2147483647);
  for (let n = 0; n < count; n++) {
    const order = Array.from({ length }, (_, index) => index);
    for (let i = length - 1; i > 0; i--) {
      const j = next() % (i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    yield order;
  }
}
