import { describe, expect, it } from "vitest";
import { fieldOf, joined, meet } from "../../src/queue/meet";
import type { Change } from "../../src/queue/queue";
import type { Refused } from "../../src/queue/shelf";
import type { Editable } from "../../src/store/overlay";
import { task } from "../events";

const edit = (patch: Editable, was: Editable): Change => ({
  id: "c1", user: "u1", project: "WEB", at: 1_000, tried: true, action: { kind: "edit", ref: "WEB-1", patch, base: 5, was },
});
const conflict = (over: Parameters<typeof task>[1], ...conflicts: string[]) => ({
  code: "edit_conflict", conflicts, current: task(1, { version: 9, ...over }) as unknown as Record<string, unknown>,
});

describe("an edit that waited and met another", () => {
  it("sets what nobody else changed, and asks about each field that both did", () => {
    const mine = edit({ title: "Mine", description: "M", priority: "high" }, { title: "Old", description: "O", priority: "none" });
    const met = meet(mine, conflict({ title: "Theirs", description: "T" }, "title", "description"));
    expect(met?.again).toMatchObject({ id: "c1", tried: false, action: { patch: { priority: "high" }, base: 9 } });
    expect(met?.open.map((one) => [one.id, one.action])).toEqual([
      ["c1:title", { kind: "edit", ref: "WEB-1", patch: { title: "Mine" }, was: { title: "Old" }, base: 5 }],
      ["c1:description", { kind: "edit", ref: "WEB-1", patch: { description: "M" }, was: { description: "O" }, base: 5 }],
    ]);
  });

  it("adds and takes off whom I did, and leaves whom others did", () => {
    const met = meet(edit({ assignees: ["a", "c"] }, { assignees: ["a", "b"] }), conflict({ assignees: ["b", "d"] }, "assignees"));
    expect(met).toMatchObject({ again: { action: { patch: { assignees: ["d", "c"] } } }, open: [] });
  });

  it("sends nothing where the others did the same", () => {
    expect(meet(edit({ labels: ["x"] }, { labels: [] }), conflict({ labels: ["x"] }, "labels"))).toEqual({ again: null, open: [] });
  });

  it("ticks the same boxes in what the others wrote, and asks where one is gone or more than boxes was changed", () => {
    const was = "- [ ] milk\n- [ ] tea";
    const theirs = "Buy:\n- [ ] tea\n- [x] milk";
    const ticked = meet(edit({ description: "- [ ] milk\n- [x] tea" }, { description: was }), conflict({ description: theirs }, "description"));
    expect(ticked).toMatchObject({ again: { action: { patch: { description: "Buy:\n- [x] tea\n- [x] milk" } } }, open: [] });
    const gone = meet(edit({ description: "- [ ] milk\n- [x] tea" }, { description: was }), conflict({ description: "- [ ] milk" }, "description"));
    expect(gone).toMatchObject({ again: null, open: [{ id: "c1:description" }] });
    const more = meet(edit({ description: "- [ ] oat milk\n- [x] tea" }, { description: was }), conflict({ description: theirs }, "description"));
    expect(more?.open).toHaveLength(1);
  });

  it("is no meeting where something else was refused", () => {
    expect(meet(edit({ title: "Mine" }, {}), { code: "forbidden" })).toBeNull();
  });

  it("asks once about two edits of a field: my last word, from where I began", () => {
    const refused = (change: Change): Refused => ({
      id: change.id, user: "u1", change, at: 1, why: { kind: "refused", status: 409, problem: conflict({ title: "Theirs" }, "title") },
    });
    const first = refused(edit({ title: "Mine" }, { title: "Old" }));
    const second = refused({ ...edit({ title: "Mine, better" }, { title: "Mine" }), id: "c2" });
    expect(fieldOf(first)).toBe("title");
    expect(joined(first, second)).toMatchObject({ id: "c1", change: { action: { patch: { title: "Mine, better" }, was: { title: "Old" } } } });
  });
});
