import { expect, it, vi } from "vitest";
import type { Editable } from "../../src/store/overlay";

vi.stubGlobal("document", { cookie: "", documentElement: {}, addEventListener: () => {}, hidden: false });
const { meant } = await import("../../src/app/meant");

const people = new Map([["u1", { name: "Ana" }], ["u2", { name: "Ben" }]]);
const labels = new Map<string, { name: string }>();
const named = (name: string, value: string) => `${name}: ${value}`;
const edit = (patch: Editable) => ({
  id: "1", user: "u1", project: "WEB", at: 0, tried: false, action: { kind: "edit" as const, ref: "WEB-1", patch, base: 1 },
});

it("says what an edit set beside its texts", () => {
  expect(meant(edit({ title: "Written", priority: "high", due: null, assignees: ["u2", "u1"] }), named, people, labels)).toEqual(["Priority: High", "Due: None", "Assignees: Ben, Ana"]);
});

it("names a field alone where it is not known here who or what it holds", () => {
  expect(meant(edit({ assignees: ["u9"], labels: [] }), named, people, labels)).toEqual(["Assignees", "Labels: None"]);
});

it("has nothing to say of anything else", () => {
  expect(meant({ ...edit({}), action: { kind: "delete", ref: "WEB-1" } }, named, people, labels)).toEqual([]);
});
