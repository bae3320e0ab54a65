/** A project's KEY: `[A-Z][A-Z0-9]{1,9}`. */
export const KEY = /^[A-Z][A-Z0-9]{1,9}$/;

/**
 * For each key the 2 or 3 signs that stand for it where there is little room, no two alike: its first ones, and where
 * another project has those, a later one in their third place, or a figure.
 */
export function shortKeys(keys: Iterable<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>();
  // A key that is short already has no other name.
  for (const key of [...keys].sort((a, b) => Number(a.length > 3) - Number(b.length > 3))) {
    const first = key.slice(0, 3);
    const others = [...[...key.slice(3)].reverse(), ..."23456789"].map((last) => key.slice(0, 2) + last);
    const short = [first, ...others].find((one) => !taken.has(one)) ?? first;
    taken.add(short);
    found.set(key, short);
  }
  return found;
}

/** A key that fits the name: initials of several words, else the start of the one; "" when nothing in it will do. */
export function suggestKey(name: string, taken: readonly string[] = []): string {
  const words = name
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[^A-Z0-9\s_-]/g, "")
    .split(/[\s_-]+/)
    .filter(Boolean);
  const joined = words.length > 1 ? words.map((word) => word[0]).join("") : (words[0] ?? "").slice(0, 3);
  const stem = (joined.length > 1 ? joined : words.join("").slice(0, 3)).replace(/^[0-9]+/, "").slice(0, 9);
  if (!KEY.test(stem)) return "";
  let key = stem;
  for (let n = 2; taken.includes(key); n++) key = `${stem.slice(0, 9)}${n}`.slice(0, 10);
  return key;
}
