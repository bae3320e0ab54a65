import { describe, expect, test } from "vitest";
import { fit, rank } from "../../src/palette/rank";

const things = (...texts: string[]) => texts.map((text) => ({ id: text, text }));
const order = (query: string, texts: string[], recent: string[] = []) => rank(query, things(...texts), recent, 10).map((hit) => hit.thing.text);

describe("what fits", () => {
  test.each([
    ["cart", "Cart total is wrong"],
    ["total cart", "Cart total is wrong"],
    ["nt", "New task"],
    ["nwtsk", "New task"],
    ["web-4", "WEB-42 Checkout"],
    ["联系", "中文联系页面"],
    ["", "Anything"],
  ])("%s fits %s", (query, text) => expect(fit(query, text)).not.toBeNull());

  test.each([
    ["cartx", "Cart total is wrong"],
    ["zz", "New task"],
    ["kst", "New task"],
    ["che", "Gift cards: say when they end"],
    ["xwrongx", "Cart total is wrong"],
    ["aeiou", "A text that has every vowel you would want"],
  ])("%s does not fit %s", (query, text) => expect(fit(query, text)).toBeNull());

  test("says where", () => {
    expect(fit("total", "Cart total")?.at).toEqual([[5, 10]]);
    expect(fit("nt", "New task")?.at).toEqual([[0, 1], [4, 5]]);
    expect(fit("car cart", "Cart")?.at).toEqual([[0, 4]]);
    // A letter that gets longer in lower case moves all that follow.
    expect(fit("x", "İx")?.at).toEqual([]);
  });
});

describe("the order", () => {
  test("whole words, then starts of words, then within, then letters", () => {
    expect(order("art", ["A really tall", "Cart", "Artful", "The art of it"])).toEqual(["The art of it", "Artful", "Cart", "A really tall"]);
  });

  test("the shorter one of two that fit alike", () => {
    expect(order("move", ["Move the very long thing over there", "Move it"])).toEqual(["Move it", "Move the very long thing over there"]);
  });

  test("letters of one word before letters of several that are no initials", () => {
    expect(order("crt", ["it's cheaper than a cab", "Carrot soup"])[0]).toBe("Carrot soup");
    expect(order("nt", ["Natural", "New task"])[0]).toBe("New task");
  });

  test("a reference in full comes before longer ones", () => {
    expect(order("web-4", ["WEB-42 Checkout", "WEB-4 Footer", "WEB-40 Cart"])[0]).toBe("WEB-4 Footer");
  });

  test("what was chosen lately, the newest first, but not before what fits much better", () => {
    expect(order("task", ["New task", "Old task", "Big task"], ["Old task", "Big task"])).toEqual(["Old task", "Big task", "New task"]);
    expect(order("cart", ["A crooked area that is not", "Cart"], ["A crooked area that is not"])[0]).toBe("Cart");
    expect(order("", ["a", "b", "c"], ["c"])).toEqual(["c", "a", "b"]);
  });

  test("other words count less than its own", () => {
    const found = rank("late", [{ id: "1", text: "Overdue", also: "late" }, { id: "2", text: "Late tasks" }], [], 10);
    expect(found.map((hit) => hit.thing.id)).toEqual(["2", "1"]);
    expect(found[1]?.at).toEqual([]);
  });

  test("no more than asked for", () => expect(rank("", things("a", "b", "c"), [], 2)).toHaveLength(2));
});

describe("what is here", () => {
  const task = (text: string, here: boolean) => ({ id: text, text, start: text.indexOf(" ") + 1, here });
  const ordered = (query: string, ...tasks: ReturnType<typeof task>[]) => rank(query, tasks, [], 10).map((hit) => hit.thing.id);

  test("a word that begins so here comes before that word further on elsewhere", () => {
    expect(ordered("fi", task("MOB-1 Do fi", false), task("WEB-1 A very long title in the end about fixing", true))[0]).toMatch(/^WEB/);
    expect(ordered("fix cart", task("MOB-1 Now fix cart", false), task("WEB-1 Fixing all of the carts", true))[0]).toMatch(/^WEB/);
  });

  test("but what is only within a word here does not come before a title that begins with it", () => {
    expect(ordered("art", task("WEB-1 Cart", true), task("MOB-1 Art of it", false))[0]).toMatch(/^MOB/);
  });

  test("a title that begins with it comes before one in which a later word does", () => {
    expect(ordered("cart", task("WEB-1 The cart", true), task("WEB-22 Cart is full of it", true))[0]).toMatch(/^WEB-22/);
  });
});
