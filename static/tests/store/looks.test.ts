import { describe, expect, it } from "vitest";

import { shortKeys, suggestKey } from "../../src/store/key";
import { colourOf, coloursOf, initials, PALETTE } from "../../src/store/people";

describe("people", () => {
  it.each(PALETTE)("white text reads well on %s", (colour) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    expect(1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)).toBeGreaterThanOrEqual(4.5);
  });

  it("have one colour each, and together all of them", () => {
    expect(colourOf("u1")).toBe(colourOf("u1"));
    for (let n = 0; n < 50; n++) {
      const together = Array.from({ length: PALETTE.length }, (_, i) => `user-${n}-${i}`);
      expect(new Set(coloursOf(together).values()).size).toBe(PALETTE.length);
      expect(coloursOf([...together, "one more"]).size).toBe(PALETTE.length + 1);
    }
    expect(new Set(Array.from({ length: 200 }, (_, n) => colourOf(`user-${n}`))).size).toBe(PALETTE.length);
  });

  it.each([["Ana", "AN"], ["Ana Bell", "AB"], ["陈晨", "陈"], ["Chen 陈", "陈"], ["x", "X"], ["  ", "?"], ["Ana Maria Bell", "AB"]])(
    "%s is %s", (name, expected) => expect(initials(name)).toBe(expected),
  );
});

describe("a project's key", () => {
  it.each([
    ["Website relaunch", "WR"], ["Website", "WEB"], ["Über uns", "UU"], ["研究", ""], ["2 fast 4 you", "F4Y"], ["X", ""],
  ])("%s → %s", (name, expected) => expect(suggestKey(name)).toBe(expected));
  it("is a free one", () => expect(suggestKey("Website", ["WEB", "WEB2"])).toBe("WEB3"));
});

describe("keys in short", () => {
  it.each([
    [["APP", "RES", "WEB"], ["APP", "RES", "WEB"]],
    [["QA", "WEBSITE"], ["QA", "WEB"]],
    [["DEMO12", "DEMO13"], ["DEM", "DE3"]],
    // One that is short already is called so, whichever stands first.
    [["WEBSHOP", "WEB"], ["WEP", "WEB"]],
    [["WEBA", "WEBAA", "WEBB"], ["WEB", "WEA", "WE2"]],
  ])("%j → %j", (keys, expected) => {
    const found = shortKeys(keys);
    expect(keys.map((key) => found.get(key))).toEqual(expected);
  });
});
