/** Finding by a few letters: how well they fit a text, and in which order what fits stands. Knows no DOM. */

export interface Fit {
  score: number;
  /** The places of the text that fit, for showing them: [from, to) by UTF-16 unit, in order. */
  at: readonly (readonly [number, number])[];
}

/** A thing that can be found. */
export interface Thing {
  id: string;
  text: string;
  /** Other words it is known by; they count a little less and are not shown. */
  also?: string;
  /** It is a part of what is open: it comes before things elsewhere that fit about as well. */
  here?: boolean;
  /** Where in the text its name begins; what stands before it, such as a reference, is a beginning too. */
  start?: number;
}

export interface Found<T extends Thing> {
  thing: T;
  at: Fit["at"];
}

const WORD = /[\p{L}\p{N}]/u;

function startsWord(text: string, at: number): boolean {
  return at === 0 || !WORD.test(text[at - 1] ?? "");
}

/**
 * How well `query` fits `text`, null where it does not. Each word of the query must be in the text: best as a whole
 * word, then at the start of one, then within, at last as letters in order that begin at the start of a word. The
 * beginning of the text is worth more, and so is the place `start`.
 */
export function fit(query: string, text: string, start = 0): Fit | null {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const low = text.toLocaleLowerCase();
  // Some letters change their length with their case: then what fits can't be shown at its place.
  const exact = low.length === text.length;
  const at: [number, number][] = [];
  let score = 0;
  for (const word of words) {
    const found = whole(word, low, start) ?? scattered(word, low);
    if (!found) return null;
    score += found.score;
    at.push(...found.at);
  }
  // Of two that fit alike the shorter one is meant.
  return { score: score - Math.min(text.length, 200) / 400, at: exact ? joined(at) : [] };
}

function whole(word: string, text: string, start: number): { score: number; at: [number, number][] } | null {
  let best: { score: number; at: [number, number][] } | null = null;
  for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + 1)) {
    const to = from + word.length;
    const ends = to === text.length || !WORD.test(text[to] ?? "");
    const score = 10 + (startsWord(text, from) ? 8 : 0) + (startsWord(text, from) && ends ? 6 : 0) + (from === 0 || from === start ? 4 : 0);
    if (!best || score > best.score) best = { score, at: [[from, to]] };
  }
  return best;
}

function scattered(word: string, text: string): { score: number; at: [number, number][] } | null {
  for (let start = text.indexOf(word[0] ?? ""); start >= 0; start = text.indexOf(word[0] ?? "", start + 1)) {
    if (!startsWord(text, start)) continue;
    // Letters that begin words are meant rather than those within; but then some may be passed over.
    const found = letters(word, text, start, true) ?? letters(word, text, start, false);
    if (found) return found;
  }
  return null;
}

function letters(word: string, text: string, start: number, starts: boolean): { score: number; at: [number, number][] } | null {
  const at: [number, number][] = [];
  let from = start;
  let score = 4;
  /** Whether all letters so far began words: then it is initials, which are meant. */
  let initials = true;
  for (const letter of word) {
    let next = text.indexOf(letter, from);
    for (let n = next; starts && n > from; n = text.indexOf(letter, n + 1)) {
      if (!startsWord(text, n)) continue;
      next = n;
      break;
    }
    if (next < 0) return null;
    initials &&= startsWord(text, next);
    if (next !== from) {
      const word = startsWord(text, next);
      // Into the middle of another word nobody's letters jump.
      if (!word && /[^\p{L}\p{N}]/u.test(text.slice(from, next))) return null;
      score -= initials ? 0.2 : word ? 1 : 0.6;
    }
    at.push([next, next + letter.length]);
    from = next + letter.length;
  }
  // Letters strewn all over a long text are no find.
  return score > 0 ? { score, at } : null;
}

function joined(at: [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of at.sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

const ALSO = 4;
/**
 * What is here is worth so much more for each word: a word that begins with the letters here comes before that very
 * word elsewhere, one that only has them within does not.
 */
const HERE = 7;
/** What was chosen lately is worth so much more; the newest most. */
const LATELY = 5;

/**
 * What fits, the best first, at most `most`; equal ones as they came. `recent`: ids of what was chosen, the newest
 * first. Without a query everything fits, what is recent first.
 */
export function rank<T extends Thing>(query: string, things: readonly T[], recent: readonly string[], most: number): Found<T>[] {
  const near = HERE * query.split(/\s+/).filter(Boolean).length;
  const places = new Map(recent.map((id, index) => [id, index]));
  const found: (Found<T> & { score: number })[] = [];
  for (const thing of things) {
    const direct = fit(query, thing.text, thing.start);
    const other = thing.also ? fit(query, thing.also) : null;
    const worse = other ? other.score - ALSO : Number.NEGATIVE_INFINITY;
    if (!direct && !other) continue;
    const place = places.get(thing.id);
    const lately = place === undefined ? 0 : LATELY * (1 - place / (recent.length + 1));
    found.push({ thing, at: direct?.at ?? [], score: Math.max(direct?.score ?? Number.NEGATIVE_INFINITY, worse) + lately + (thing.here ? near : 0) });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, most);
}
