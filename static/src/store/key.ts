/** A project's KEY: `[A-Z][A-Z0-9]{1,9}`. */
export const KEY = /^[A-Z][A-Z0-9]{1,9}$/;

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
