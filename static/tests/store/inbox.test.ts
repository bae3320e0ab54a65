import { describe, expect, it } from "vitest";
import type { InboxEvent, Notification } from "../../src/api/types";
import { apply, grouped, type Inbox, joined, read, renewed, unread, unreadOf } from "../../src/store/inbox";

const one = (id: string, seq: number, task: string | null = "WEB-1", more: Partial<Notification> = {}): Notification => ({
  id, seq, task, read: false, count: 1, reason: "commented", reasons: ["commented"], through: "assignee", type: "comment.created",
  at: "2026-11-21T09:00:00.000Z", actor: { id: "ben", name: "Ben" }, project: "WEB", project_name: "Web", title: "A task", event: 7,
  excerpt: null, state: null, due: null, ...more,
});

const created = (seq: number, unread: number, notification: Notification | null): InboxEvent =>
  ({ v: 1, seq, type: "notification.created", at: "2026-11-21T09:00:00.000Z", unread, notification });
const named = (what: "read" | "unread" | "redacted", seq: number, unread: number, ids: string[]): InboxEvent =>
  ({ v: 1, seq, type: `notification.${what}`, at: "2026-11-21T09:00:00.000Z", unread, ids });
const gone = (seq: number, unread: number, ids: string[]): InboxEvent => named("read", seq, unread, ids);

/** What a server would say at each moment: one is unread per task, and comes again with more in it. */
const STORY: readonly InboxEvent[] = [
  created(1, 1, one("a", 1)),
  created(2, 2, one("b", 2, "WEB-2")),
  created(3, 2, one("a", 3, "WEB-1", { count: 2 })),
  gone(4, 1, ["a"]),
  created(5, 2, one("c", 5)),
  created(6, 3, null),
  gone(7, 0, ["b", "c", "x"]),
  named("unread", 8, 1, ["b", "x"]),
  created(9, 2, one("d", 9, "WEB-3", { excerpt: "Words" })),
  named("redacted", 10, 2, ["d", "x"]),
  gone(11, 0, ["b", "d"]),
  { ...created(12, 0, one("b", 2, "WEB-2", { excerpt: "In other words", read: true })), type: "notification.edited" },
];
const START: Inbox = { log: "l", seq: 0, unread: 0, items: new Map() };
const at = (n: number): Inbox => apply(START, STORY.slice(0, n));
const asPage = (inbox: Inbox) => ({ ...inbox, items: [...inbox.items.values()] });

describe("an inbox", () => {
  it("is the same after doubled and replayed events, and from any snapshot on", () => {
    const end = at(STORY.length);
    for (let from = 0; from <= STORY.length; from++) {
      expect(apply(at(from), STORY)).toEqual(end);
      expect(apply(apply(at(from), STORY.slice(0, from)), STORY.slice(from))).toEqual(end);
      for (let to = 0; to <= STORY.length; to++) {
        // A page that was read before what is here already, or after it.
        expect(apply(renewed(at(from), asPage(at(to))), STORY)).toEqual(end);
      }
    }
    expect(end).toMatchObject({ seq: 12, unread: 0 });
    expect(end.items.get("b")?.excerpt).toBe("In other words");
    expect(at(10).items.get("b")?.read).toBe(false);
    expect([at(9), end].map((inbox) => inbox.items.get("d")?.excerpt)).toEqual(["Words", null]);
    expect([...end.items.values()].every((item) => item.read)).toBe(true);
  });

  it("misses nothing that comes after an older page which was read later", () => {
    const end = at(STORY.length);
    for (let from = 0; from <= STORY.length; from++) {
      for (let to = from; to <= STORY.length; to++) {
        const older = { ...asPage(at(to)), items: asPage(at(to)).items.filter((item) => item.seq <= 3) };
        expect(apply(joined(at(from), older), STORY)).toEqual(end);
      }
    }
  });

  it("begins anew with another history", () => {
    const fresh = renewed(at(5), { log: "other", seq: 2, unread: 1, items: [one("z", 2)] });
    expect([...fresh.items.keys()]).toEqual(["z"]);
    expect(fresh).toMatchObject({ log: "other", seq: 2, unread: 1 });
  });

  it("counts what is read here at once, and each only once", () => {
    const now = at(5);
    expect(unreadOf(now).map((item) => item.id).sort()).toEqual(["b", "c"]);
    expect(unreadOf(now, "WEB-1").map((item) => item.id)).toEqual(["c"]);
    const less = read(read(now, ["c"]), ["c", "x"]);
    expect(less.unread).toBe(1);
    expect(less.items.get("c")?.read).toBe(true);
    expect(now.items.get("c")?.read).toBe(false);
    expect(unread(unread(less, ["c"]), ["c", "x"])).toEqual(now);
  });

  it("is told by task, the newest first; what is about a project by that", () => {
    const all = [one("a", 1), one("b", 2, "WEB-2"), one("c", 5), one("d", 4, null, { reason: "invited" })];
    const groups = grouped(all.map((item) => (item.id === "a" ? { ...item, read: true } : item)));
    expect(groups.map(({ id, items, unread }) => [id, items.map((item) => item.id), unread.length])).toEqual([
      ["WEB-1", ["c", "a"], 1],
      ["WEB", ["d"], 1],
      ["WEB-2", ["b"], 1],
    ]);
  });
});
