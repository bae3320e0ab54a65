import { expect, it } from "vitest";
import { meant } from "../../src/app/meant";
import type { Editable } from "../../src/store/overlay";

const named = (name: string, value: string) => `${name}: ${value}`;
const edit = (patch: Editable) => ({
  id: "1", user: "u1", project: "WEB", at: 0, tried: false, action: { kind: "edit" as const, ref: "WEB-1", patch, base: 1 },
});

it("says what an edit set beside its texts", () => {
  expect(meant(edit({ title: "Written", priority: "high", due: null }), named)).toEqual(["Priority: High", "Due: None"]);
});

it("names a field alone where it is not known here who or what it holds", () => {
  expect(meant(edit({ assignees: ["u9"], labels: [] }), named)).toEqual(["Assignees", "Labels: None"]);
});

it("has nothing to say of anything else", () => {
  expect(meant({ ...edit({}), action: { kind: "delete", ref: "WEB-1" } }, named)).toEqual([]);
});
