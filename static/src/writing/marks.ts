/** Small rules of Markdown as it is written: links over a selection, boxes that are ticked, names and references. */

/** What pasting an address over a selected text makes; null where it is pasted as it is. */
export function linkOver(selected: string, pasted: string): string | null {
  const url = pasted.trim();
  if (!/^https?:\/\/[^\s<>]+$/i.test(url) || !selected.trim() || selected.includes("\n\n")) return null;
  if (/^https?:\/\//i.test(selected.trim())) return null;
  const [, before = "", text = "", after = ""] = /^(\s*)([^]*?)(\s*)$/.exec(selected) ?? [];
  return `${before}[${text.replace(/[[\]]/g, "\\$&")}](${url.replace(/\(/g, "%28").replace(/\)/g, "%29")})${after}`;
}

const BOX = /^((?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*)\[([ xX])\](?=\s|$)/;

/** The text with the box in a line (from 0) ticked or emptied; null where that line has none. */
export function tick(text: string, line: number, on: boolean): string | null {
  const parts = text.split(/(\r\n?|\n)/);
  const at = parts[2 * line];
  if (at === undefined) return null;
  const ticked = at.replace(BOX, (_, before: string) => `${before}[${on ? "x" : " "}]`);
  if (!BOX.test(at)) return null;
  parts[2 * line] = ticked;
  return parts.join("");
}

/** What the server made of a text, with the box of a line so; null where that line has none. */
export function tickHtml(html: string, line: number, on: boolean): string | null {
  const box = new RegExp(`(data-line="${line}">\\s*(?:<p>\\s*)?<label><input class="task-list-item-checkbox")(?: checked="checked")?`);
  return box.test(html) ? html.replace(box, `$1${on ? ' checked="checked"' : ""}`) : null;
}

/** The same box in another text: the line that says the same, the nearest one where several do; -1 for none. */
export function sameBox(text: string, line: number, other: string): number {
  const bare = (one: string | undefined) => (one !== undefined && BOX.test(one) ? one.replace(BOX, "$1[ ]").trim() : null);
  const sought = bare(text.split(/\r\n?|\n/)[line]);
  if (sought === null) return -1;
  let best = -1;
  other.split(/\r\n?|\n/).forEach((one, index) => {
    if (bare(one) === sought && (best < 0 || Math.abs(index - line) < Math.abs(best - line))) best = index;
  });
  return best;
}

/**
 * `theirs` with the boxes ticked and emptied as `mine` has them, where mine is `was` with nothing but that; null where
 * more than boxes differs, or where one of them is gone.
 */
export function reticked(was: string, mine: string, theirs: string): string | null {
  const [before, after] = [was.split("\n"), mine.split("\n")];
  if (before.length !== after.length) return null;
  let text: string | null = theirs;
  for (const [line, old] of before.entries()) {
    const fresh = after[line] ?? "";
    if (old === fresh || text === null) continue;
    const [was, is] = [BOX.exec(old), BOX.exec(fresh)];
    if (!was || !is || old.replace(BOX, "$1") !== fresh.replace(BOX, "$1")) return null;
    const there = sameBox(mine, line, text);
    text = there < 0 ? null : tick(text, there, is[2] !== " ");
  }
  return text;
}

/** If two texts differ by one ticked box alone: what stands beside it, and whether it was ticked. */
export function tickedBetween(old: string, fresh: string): { item: string; on: boolean } | null {
  const a = old.split("\n");
  const b = fresh.split("\n");
  if (a.length !== b.length) return null;
  const differ = a.flatMap((line, index) => (line === b[index] ? [] : [index]));
  const [at] = differ;
  if (differ.length !== 1 || at === undefined) return null;
  const [was, is] = [BOX.exec(a[at] ?? ""), BOX.exec(b[at] ?? "")];
  if (!was || !is || (a[at] ?? "").replace(BOX, "") !== (b[at] ?? "").replace(BOX, "") || was[1] !== is[1]) return null;
  const on = is[2] !== " ";
  return on === (was[2] !== " ") ? null : { item: (b[at] ?? "").replace(BOX, "").trim(), on };
}

export type Piece = { kind: "text"; text: string } | { kind: "task"; text: string; key: string; number: number } | { kind: "person"; text: string; id: string };

/** A text in pieces: references to tasks of these projects, `@` and a member's whole name, and what is between. */
export function pieces(text: string, keys: Iterable<string>, members: Iterable<{ id: string; name: string }>): Piece[] {
  const known = new Set(keys);
  // The longest name first: "@Ana Bell" is not "@Ana" where both are members.
  const names = [...members].sort((a, b) => b.name.length - a.name.length);
  const found: Piece[] = [];
  let plain = "";
  const flush = () => {
    if (plain) found.push({ kind: "text", text: plain });
    plain = "";
  };
  const wordBefore = (at: number) => at > 0 && /(?!\p{Script=Han})[\p{L}\p{N}_/@-]/u.test(text[at - 1] ?? "");
  const wordAt = (at: number) => /^(?!\p{Script=Han})[\p{L}\p{N}_]/u.test(text.slice(at, at + 2));
  for (let at = 0; at < text.length; ) {
    const here = text.slice(at, at + 80);
    const task = /^([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,8})(?!(?!\p{Script=Han})[\p{L}\p{N}_])/u.exec(here);
    if (task?.[1] && known.has(task[1]) && !wordBefore(at)) {
      flush();
      found.push({ kind: "task", text: task[0], key: task[1], number: Number(task[2]) });
      at += task[0].length;
      continue;
    }
    const person = here[0] === "@" && !wordBefore(at) ? named(here, names, (length) => wordAt(at + length)) : null;
    if (person) {
      flush();
      found.push({ kind: "person", text: here.slice(0, person.length), id: person.id });
      at += person.length;
      continue;
    }
    plain += text[at++];
  }
  flush();
  return found;
}

function named(here: string, names: readonly { id: string; name: string }[], goesOn: (length: number) => boolean): { id: string; length: number } | null {
  for (const { id, name } of names) {
    const length = name.length + 1;
    const wide = /[\u2e80-\u9fff]$/u.test(name);
    if (here.slice(1, length).toLocaleLowerCase() === name.toLocaleLowerCase() && (wide || !goesOn(length))) return { id, length };
  }
  // The first word of a name does, where only one member has it.
  const first = /^@((?:(?!\p{Script=Han})[\p{L}\p{M}])+|\p{Script=Han}+)/u.exec(here)?.[1]?.toLocaleLowerCase();
  const same = first === undefined ? [] : names.filter(({ name }) => name.split(/\s+/)[0]?.toLocaleLowerCase() === first);
  return same.length === 1 && same[0] && first !== undefined ? { id: same[0].id, length: first.length + 1 } : null;
}
