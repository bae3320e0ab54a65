import { describe, expect, it } from "vitest";
import type { LogEvent, ProjectSummary, Task } from "../../src/api/types";
import { apply, bucketOf, inOrder, type Mine, NOTHING, renewed, sums, upsert, without } from "../../src/store/mine";
import { event, task } from "../events";

const NOW = new Date(2026, 10, 18, 12); // A Wednesday.
const ME = "u1";
const STATES = [
  ["todo", "todo"], ["doing", "doing"], ["done", "done"], ["cancelled", "cancelled"],
] as const;

const FIGURES: ProjectSummary["figures"] = {
  wip: { count: 0, limit: null }, week: { done: 0, mean: null, weeks: 0 }, p85: null,
  forecast: { open: 0, p50: null, p85: null, sure: "no", reason: "nothing_open" },
};

function summary(tasks: readonly Task[] = [], over: Partial<ProjectSummary> = {}): ProjectSummary {
  const counts = STATES.map(([id, category]) => ({
    id, name: id, category, count: tasks.filter((one) => one.state === id && !one.archived).length,
  }));
  const open = tasks.filter((one) => !one.archived && (one.state === "todo" || one.state === "doing"));
  return {
    key: "WEB", name: "Website", version: 1, created_at: "2026-11-01T09:00:00Z", role: "owner", log: "L1", seq: 10,
    states: counts, labels: [],
    late: open.filter((one) => one.due !== null && one.due < "2026-11-18").length,
    mine: open.filter((one) => one.assignees.includes(ME)).length,
    active_at: null, active_by: null, figures: FIGURES, ...over,
  };
}

const start = (...tasks: Task[]): Mine => renewed(NOTHING, [summary(tasks)], tasks.filter((one) => one.assignees.includes(ME)));
const on = (mine: Mine, ...events: LogEvent[]): Mine => apply(mine, "WEB", events, ME, NOW);
const project = (mine: Mine): ProjectSummary => mine.projects.get("WEB") as ProjectSummary;

describe("the events of a project", () => {
  const mineLate = task(1, { assignees: [ME], due: "2026-11-10" });
  const story: [LogEvent, Task[]][] = [
    [event(11, "task.created", { task: task(2, { version: 11, assignees: [ME] }) }), [mineLate, task(2, { assignees: [ME] })]],
    [
      event(12, "task.moved", { task: task(1, { version: 12, assignees: [ME], due: "2026-11-10", state: "done" }), changes: { state: ["todo", "done"], position: ["a", "b"] } }),
      [task(1, { assignees: [ME], due: "2026-11-10", state: "done" }), task(2, { assignees: [ME] })],
    ],
    [
      event(13, "task.edited", { task: task(2, { version: 13, due: "2026-11-01" }), changes: { assignees: [[ME], []], due: [null, "2026-11-01"] } }),
      [task(1, { state: "done" }), task(2, { due: "2026-11-01" })],
    ],
    [event(14, "comment.created", { task: task(2, { version: 14, due: "2026-11-01", comment_count: 1 }), changes: { body: [null, "Hm"] } }), [task(1, { state: "done" }), task(2, { due: "2026-11-01" })]],
    [event(15, "task.archived", { task: task(2, { version: 15, due: "2026-11-01", archived: true }), changes: { archived: [false, true] } }), [task(1, { state: "done" })]],
    [event(16, "task.edited", { task: task(2, { version: 16, archived: true, due: null }), changes: { due: ["2026-11-01", null] } }), [task(1, { state: "done" })]],
    [event(17, "task.restored", { task: task(2, { version: 17, assignees: [ME] }), changes: { archived: [true, false] } }), [task(1, { state: "done" }), task(2, { assignees: [ME] })]],
    [event(18, "task.deleted", { task: task(1, { version: 18, state: "done" }) }), [task(2, { assignees: [ME] })]],
  ];

  it("counts what a new summary would count, after each", () => {
    let mine = start(mineLate);
    for (const [one, tasks] of story) {
      mine = on(mine, one);
      const { states, late, mine: own } = summary(tasks);
      expect({ at: one.seq, states: project(mine).states, late: project(mine).late, mine: project(mine).mine }).toEqual({
        at: one.seq, states, late, mine: own,
      });
      expect([...mine.tasks.keys()].sort()).toEqual(tasks.filter((each) => each.assignees.includes(ME) && each.state !== "done").map((each) => each.ref));
    }
    expect(project(mine)).toMatchObject({ seq: 18, active_by: "Ben" });
  });

  it("changes nothing when it comes again, late or for a project that is not mine", () => {
    const events = story.map(([one]) => one);
    const end = on(start(mineLate), ...events);
    expect(on(end, ...events)).toBe(end);
    expect(apply(end, "APP", events, ME, NOW)).toBe(end);
  });

  it("takes in the project's name and my role", () => {
    const other = { key: "WEB", name: "Shop", version: 11, created_at: "" };
    const member = { id: ME, name: "Ana", role: "viewer" as const, placeholder: false, version: 12, joined_at: "" };
    const mine = on(start(), event(11, "project.edited", { project: other }), event(12, "member.changed", { member }));
    expect(project(mine)).toMatchObject({ name: "Shop", role: "viewer" });
  });
});

