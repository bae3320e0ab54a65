import { describe, expect, it } from "vitest";
import type { Comment, LogEvent } from "../../src/api/types";
import { applyComment, canUndo, stream, whoChanged } from "../../src/activity/stream";
import { type Names, said } from "../../src/activity/words";
import { en, type Messages } from "../../src/messages/en";
import { zhCN } from "../../src/messages/zh-CN";
import { event, task } from "../events";

function names(messages: Messages, language: string): Names {
  return {
    t: messages.task.activity,
    priorities: messages.priorities,
    state: (id) => ({ todo: "To do", doing: "In progress" })[id] ?? id,
    person: (id) => ({ u1: "Ana", u2: "Ben", u3: "Chen" })[id] ?? "Somebody",
    label: (id) => ({ l1: "bug", l2: "api" })[id] ?? messages.task.activity.labelGone,
    due: (due) => due,
    all: (items) => new Intl.ListFormat(language, { type: "conjunction" }).format(items),
    clauses: (items) => (language === "zh-CN" ? items.join("，") : new Intl.ListFormat(language).format(items)),
  };
}

const english = names(en, "en");
const chinese = names(zhCN, "zh-CN");

const comment = (over: Partial<Comment> = {}): Comment => ({
  id: "c1", task: "WEB-1", author: "u2", body: "Hm", version: 5, created_at: "2026-11-21T10:00:00Z", edited_at: null, ...over,
});
const member = { id: "u3", name: "Chen", role: "owner" as const, placeholder: false, version: 1, joined_at: "2026-11-01T09:00:00Z" };
const label = { id: "l1", name: "bug", color: "#e5484d", version: 1 };

/** A new type of event has to get its words here before this compiles again. */
const TYPES: Record<LogEvent["type"], { body: Partial<LogEvent>; words: string }> = {
  "project.created": { body: {}, words: "began the project" },
  "project.edited": { body: { changes: { name: ["Web", "Website"] } }, words: "renamed the project from Web to Website" },
  "project.deleted": { body: {}, words: "deleted the project" },
  "workflow.changed": { body: { changes: { states: [[], []], transitions: [null, []] } }, words: "changed the states of the workflow and changed the allowed moves" },
  "member.added": { body: { member }, words: "added Chen to the project" },
  "member.changed": { body: { member, changes: { role: ["member", "owner"] } }, words: "made Chen an owner" },
  "member.removed": { body: { member }, words: "removed Chen from the project" },
  "label.created": { body: { label }, words: "made the label bug" },
  "label.edited": { body: { label, changes: { name: ["fault", "bug"] } }, words: "renamed the label fault to bug" },
  "label.deleted": { body: { label }, words: "deleted the label bug" },
  "task.created": { body: { task: task(1), changes: { title: [null, "Task 1"] } }, words: "made this task" },
  "task.edited": { body: { task: task(1), changes: { title: ["Old", "New"] } }, words: "renamed this from “Old” to “New”" },
  "task.moved": { body: { task: task(1), changes: { state: ["todo", "doing"], position: ["a", "b"] } }, words: "moved this from To do to In progress" },
  "task.archived": { body: { task: task(1), changes: { archived: [false, true] } }, words: "archived this" },
  "task.restored": { body: { task: task(1), changes: { archived: [true, false] } }, words: "took this out of the archive" },
  "task.deleted": { body: { task: task(1) }, words: "deleted this" },
  "comment.created": { body: { task: task(1), comment: comment() }, words: "commented" },
  "comment.edited": { body: { task: task(1), comment: comment() }, words: "edited a comment" },
  "comment.deleted": { body: { task: task(1), comment: comment({ author: "u3" }) }, words: "deleted a comment by Chen" },
};

