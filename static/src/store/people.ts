/** How a person looks: colour and initials, the same everywhere and in every window. */

/** White text has a contrast of at least 4.5 on each (a test computes it). */
export const PALETTE = [
  "#3f51d9", "#c2410c", "#0f766e", "#9333ea", "#be185d", "#15803d",
  "#0369a1", "#b45309", "#a21caf", "#4d7c0f", "#6d28d9", "#b91c1c",
] as const;

/** The colour of an id by itself. */
export function colourOf(id: string): string {
  return PALETTE[seatOf(id)] ?? PALETTE[0];
}

/** Colours for people or projects that are seen together: each its own, as long as the palette has one left. */
export function coloursOf(ids: Iterable<string>): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const id of ids) {
    let seat = seatOf(id);
    if (taken.size < PALETTE.length) while (taken.has(seat)) seat = (seat + 1) % PALETTE.length;
    taken.add(seat);
    colours.set(id, PALETTE[seat] ?? PALETTE[0]);
  }
  return colours;
}

function seatOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  // The last bits of FNV are its weakest: fold the first ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) % PALETTE.length;
}

const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/u;

/** "Ana" → AN, "Ana Bell" → AB, "陈晨" → 陈, "Chen 陈" → 陈. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const wide = words.map((word) => [...word][0] ?? "").find((letter) => WIDE.test(letter));
  if (wide) return wide;
  const first = [...(words[0] ?? "?")];
  const last = words.length > 1 ? [...(words.at(-1) ?? "")] : [];
  return ((first[0] ?? "") + (last[0] ?? first[1] ?? "")).toUpperCase();
}

/** In the order in which they are offered everywhere: me first, then by name. */
export function inOrder<One extends { id: string; name: string }>(people: Iterable<One>, mine?: string): One[] {
  return [...people].sort((a, b) => Number(b.id === mine) - Number(a.id === mine) || a.name.localeCompare(b.name));
}

/** The name used in passing: the first word of a name. */
export function shortName(name: string): string {
  return name.trim().split(/\s+/)[0] || name;
}