describe("what the server says anew", () => {
  it("never takes back what an event said meanwhile", () => {
    const older = [task(1, { assignees: [ME] }), task(3, { assignees: [ME] })];
    const held = on(
      start(...older),
      event(11, "task.edited", { task: task(1, { version: 11 }), changes: { assignees: [[ME], []] } }),
      event(12, "task.created", { task: task(2, { version: 12, assignees: [ME] }) }),
    );
    // Read before those two, and without the task 3, that is somebody else's since.
    const late = renewed(held, [summary(older)], [older[0] as Task]);
    expect([...late.tasks.keys()]).toEqual(["WEB-2"]);
    expect(project(late).seq).toBe(12);
  });

  it("replaces a project of another history, or one that is read anew, and drops those that are not mine any more", () => {
    const held = on(start(), event(20, "task.created", { task: task(2, { version: 20, assignees: [ME] }) }));
    const restored = renewed(held, [summary([], { log: "L2", seq: 4 })], [task(1, { version: 3, assignees: [ME] })]);
    expect([...restored.tasks.keys()]).toEqual(["WEB-1"]);
    expect(project(restored)).toMatchObject({ log: "L2", seq: 4 });
    expect(project(renewed(held, [summary()], [], new Set(["WEB"]))).seq).toBe(10);
    expect(renewed(held, [], []).tasks.size).toBe(0);
    expect(without(held, "WEB")).toEqual(NOTHING);
  });

  it("shows what the server answered to me before its event comes, and counts it once", () => {
    const one = task(1, { assignees: [ME] });
    const done = { ...one, state: "done", version: 11 };
    const answered = upsert(start(one), done, ME);
    expect(answered.tasks.size).toBe(0);
    expect(project(answered).mine).toBe(1);
    const heard = on(answered, event(11, "task.moved", { task: done, changes: { state: ["todo", "done"] } }));
    expect([heard.tasks.size, project(heard).mine]).toEqual([0, 0]);
    expect(upsert(heard, one, ME)).toBe(heard);
  });
});

describe("my work", () => {
  it.each([
    ["2026-11-17", "late"], ["2026-11-18", "today"], ["2026-11-19", "week"], ["2026-11-22", "week"], ["2026-11-23", "later"],
    [new Date(2026, 10, 18, 11).toISOString(), "late"], [new Date(2026, 10, 18, 13).toISOString(), "today"], [null, "undated"],
  ])("puts what is due %s under %s", (due, bucket) => expect(bucketOf(due, NOW)).toBe(bucket));

  it("ends the week on Sunday", () => {
    expect(bucketOf("2026-11-23", new Date(2026, 10, 22, 12))).toBe("later");
    expect(bucketOf("2026-11-22", new Date(2026, 10, 21, 12))).toBe("week");
  });

  it("is by due date, then by urgency", () => {
    const tasks = [
      task(1), task(2, { priority: "high" }), task(3, { due: "2026-11-20" }), task(4, { due: "2026-11-20", priority: "low" }),
      task(5, { due: new Date(2026, 10, 20, 9).toISOString() }),
    ];
    expect(inOrder(tasks).map((one) => one.number)).toEqual([5, 4, 3, 2, 1]);
  });

  it("sums a project up without what was called off", () => {
    expect(sums(summary([task(1), task(2, { state: "doing" }), task(3, { state: "cancelled" }), task(4, { state: "done" })]))).toEqual({
      open: 1, doing: 1, done: 1,
    });
  });
});