const FIELDS: [string, LogEvent["changes"], string][] = [
  ["described", { description: ["", "New"] }, "wrote the description"],
  ["changed", { description: ["Old", "New"] }, "changed the description"],
  ["emptied", { description: ["Old", ""] }, "removed the description"],
  ["ticked", { description: ["- [ ] one", "- [x] one"] }, "ticked “one”"],
  ["emptied a box", { description: ["- [x] one", "- [ ] one"] }, "unticked “one”"],
  ["assigned", { assignees: [[], ["u1", "u3"]] }, "assigned Ana and Chen"],
  ["took it", { assignees: [[], ["u2"]] }, "assigned themselves"],
  ["swapped", { assignees: [["u1"], ["u3"]] }, "assigned Chen and unassigned Ana"],
  ["labelled", { labels: [["l1"], ["l1", "l2"]] }, "added the label api"],
  ["unlabelled", { labels: [["l1", "l2"], []] }, "removed the labels bug and api"],
  ["reordered", { labels: [["l1", "l2"], ["l2", "l1"]] }, "changed the order of a list"],
  ["priority", { priority: ["none", "urgent"] }, "set the priority to Urgent"],
  ["no priority", { priority: ["low", "none"] }, "removed the priority"],
  ["due", { due: [null, "2026-11-27"] }, "set the due date to 2026-11-27"],
  ["no due", { due: ["2026-11-27", null] }, "removed the due date"],
  ["position", { position: ["a", "b"] }, "moved this within To do"],
  ["several", { priority: ["none", "high"], title: ["A", "B"] }, "renamed this from “A” to “B” and set the priority to High"],
  ["a field of tomorrow", { estimate: [null, 3] }, "changed estimate"],
  ["nothing", {}, "edited this"],
];

