import { describe, expect, it } from "vitest";
import {
  type Action, added, answered, ask, type Change, isExpired, KEEP, named, orphaned, overlays, refOf, saidOver, textOf, tried, without,
} from "../../src/queue/queue";
import { differences, MemoryShelf } from "../../src/queue/shelf";
import type { Comment } from "../../src/api/types";
import { task } from "../events";

let last = 0;
const change = (action: Action, over: Partial<Change> = {}): Change => ({
  id: `c${++last}`, user: "u1", project: "WEB", at: 1_000, tried: false, action, ...over,
});
const edit = (ref: string, patch: object, base: number | null = 5, was = {}) => change({ kind: "edit", ref, patch, base, was });
const move = (ref: string, state: string, before?: string) => change({ kind: "move", ref, place: { state, ...(before ? { before } : {}) } });
const said = (id: string): Comment => ({
  id, task: "WEB-1", author: "u1", body: "as it was", version: 5, created_at: "2026-11-01T09:00:00Z", edited_at: null,
});
const birth = (name = "n1") => change({ kind: "create", task: task(9, { ref: `new:${name}`, title: "New" }) });
const all = (...changes: Change[]) => changes.reduce<readonly Change[]>(added, []);
const shape = (queue: readonly Change[]) => queue.map((one) => `${one.action.kind} ${refOf(one)}`);

describe("what waits takes in what comes after", () => {
  it("edits of one task become one, from the version of the first", () => {
    const queue = all(edit("WEB-1", { title: "A", due: "2026-12-01" }, 5, { title: "O", due: null }), edit("WEB-1", { title: "B" }, 7, { title: "A" }));
    expect(queue.map((one) => one.action)).toEqual([
      { kind: "edit", ref: "WEB-1", patch: { title: "B", due: "2026-12-01" }, base: 5, was: { title: "O", due: null } },
    ]);
  });

  it("what was sent is never changed: the server would do the first and not know the second", () => {
    const queue = added(tried(all(edit("WEB-1", { title: "A" })), `c${last}`), edit("WEB-1", { title: "B" }));
    expect(shape(queue)).toEqual(["edit WEB-1", "edit WEB-1"]);
  });

  it("what stands between keeps the order: a move may need what was edited before it", () => {
    const queue = all(edit("WEB-1", { assignees: ["u1"] }), move("WEB-1", "doing"), edit("WEB-1", { assignees: [] }));
    expect(shape(queue)).toEqual(["edit WEB-1", "move WEB-1", "edit WEB-1"]);
  });

  it("moves within a state become one; through another state each step is kept", () => {
    expect(shape(all(move("WEB-1", "todo", "WEB-2"), edit("WEB-2", {}), move("WEB-1", "todo", "WEB-3")))).toEqual(["edit WEB-2", "move WEB-1"]);
    expect(shape(all(move("WEB-1", "doing"), move("WEB-1", "review")))).toEqual(["move WEB-1", "move WEB-1"]);
  });

  it("a comment is changed once, by what it is to say last; one that goes is not changed before", () => {
    const say = (comment: string, body: string, was: string) => change({ kind: "editComment", ref: "WEB-1", comment, body, base: 5, was });
    const queue = all(say("m1", "A", "O"), say("m2", "B", "P"), say("m1", "C", "A"));
    expect(queue.map((one) => ask(one).body)).toEqual([{ body: "C", base_version: 5 }, { body: "B", base_version: 5 }]);
    expect(queue[0]?.action).toMatchObject({ was: "O" });
    const gone = added(queue, change({ kind: "deleteComment", ref: "WEB-1", comment: "m1" }));
    expect(shape(gone)).toEqual(["editComment WEB-1", "deleteComment WEB-1"]);
    expect(saidOver([said("m1"), said("m2"), said("m3")], gone).map((one) => `${one.id} ${one.body}`)).toEqual(["m2 B", "m3 as it was"]);
  });

  it("comments are never made one", () => {
    const say = (body: string) => change({ kind: "comment", ref: "WEB-1", body });
    expect(all(say("a"), say("b"))).toHaveLength(2);
  });

  it("a new task is created as it was edited", () => {
    const [first, ...rest] = all(birth(), edit("new:n1", { title: "Better", labels: ["l1"] }, null));
    expect(rest).toEqual([]);
    expect(ask(first!)).toEqual({ method: "POST", path: "/projects/WEB/tasks", body: { title: "Better", state: "todo", labels: ["l1"] } });
  });

  it("what was made and deleted before it was sent never was, and nothing is put beside it", () => {
    const queue = all(birth(), move("new:n1", "doing"), move("WEB-1", "todo", "new:n1"), change({ kind: "delete", ref: "new:n1" }));
    expect(queue.map((one) => one.action)).toEqual([{ kind: "move", ref: "WEB-1", place: { state: "todo" } }]);
    const sent = tried(all(birth("n2")), `c${last}`);
    expect(shape(added(sent, change({ kind: "delete", ref: "new:n2" })))).toEqual(["create new:n2", "delete new:n2"]);
  });
});

