import { describe, expect, test } from "vitest";
import type { Task } from "../../src/api/types";
import { applyFilter, type Filter, fromQuery, isActive, matches, NO_FILTER, toQuery } from "../../src/store/filter";
import { task } from "../events";

const about = {
  me: "u1",
  days: (due: string) => Number(due.slice(8)) - 21,
  late: (due: string) => Number(due.slice(8)) < 21,
  over: (state: string) => state === "done",
};
const all: Task[] = [
  task(1, { title: "Cart total", assignees: ["u1"], due: "2026-11-20" }),
  task(2, { title: "Cart icon", assignees: ["u2"], labels: ["l1"], due: "2026-11-27" }),
  task(3, { title: "Footer", labels: ["l2"], due: "2026-11-29" }),
  task(4, { title: "Header", state: "done", due: "2026-11-02" }),
];
const found = (part: Partial<Filter>) => all.filter((one) => matches(one, { ...NO_FILTER, ...part }, about)).map((one) => one.number);

describe("what matches", () => {
  test.each<[string, Partial<Filter>, number[]]>([
    ["words in any order, and the reference", { text: "total CART" }, [1]],
    ["a reference", { text: "web-3" }, [3]],
    ["me", { people: ["me"] }, [1]],
    ["any of the people", { people: ["me", "u2"] }, [1, 2]],
    ["any of the labels", { labels: ["l1", "l2"] }, [2, 3]],
    ["people and labels", { people: ["u2"], labels: ["l2"] }, []],
    ["late, but not what is done", { due: "late" }, [1]],
    ["within a week, and late", { due: "week" }, [1, 2]],
    ["what changed since", { since: 2 }, [3, 4]],
  ])("%s", (_, part, numbers) => expect(found(part)).toEqual(numbers));

  test("without a date", () => expect(matches(task(9), { ...NO_FILTER, due: "none" }, about)).toBe(true));

  test("what is hidden is counted", () => {
    const columns = new Map([["todo", all.slice(0, 3)], ["done", all.slice(3)]]);
    const { shown, hidden } = applyFilter(columns, { ...NO_FILTER, text: "cart" }, about);
    expect([shown, hidden]).toEqual([2, 2]);
    expect(applyFilter(columns, NO_FILTER, about).columns).toBe(columns);
  });
});

describe("its place in the address", () => {
  test("there and back", () => {
    const filter: Filter = { text: "a & b 中文", people: ["me", "u2"], labels: ["l1"], due: "week", since: 812 };
    expect(fromQuery(toQuery(filter))).toEqual(filter);
    expect(toQuery(filter)).toContain("person=me&person=u2");
  });

  test("nothing is no query", () => {
    expect(toQuery(NO_FILTER)).toBe("");
    expect(fromQuery("")).toEqual(NO_FILTER);
  });

  test("what means nothing is left out", () => {
    expect(isActive(fromQuery("?due=tomorrow&since=x&since=-3&page=2"))).toBe(false);
    expect(fromQuery("?person=a&person=a").people).toEqual(["a"]);
  });
});
