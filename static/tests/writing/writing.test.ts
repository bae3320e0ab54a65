import { describe, expect, it } from "vitest";
import { people, tasks, wanted } from "../../src/writing/complete";
import { linkOver, pieces, sameBox, tick, tickedBetween, tickHtml } from "../../src/writing/marks";

const MEMBERS = [
  { id: "u1", name: "Ana Bell" },
  { id: "u2", name: "Ben Okafor" },
  { id: "u3", name: "陈晨" },
  { id: "u4", name: "Zoë Ana" },
];

describe("what is wanted before the caret", () => {
  it.each([
    ["@", { kind: "person", query: "", from: 0 }],
    ["Hi @be", { kind: "person", query: "be", from: 3 }],
    ["Hi @ana be", { kind: "person", query: "ana be", from: 3 }],
    ["请@陈", { kind: "person", query: "陈", from: 1 }],
    ["见WEB-2", { kind: "task", query: "2", from: 1 }],
    ["(@陈", { kind: "person", query: "陈", from: 1 }],
    ["ana@example", null],
    ["see WEB-", { kind: "task", query: "", from: 4 }],
    ["see web-4", { kind: "task", query: "4", from: 4 }],
    ["WEB-check", { kind: "task", query: "check", from: 0 }],
    ["XWEB-4", null],
    ["WEB-4 ", null],
    ["", null],
  ])("%j", (text, found) => {
    expect(wanted(text, text.length, "WEB")).toEqual(found);
  });

  it("is asked of the text before the caret alone", () => {
    expect(wanted("@an and more", 3, "WEB")).toEqual({ kind: "person", query: "an", from: 0 });
    expect(wanted("@an and more", 12, "WEB")).toBeNull();
  });
});

describe("who and what is offered", () => {
  it("finds members by any word of their name, first words first, without accents", () => {
    expect(people("an", MEMBERS).map((one) => one.id)).toEqual(["u1", "u4"]);
    expect(people("zoe", MEMBERS).map((one) => one.id)).toEqual(["u4"]);
    expect(people("ana b", MEMBERS).map((one) => one.id)).toEqual(["u1"]);
    expect(people("陈", MEMBERS).map((one) => one.id)).toEqual(["u3"]);
    expect(people("", MEMBERS)).toHaveLength(4);
  });

  it("finds tasks by number or title, the exact one first", () => {
    const all = [4, 40, 41, 7].map((number, index) => ({ ref: `WEB-${number}`, number, title: `Title ${number}`, version: index }));
    expect(tasks("4", all, "").map((one) => one.number)).toEqual([4, 41, 40]);
    expect(tasks("4", all, "WEB-4").map((one) => one.number)).toEqual([41, 40]);
    expect(tasks("tit", all, "").map((one) => one.number)).toEqual([7, 41, 40, 4]);
    expect(tasks("", all, "")).toHaveLength(4);
  });
});

describe("an address pasted over a selection", () => {
  it.each([
    ["the docs", "https://example.com/a", "[the docs](https://example.com/a)"],
    [" the docs ", " https://example.com ", " [the docs](https://example.com) "],
    ["a [b]", "https://example.com/(c)", "[a \\[b\\]](https://example.com/%28c%29)"],
    ["", "https://example.com", null],
    ["text", "not an address", null],
    ["text", "javascript:alert(1)", null],
    ["https://example.com/old", "https://example.com/new", null],
  ])("%j and %j", (selected, pasted, made) => {
    expect(linkOver(selected, pasted)).toBe(made);
  });
});

describe("boxes", () => {
  it("are so in what the server made of the text, too", () => {
    const box = (checked: string, text: string) => `<label><input class="task-list-item-checkbox"${checked} disabled="disabled" type="checkbox"> ${text}</label>`;
    const item = (line: number, inside: string) => `<li class="task-list-item" data-line="${line}">${inside}</li>`;
    const on = ' checked="checked"';
    const html = (a: string, b: string) => item(1, box(a, "milk")) + item(12, `\n<p>${box(b, "tea")}</p>`);
    expect(tickHtml(html("", on), 1, true)).toBe(html(on, on));
    expect(tickHtml(html("", on), 12, false)).toBe(html("", ""));
    expect(tickHtml(html("", ""), 2, true)).toBeNull();
  });

  const TEXT = "# Plan\n- [ ] one\r\n  1. [x] two\n> - [ ] quoted\nplain [ ] text\n- - [X] nested\n[ ] below";

  it.each([
    [1, true, "- [x] one"],
    [2, false, "  1. [ ] two"],
    [3, true, "> - [x] quoted"],
    [5, false, "- - [ ] nested"],
    [6, true, "[x] below"],
  ])("line %i", (line, on, made) => {
    const result = tick(TEXT, line, on) ?? "";
    const [old, fresh] = [TEXT, result].map((text) => text.split(/\r\n?|\n/));
    expect(fresh?.[line]).toBe(made);
    expect(fresh?.filter((_, index) => index !== line)).toEqual(old?.filter((_, index) => index !== line));
    expect(result.length).toBe(TEXT.length);
  });

  it("are not where there are none", () => {
    expect(tick(TEXT, 0, true)).toBeNull();
    expect(tick(TEXT, 4, true)).toBeNull();
    expect(tick(TEXT, 99, true)).toBeNull();
  });

  it("are found again in a text that changed", () => {
    expect(sameBox(TEXT, 1, "New line\n\n- [x] one")).toBe(2);
    expect(sameBox(TEXT, 1, "- [ ] other")).toBe(-1);
    expect(sameBox("- [ ] a\n- [ ] a", 1, "x\n- [ ] a\n- [ ] a")).toBe(1);
    expect(sameBox(TEXT, 0, TEXT)).toBe(-1);
  });

  it("that alone were ticked between two texts are named", () => {
    expect(tickedBetween("a\n- [ ] one\n", "a\n- [x] one\n")).toEqual({ item: "one", on: true });
    expect(tickedBetween("- [X] one", "- [ ] one")).toEqual({ item: "one", on: false });
    expect(tickedBetween("- [ ] one", "- [x] two")).toBeNull();
    expect(tickedBetween("- [ ] a\n- [ ] b", "- [x] a\n- [x] b")).toBeNull();
    expect(tickedBetween("- [x] a", "- [X] a")).toBeNull();
    expect(tickedBetween("a", "b")).toBeNull();
  });
});

describe("names and references", () => {
  const show = (text: string) =>
    pieces(text, ["WEB", "OPS"], MEMBERS).map((piece) => (piece.kind === "text" ? piece.text : `<${piece.text}>`)).join("");

  it.each([
    ["see WEB-28.", "see <WEB-28>."],
    ["OPS-1, WEB-2", "<OPS-1>, <WEB-2>"],
    ["HTTP-2 XWEB-1 WEB-0 WEB-1a a/WEB-3 web-4", "HTTP-2 XWEB-1 WEB-0 WEB-1a a/WEB-3 web-4"],
    ["@Ana Bell, and @ben okafor", "<@Ana Bell>, and <@ben okafor>"],
    ["@Ben does", "<@Ben> does"],
    ["@Anabel @nobody me@Ana Bell", "@Anabel @nobody me@Ana Bell"],
    ["@陈晨说", "<@陈晨>说"],
    ["请@Ben看WEB-28的说明", "请<@Ben>看<WEB-28>的说明"],
  ])("%j", (text, made) => {
    expect(show(text)).toBe(made);
  });
});
