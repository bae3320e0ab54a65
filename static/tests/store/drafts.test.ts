import { beforeEach, describe, expect, it } from "vitest";
import { Drafts, KEPT_FOR, type Shelf } from "../../src/store/drafts";

class Memory implements Shelf {
  readonly items = new Map<string, string>();
  full = false;
  get length() {
    return this.items.size;
  }
  key(index: number) {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    if (this.full) throw new Error("QuotaExceededError");
    this.items.set(key, value);
  }
  removeItem(key: string) {
    this.items.delete(key);
  }
}

let shelf: Memory;
let now: number;
const open = () => new Drafts(shelf, () => now);
const made = { text: "Mine", from: "Old", base: 12 };

beforeEach(() => {
  shelf = new Memory();
  now = 1_000_000;
});

describe("drafts", () => {
  it("are counted and forgotten for their person alone", () => {
    const drafts = open();
    drafts.put("u1", "WEB-4", "title", made);
    drafts.put("u1", "WEB-5", "comment", made);
    drafts.put("u10", "WEB-4", "title", made);
    shelf.setItem("another", "thing");
    expect(drafts.count("u1")).toBe(2);
    drafts.forget("u1");
    expect(drafts.count("u1")).toBe(0);
    expect(drafts.get("u1", "WEB-5", "comment")).toBeNull();
    expect(open().count("u10")).toBe(1);
    expect(shelf.getItem("another")).toBe("thing");
  });

  it("outlive the window they were typed in", () => {
    open().put("u1", "WEB-4", "title", made);
    expect(open().get("u1", "WEB-4", "title")).toEqual({ ...made, at: now });
  });

  it("are each person's, task's and field's own", () => {
    const drafts = open();
    drafts.put("u1", "WEB-4", "title", made);
    drafts.put("u1", "WEB-4", "comment:c:1", { ...made, text: "Hm" });
    drafts.put("u1", "WEB-42", "title", made);
    expect(drafts.get("u2", "WEB-4", "title")).toBeNull();
    expect([...open().of("u1", "WEB-4")].map(([field, { text }]) => [field, text])).toEqual([
      ["title", "Mine"],
      ["comment:c:1", "Hm"],
    ]);
  });

  it("are none where nothing was written", () => {
    const drafts = open();
    drafts.put("u1", "WEB-4", "title", made);
    drafts.put("u1", "WEB-4", "title", { ...made, text: "Old" });
    drafts.put("u1", "WEB-4", "comment", { text: " \n", from: "", base: 0 });
    expect(drafts.of("u1", "WEB-4").size).toBe(0);
    expect(shelf.items.size).toBe(0);
  });

  it("may be of a text that was emptied", () => {
    open().put("u1", "WEB-4", "description", { ...made, text: "" });
    expect(open().get("u1", "WEB-4", "description")?.text).toBe("");
  });

  it("stay while the page lives where nothing can be stored", () => {
    shelf.full = true;
    const drafts = open();
    drafts.put("u1", "WEB-4", "title", made);
    expect(drafts.get("u1", "WEB-4", "title")?.text).toBe("Mine");
    const none = new Drafts(null, () => now);
    none.put("u1", "WEB-4", "title", made);
    expect(none.of("u1", "WEB-4").size).toBe(1);
  });

  it("are dropped when they are sent, and when nobody came back for a month", () => {
    const drafts = open();
    drafts.put("u1", "WEB-4", "title", made);
    drafts.drop("u1", "WEB-4", "title");
    expect(open().get("u1", "WEB-4", "title")).toBeNull();
    drafts.put("u1", "WEB-4", "title", made);
    shelf.setItem("other", "stays");
    now += KEPT_FOR + 1;
    open().prune();
    expect([...shelf.items.keys()]).toEqual(["other"]);
  });

  it("do not fall over what somebody else stored", () => {
    shelf.setItem("taskhub.draft:u1:WEB-4:title", "{broken");
    shelf.setItem("taskhub.draft:u1:WEB-4:description", "null");
    expect(open().of("u1", "WEB-4").size).toBe(0);
  });
});
