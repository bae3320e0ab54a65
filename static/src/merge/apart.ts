/** Where two texts differ, with a little around it: what is shown of texts that are too long to be read twice. */
import { diff, words } from "./diff";

/** `same` stands in both texts, `own` in this one alone; `cut` stands for what is left out. */
export interface Piece {
  kind: "same" | "own" | "cut";
  text: string;
}

/** So much of what is the same is left before and after a difference, in UTF-16 units, on to the end of a word. */
const AROUND = 48;

/** The places of each of two texts in which they differ, each with the same around it. */
export function apart(mine: string, theirs: string): { mine: readonly Piece[]; theirs: readonly Piece[] } {
  const parts = diff(theirs, mine);
  const sides = { new: [] as Piece[], old: [] as Piece[] };
  parts.forEach(({ kind, text }, index) => {
    if (kind !== "same") {
      sides[kind].push(...bare(text));
      return;
    }
    const pieces = around(text, index > 0, index < parts.length - 1);
    sides.new.push(...pieces);
    sides.old.push(...pieces);
  });
  return { mine: sides.new, theirs: sides.old };
}

/** A difference without the blanks around it, where it is more than those. */
function bare(text: string): Piece[] {
  const core = text.trim();
  if (core === "") return [{ kind: "own", text }];
  const begin = text.length - text.trimStart().length;
  const blank = (space: string): Piece[] => (space ? [{ kind: "same", text: space }] : []);
  return [...blank(text.slice(0, begin)), { kind: "own", text: core }, ...blank(text.slice(begin + core.length))];
}

/** What is left of a text that is the same, after a difference and before another. */
function around(text: string, after: boolean, before: boolean): Piece[] {
  if (!after && !before) return [{ kind: "same", text }];
  const begin = after ? taken(words(text)) : "";
  const end = before ? taken(words(text).reverse(), true) : "";
  // What is left out must be worth its sign.
  if (begin.length + end.length + AROUND / 2 >= text.length) return [{ kind: "same", text }];
  const pieces: Piece[] = [];
  if (begin) pieces.push({ kind: "same", text: begin.trimEnd() });
  pieces.push({ kind: "cut", text: "…" });
  if (end) pieces.push({ kind: "same", text: end.trimStart() });
  return pieces;
}

function taken(from: readonly string[], backwards = false): string {
  let text = "";
  for (const word of from) {
    if (text.length >= AROUND) break;
    text = backwards ? word + text : text + word;
  }
  return text;
}