describe("an event in words", () => {
  it.each(Object.entries(TYPES))("%s", (type, { body, words }) => {
    const one = event(20, type as LogEvent["type"], body);
    expect(said(one, english)).toBe(words);
    expect(said(one, chinese)).toMatch(/[\u4e00-\u9fff]/);
    expect(said(one, chinese)).not.toMatch(/undefined|null|\[object/);
  });

  it.each(FIELDS)("task.edited: %s", (_, changes, words) => {
    const one = event(20, "task.edited", { task: task(1), changes });
    expect(said(one, english)).toBe(words);
    expect(said(one, chinese)).toMatch(/[\u4e00-\u9fff]/);
    expect(said(one, chinese)).not.toMatch(/undefined|null|\[object/);
  });

  it("puts clauses together as each language does", () => {
    const one = event(20, "task.edited", { task: task(1), changes: { assignees: [[], ["u1", "u3"]], due: [null, "11月20日"] } });
    expect(said(one, chinese)).toBe("指派了Ana和Chen，把截止日期设为11月20日");
  });

  it("tells one's own membership from another's", () => {
    const self = { ...member, id: "u2", name: "Benjamin" };
    const tell = (type: LogEvent["type"], changes: LogEvent["changes"] = {}) => said(event(20, type, { member: self, changes }), english);
    expect(tell("member.added")).toBe("joined the project");
    expect(tell("member.removed")).toBe("left the project");
    expect(tell("member.changed", { name: ["Ben", "Benjamin"] })).toBe("changed their name from Ben to Benjamin");
  });

  it("tells what came back from what was made", () => {
    expect(said(event(20, "task.restored", { task: task(1) }), english)).toBe("brought this back after it was deleted");
    const old = comment({ created_at: "2026-11-01T10:00:00Z" });
    expect(said(event(20, "comment.created", { task: task(1), comment: old }), english)).toBe("brought a comment back");
  });

  it("has words for a type that came after this page was built", () => {
    expect(said(event(20, "sprint.begun" as LogEvent["type"]), english)).toBe("did something new here (sprint.begun)");
  });
});

const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, "0")}:00Z`;
const line = (seq: number, type: LogEvent["type"], body: Partial<LogEvent> = {}) => event(seq, type, { at: at(seq), task: task(1), ...body });
const keys = (items: { key: string }[]) => items.map((item) => item.key);

describe("the stream", () => {
  it("puts comments among the events, oldest first", () => {
    const said1 = comment({ created_at: at(2) });
    const events = [line(1, "task.created"), line(2, "comment.created", { comment: said1 }), line(3, "task.edited")];
    expect(keys(stream(events, [said1], false))).toEqual(["1", "c1", "3"]);
  });

  it("holds comments back that are older than the events it has", () => {
    const comments = [comment({ created_at: at(2) }), comment({ id: "c2", created_at: at(9) })];
    expect(keys(stream([line(5, "task.edited")], comments, true))).toEqual(["5", "c2"]);
    expect(keys(stream([line(5, "task.edited")], comments, false))).toEqual(["c1", "5", "c2"]);
  });

  it("tells of a comment that is gone by its deletion alone, and of one that came back", () => {
    const gone = comment({ created_at: at(2) });
    const events = [line(2, "comment.created", { comment: gone }), line(3, "comment.deleted", { comment: gone })];
    expect(keys(stream(events, [], false))).toEqual(["3"]);
    const back = line(4, "comment.created", { comment: gone });
    expect(keys(stream([...events, back], [gone], false))).toEqual(["c1", "3", "4"]);
  });

  it("folds moves within a column that somebody made in a row", () => {
    const shift = (seq: number, who = "u2") => line(seq, "task.moved", { changes: { position: ["a", "b"] }, actor: { id: who, name: who } });
    expect(keys(stream([shift(1), shift(2), shift(3, "u1"), line(4, "task.moved", { changes: { state: ["a", "b"] } }), shift(5)], [], false))).toEqual(["2", "3", "4", "5"]);
  });
});

describe("what can be undone", () => {
  const ground = { later: [] as LogEvent[], comments: [] as Comment[], role: "member" as const, me: "u2" };
  const edit = line(5, "task.edited", { changes: { title: ["A", "B"] } });

  it("is what nobody changed since", () => {
    expect(canUndo(edit, ground)).toBe(true);
    expect(canUndo(edit, { ...ground, later: [line(6, "task.edited", { changes: { due: [null, "2026-11-27"] } })] })).toBe(true);
    expect(canUndo(edit, { ...ground, later: [line(6, "task.edited", { changes: { title: ["B", "C"] } })] })).toBe(false);
    const move = line(5, "task.moved", { changes: { state: ["todo", "doing"] } });
    expect(canUndo(move, { ...ground, later: [edit] })).toBe(true);
    expect(canUndo(move, { ...ground, later: [line(6, "task.moved", { changes: { position: ["a", "b"] } })] })).toBe(false);
    expect(canUndo(line(5, "task.created"), { ...ground, later: [edit] })).toBe(false);
    expect(canUndo(line(5, "task.archived", { changes: { archived: [false, true] } }), ground)).toBe(true);
  });

  it("is nothing for who only looks on", () => {
    expect(canUndo(edit, { ...ground, role: "viewer" })).toBe(false);
  });

  it("is of comments one's own; an owner takes away and brings back any", () => {
    const theirs = comment({ author: "u3", version: 5 });
    const made = line(5, "comment.created", { comment: theirs });
    const edited = line(5, "comment.edited", { comment: theirs });
    const deleted = line(5, "comment.deleted", { comment: theirs });
    const there = { ...ground, comments: [theirs] };
    expect(canUndo(made, there)).toBe(false);
    expect(canUndo(made, { ...there, role: "owner" })).toBe(true);
    expect(canUndo(edited, { ...there, role: "owner" })).toBe(false);
    expect(canUndo(edited, { ...there, me: "u3" })).toBe(true);
    expect(canUndo(edited, { ...there, me: "u3", comments: [{ ...theirs, version: 8 }] })).toBe(false);
    expect(canUndo(deleted, { ...ground, role: "owner" })).toBe(true);
    expect(canUndo(deleted, { ...there, role: "owner" })).toBe(false);
  });
});

describe("comments after an event", () => {
  it("are right in whatever order and however often the events come", () => {
    const first = comment();
    const edited = { ...first, body: "Hm!", version: 7, edited_at: at(3) };
    const made = line(5, "comment.created", { comment: first });
    const changed = line(7, "comment.edited", { comment: edited });
    expect(applyComment(applyComment([], made), changed)).toEqual([edited]);
    expect(applyComment(applyComment([], changed), made)).toEqual([edited]);
    expect(applyComment([edited], changed)).toEqual([edited]);
    expect(applyComment([edited], line(8, "comment.deleted", { comment: edited }))).toEqual([]);
    expect(applyComment([edited], line(8, "task.edited"))).toEqual([edited]);
  });
});

it("knows who changed a field last", () => {
  const events = [line(1, "task.edited", { changes: { title: ["A", "B"] } }), line(2, "task.edited", { changes: { due: [null, "x"] }, actor: { id: "u1", name: "Ana" } })];
  expect(whoChanged(events, "title")?.name).toBe("Ben");
  expect(whoChanged(events, "description")).toBeNull();
});
