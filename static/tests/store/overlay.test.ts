import { describe, expect, it } from "vitest";
import { apply, fromSnapshot } from "../../src/store/board";
import { type Pending, settle, share, view } from "../../src/store/overlay";
import { event, snapshot, task } from "../events";

const board = fromSnapshot(snapshot({ tasks: [task(1), task(2), task(3), task(4, { state: "doing" })] }));
const refs = (pending: Pending[], state: string, on = board) =>
  view(on, pending).columns.get(state)?.map((one) => one.ref);
const move = (ref: string, state: string, place: { before?: string; after?: string } = {}): Pending => ({
  kind: "move", id: `m-${ref}`, ref, place: { state, ...place },
});

describe("order", () => {
  it("is by byte, capitals before small letters", () => {
    const odd = fromSnapshot(
      snapshot({ tasks: [task(1, { position: "a0" }), task(2, { position: "Zz" }), task(3, { position: "a" })] }),
    );
    expect(refs([], "todo", odd)).toEqual(["WEB-2", "WEB-3", "WEB-1"]);
  });
});

describe("pending commands", () => {
  it.each<[string, Pending, string, string[]]>([
    ["to the end", move("WEB-1", "doing"), "doing", ["WEB-4", "WEB-1"]],
    ["above a task", move("WEB-1", "doing", { before: "WEB-4" }), "doing", ["WEB-1", "WEB-4"]],
    ["below a task in the same state", move("WEB-1", "todo", { after: "WEB-2" }), "todo", ["WEB-2", "WEB-1", "WEB-3"]],
    ["to an anchor that is gone: the end", move("WEB-1", "todo", { before: "WEB-99" }), "todo", ["WEB-2", "WEB-3", "WEB-1"]],
  ])("a move %s shows at once", (_name, pending, state, expected) => {
    expect(refs([pending], state)).toEqual(expected);
  });

  it("an edit shows without touching the server's copy", () => {
    const shown = view(board, [{ kind: "edit", id: "e", ref: "WEB-1", patch: { title: "Mine" } }]);
    expect(shown.tasks.get("WEB-1")?.title).toBe("Mine");
    expect(shown.columns.get("todo")?.[0]?.title).toBe("Mine");
    expect(board.tasks.get("WEB-1")?.title).toBe("Task 1");
  });

  it("a deleted task is hidden, a new one stands at the end", () => {
    expect(refs([{ kind: "delete", id: "d", ref: "WEB-2" }], "todo")).toEqual(["WEB-1", "WEB-3"]);
    expect(refs([{ kind: "create", id: "n", task: task(0, { ref: "new:n" }) }], "todo")?.at(-1)).toBe("new:n");
  });

  it("a task that somebody deleted meanwhile stays away", () => {
    const without = apply(board, [event(11, "task.deleted", { task: task(1, { version: 11 }) })]);
    expect(refs([move("WEB-1", "doing")], "doing", without)).toEqual(["WEB-4"]);
  });

  it("end with the event that carries their id, and no other", () => {
    const pending = [move("WEB-1", "doing"), move("WEB-2", "doing")];
    expect(settle(pending, [event(11, "task.moved", { command_id: "m-WEB-1" })])).toEqual([pending[1]]);
    expect(settle(pending, [event(12, "task.moved", { command_id: "other" })])).toBe(pending);
  });
});

describe("share", () => {
  it("keeps the arrays of columns that did not change", () => {
    const before = view(board, []).columns;
    const after = share(before, view(board, [move("WEB-1", "todo", { after: "WEB-2" })]).columns);
    expect(after.get("doing")).toBe(before.get("doing"));
    expect(after.get("todo")).not.toBe(before.get("todo"));
  });
});