describe("an answer", () => {
  it("gives a new task its reference wherever it is spoken of", () => {
    const made = birth();
    const queue = all(made, move("new:n1", "doing"), move("WEB-1", "todo", "new:n1"), change({ kind: "comment", ref: "new:n1", body: "Hi" }));
    const after = answered(queue, made.id, task(12));
    expect(shape(after)).toEqual(["move WEB-12", "move WEB-1", "comment WEB-12"]);
    expect(after[1]?.action).toMatchObject({ place: { before: "WEB-12" } });
  });

  it("makes a later edit of the same fields one of that version, and leaves other fields where they were", () => {
    const first = edit("WEB-1", { title: "A" }, 5);
    const queue = added(tried([first], first.id), edit("WEB-1", { title: "B", priority: "high" }, 5));
    const after = answered(queue, first.id, task(1, { version: 8 }));
    expect(after.map((one) => one.action)).toMatchObject([
      { kind: "edit", ref: "WEB-1", patch: { title: "B" }, base: 8 },
      { kind: "edit", ref: "WEB-1", patch: { priority: "high" }, base: 5 },
    ]);
    expect(new Set(after.map((one) => one.id)).size).toBe(2);
  });

  it("to a changed comment makes a later change one of that version", () => {
    const say = (body: string) => change({ kind: "editComment", ref: "WEB-1", comment: "m1", body, base: 5, was: "O" });
    const first = say("A");
    const queue = added(tried([first], first.id), say("B"));
    expect(answered(queue, first.id, { ...said("m1"), version: 8 })[0]?.action).toMatchObject({ body: "B", base: 8 });
  });

  it("that comes twice changes nothing the second time", () => {
    const first = edit("WEB-1", { title: "A" });
    const queue = all(first, move("WEB-1", "doing"));
    const once = answered(queue, first.id, task(1, { version: 8 }));
    expect(answered(once, first.id, task(1, { version: 8 }))).toEqual(once);
    expect(without(once, "nothing")).toBe(once);
  });

  it("that refuses a new task takes along what was to happen to it", () => {
    const { left, lost } = orphaned(all(move("new:n1", "doing"), move("WEB-1", "todo", "new:n1")), "new:n1");
    expect(shape(lost)).toEqual(["move new:n1"]);
    expect(left[0]?.action).toEqual({ kind: "move", ref: "WEB-1", place: { state: "todo" } });
  });
});

it("waits for a day at most", () => {
  expect(isExpired(birth(), 1_000 + KEEP)).toBe(false);
  expect(isExpired(birth(), 1_001 + KEEP)).toBe(true);
});

it("keeps what a person typed for copying", () => {
  expect(textOf(edit("WEB-1", { title: "T", description: "D" }))).toBe("T\n\nD");
  expect(textOf(change({ kind: "comment", ref: "WEB-1", body: "C" }))).toBe("C");
  expect(textOf(move("WEB-1", "doing"))).toBe("");
});

it("asks with the version that was edited, where there is one", () => {
  expect(ask(edit("WEB-1", { title: "T" }, 7))).toEqual({ method: "PATCH", path: "/tasks/WEB-1", body: { title: "T", base_version: 7 } });
  expect(ask(edit("WEB-1", { title: "T" }, null)).body).toEqual({ title: "T" });
});

it("lies over the board of its project alone", () => {
  const queue = all(birth(), move("WEB-1", "doing"), change({ kind: "archive", ref: "OPS-1" }, { project: "OPS" }));
  expect(overlays(queue, "WEB").map((one) => one.kind)).toEqual(["create", "move"]);
});

describe("what is kept", () => {
  /** A store that has rows by their order, as IndexedDB has. */
  function store() {
    const rows = new Map<number, Change>();
    return (rewrite: (queue: readonly Change[]) => readonly Change[]): Change[] => {
      const sorted = [...rows].sort(([a], [b]) => a - b).map(([order, one]) => ({ order, change: one }));
      const after = rewrite(sorted.map((row) => row.change));
      for (const { order, put } of differences(sorted, after, sorted.at(-1)?.order ?? 0)) {
        if (put) rows.set(order, put);
        else rows.delete(order);
      }
      return [...rows].sort(([a], [b]) => a - b).map(([, one]) => one);
    };
  }

  it("is the queue, in its order, after any rewriting", () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    const update = store();
    let expected: readonly Change[] = [];
    for (let step = 0; step < 500; step++) {
      const ref = `WEB-${1 + random(3)}`;
      const fresh = [edit(ref, { title: `${step}` }), move(ref, ["todo", "doing"][random(2)]!), birth(`n${step}`)][random(3)]!;
      const victim = expected[random(Math.max(1, expected.length))]?.id ?? "";
      const rewrite = [
        (queue: readonly Change[]) => added(queue, fresh),
        (queue: readonly Change[]) => answered(queue, victim, task(step, { version: step })),
        (queue: readonly Change[]) => tried(queue, victim),
        (queue: readonly Change[]) => named(queue, `new:n${step - 1}`, `WEB-${step}`),
        (queue: readonly Change[]) => without(queue, victim),
      ][random(5)]!;
      expected = rewrite(expected);
      expect(update(rewrite)).toEqual(expected);
    }
  });

  it("is each person's own", async () => {
    const shelf = new MemoryShelf();
    await shelf.update("u1", (queue) => added(queue, birth("a")));
    await shelf.update("u2", (queue) => added(queue, change({ kind: "delete", ref: "WEB-1" }, { user: "u2" })));
    await shelf.clear("u1");
    expect(await shelf.update("u1", (queue) => queue)).toEqual([]);
    expect(await shelf.update("u2", (queue) => queue)).toHaveLength(1);
  });
});
