/** Which key was meant, whatever the keyboard writes. Knows no DOM. */

/** What of a KeyboardEvent says so. */
export interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly isComposing: boolean;
  getModifierState(key: string): boolean;
}

const LATIN = /^\p{Script=Latin}$/u;
const LETTER = /^\p{L}$/u;
const OF_LETTER = /^Key([A-Z])$/;

/**
 * The key's sign, a Latin letter in lower case. A keyboard of another script (Cyrillic, Greek, Hebrew, Arabic, …) gives
 * the Latin letter that is printed beside its own. "" for what belongs to an input method, and for the third sign of a
 * key: somebody writes those.
 */
export function signOf(event: Pressed): string {
  if (event.isComposing || event.key === "Process" || event.key === "Dead" || event.getModifierState("AltGraph")) return "";
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  if (!LETTER.test(event.key) || LATIN.test(event.key)) return event.key;
  return OF_LETTER.exec(event.code)?.[1]?.toLowerCase() ?? event.key;
}
