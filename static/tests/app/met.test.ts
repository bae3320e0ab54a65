import { expect, it, vi } from "vitest";
import type { Change } from "../../src/queue/queue";
import type { Refused } from "../../src/queue/shelf";

const change: Change = {
  id: "c", user: "u1", project: "WEB", at: 0, tried: true, action: { kind: "editComment", ref: "WEB-1", comment: "k", body: "Mine", base: 3, was: "Was" },
};
const refused = (why: Refused["why"]): Refused => ({ id: "c", user: "u1", change, why, at: 0 });
const problem = (status: number, code: string, more = {}) => ({ type: "about:blank", title: "", status, detail: "", code, ...more });

vi.stubGlobal("document", { cookie: "", documentElement: {}, addEventListener: () => {}, hidden: false });
const { metText } = await import("../../src/app/met");

it("lays a comment beside theirs where it met theirs, and beside nothing where that is gone or it waited too long", () => {
  const met = { kind: "refused", status: 409, problem: problem(409, "edit_conflict", { current: { body: "Theirs" } }) } as Refused["why"];
  expect(metText(refused(met))).toMatchObject({ field: "comment:k", mine: "Mine", from: "Was", theirs: "Theirs" });
  expect(metText(refused({ kind: "refused", status: 404, problem: problem(404, "not_found") } as Refused["why"]))).toBeNull();
  expect(metText(refused({ kind: "expired" }))).toBeNull();
});
