/**
 * Style sheets are fetched with their screens and stay: what one of them says of a class holds from then on everywhere.
 * So a class belongs to one sheet.
 */
import { describe, expect, it } from "vitest";

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
