/**
 * What changed between two texts, by words; and one text from two that were made from the same. Nothing here knows
 * the DOM.
 */

export interface Part {
  kind: "same" | "old" | "new";
  text: string;
}

const WORDS = /\n|[^\S\n]+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}_])+|[^]/gu;

/** Words, each sign of a script without spaces, runs of blanks, line ends and every other sign; joined they are the text. */
export function words(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/** Lines with their ends; joined they are the text. */
export function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Beyond so many differences two texts have nothing worth showing in common. */
const MOST = 1_500;

/** For each token of `a` where it stands in `b`, or -1: the longest common subsequence (Myers, 1986). */
export function matches(a: readonly string[], b: readonly string[]): Int32Array {
  const found = new Int32Array(a.length).fill(-1);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) found[start] = start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) found[--endA] = --endB;
  const n = endA - start;
  const m = endB - start;
  if (n === 0 || m === 0) return found;
  const most = Math.min(n + m, MOST);
  const furthest = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice(most + 1 - d - 1, most + 1 + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const at = most + 1 + k;
      const down = k === -d || (k !== d && (furthest[at - 1] ?? 0) < (furthest[at + 1] ?? 0));
      let x = down ? (furthest[at + 1] ?? 0) : (furthest[at - 1] ?? 0) + 1;
      let y = x - k;
      while (x < n && y < m && a[start + x] === b[start + y]) {
        x++;
        y++;
      }
      furthest[at] = x;
      if (x >= n && y >= m) {
        walkBack(found, trace, d, n, m, start);
        return found;
      }
    }
  }
  return found;
}

function walkBack(found: Int32Array, trace: readonly Int32Array[], depth: number, n: number, m: number, start: number): void {
  let x = n;
  let y = m;
  for (let d = depth; d >= 0 && (x > 0 || y > 0); d--) {
    const row = trace[d] ?? new Int32Array();
    const at = (k: number) => row[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const before = d === 0 ? 0 : down ? at(k + 1) : at(k - 1);
    const beforeK = down ? k + 1 : k - 1;
    const toX = d === 0 ? 0 : down ? before : before + 1;
    while (x > toX) {
      x--;
      y--;
      found[start + x] = start + y;
    }
    if (d === 0) break;
    x = before;
    y = before - beforeK;
  }
}

/** The way from `old` to `fresh`: what is the same, what went (`old`) and what came (`new`), in reading order. */
export function diff(old: string, fresh: string): Part[] {
  const a = words(old);
  const b = words(fresh);
  const map = matches(a, b);
  const parts: Part[] = [];
  let j = 0;
  for (let i = 0; i <= a.length; i++) {
    const to = i < a.length ? (map[i] ?? -1) : b.length;
    if (i < a.length && to < 0) {
      add(parts, "old", a[i] ?? "");
      continue;
    }
    if (to > j) add(parts, "new", b.slice(j, to).join(""));
    if (i < a.length) add(parts, "same", a[i] ?? "");
    j = to + 1;
  }
  return joined(parts);
}

function add(parts: Part[], kind: Part["kind"], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else if (text) parts.push({ kind, text });
}

/** Blanks that stayed between two changes only break up what reads as one change. */
function joined(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  let old = "";
  let fresh = "";
  const flush = () => {
    if (old) result.push({ kind: "old", text: old });
    if (fresh) result.push({ kind: "new", text: fresh });
    old = fresh = "";
  };
  parts.forEach((part, index) => {
    if (part.kind === "old") old += part.text;
    else if (part.kind === "new") fresh += part.text;
    else if (/^[^\S\n]+$/.test(part.text) && old && fresh && index < parts.length - 1) {
      old += part.text;
      fresh += part.text;
    } else {
      flush();
      result.push({ ...part });
    }
  });
  flush();
  return result;
}

export interface Merged {
  text: string;
  /** In how many places both changed the same: there both stand, mine first. */
  clashes: number;
}

/** What `mine` and `theirs` both made of `base`, in one text. */
export function merge(base: string, mine: string, theirs: string): Merged {
  if (mine === theirs || theirs === base) return { text: mine, clashes: 0 };
  if (mine === base) return { text: theirs, clashes: 0 };
  let clashes = 0;
  const text = mergeTokens(lines(base), lines(mine), lines(theirs), (was, my, their) => {
    let apart = false;
    const inLine = mergeTokens(words(was), words(my), words(their), (_was, here, there) => {
      apart = true;
      return here + there;
    });
    if (!apart) return inLine;
    clashes++;
    return my && their && !my.endsWith("\n") ? `${my}\n${their}` : my + their;
  });
  return { text, clashes };
}

type Clash = (base: string, mine: string, theirs: string) => string;

function mergeTokens(base: readonly string[], mine: readonly string[], theirs: readonly string[], clash: Clash): string {
  const inMine = matches(base, mine);
  const inTheirs = matches(base, theirs);
  let result = "";
  let b = 0;
  let m = 0;
  let t = 0;
  while (b < base.length || m < mine.length || t < theirs.length) {
    if (b < base.length && inMine[b] === m && inTheirs[b] === t) {
      result += base[b];
      b++;
      m++;
      t++;
      continue;
    }
    let next = b;
    while (next < base.length && ((inMine[next] ?? -1) < 0 || (inTheirs[next] ?? -1) < 0)) next++;
    const toM = next < base.length ? (inMine[next] ?? 0) : mine.length;
    const toT = next < base.length ? (inTheirs[next] ?? 0) : theirs.length;
    const was = base.slice(b, next).join("");
    const my = mine.slice(m, toM).join("");
    const their = theirs.slice(t, toT).join("");
    if (my === was || my === their) result += their;
    else if (their === was) result += my;
    else result += clash(was, my, their);
    b = next;
    m = toM;
    t = toT;
  }
  return result;
}
