/**
 * Style sheets are fetched with their screens and stay: what one of them says of a class holds from then on everywhere.
 * So a class belongs to one sheet.
 */
import { describe, expect, it } from "vitest";
import TOKENS from "../src/tokens.css?raw";

const SHEETS = import.meta.glob<string>("../src/styles/*.css", { query: "?raw", import: "default", eager: true });
/** Drawn by the server alone, never in the document of the others. */
const OWN = "pages.css";

/** The classes that a sheet has a rule of their own for, outside of media queries. */
function classes(css: string): string[] {
  const plain = css.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/@[^;{]+\{(?:[^{}]|\{[^{}]*\})*\}/g, "");
  return [...plain.matchAll(/(?<=^|\})\s*\.([\w-]+)\s*\{/g)].map((found) => found[1] ?? "");
}

describe("style sheets", () => {
  it("keep a class in one place", () => {
    const owners = new Map<string, Set<string>>();
    for (const [path, css] of Object.entries(SHEETS)) {
      const sheet = path.split("/").at(-1) ?? path;
      if (sheet === OWN) continue;
      for (const name of classes(css)) owners.set(name, (owners.get(name) ?? new Set()).add(sheet));
    }
    expect(owners.size).toBeGreaterThan(200);
    expect([...owners].filter(([, sheets]) => sheets.size > 1).map(([name, sheets]) => `${name}: ${[...sheets].join(", ")}`)).toEqual([]);
  });
});

/** Relative luminance (WCAG 2.2) of #rrggbb. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

it("the shades of charts keep 3 : 1 to the surface at both ends, in the light and in the dark", () => {
  const tokens = new Map([...TOKENS.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = "", light = "", dark = ""]) => [name, [light, dark]]));
  const names = [...tokens.keys()].filter((name) => name.endsWith("-far")).flatMap((far) => [far, far.replace("-far", "")]);
  expect(names.length).toBe(10);
  // The grey of what was cancelled is no part of the flow; its bar has its name and number beside it.
  for (const name of ["backlog", ...names].filter((one) => one !== "cancelled")) {
    for (const scheme of [0, 1]) {
      const [a = 0, b = 0] = [name, "surface"].map((one) => luminance(tokens.get(one)?.[scheme] ?? "")).sort((x, y) => y - x);
      expect((a + 0.05) / (b + 0.05), `${name} ${scheme}`).toBeGreaterThanOrEqual(3);
    }
  }
});
