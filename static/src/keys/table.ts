/** Every key there is, once: the keyboard, the tooltips, `aria-keyshortcuts` and the list under `?` all read it. */
import { signal } from "@preact/signals";
import { t } from "../app/text";
import { signOf } from "./letter";

/** Where a key does something; a key `on a card` also works for the task that is open. */
export type Where = "anywhere" | "board" | "card" | "carrying" | "task" | "list";

export type KeyId =
  | "palette" | "help" | "undo" | "redo"
  | "board" | "dashboard"
  | "create" | "filter" | "mine"
  | "walk" | "ends" | "open" | "lift" | "edit" | "assign" | "move" | "label" | "priority" | "due"
  | "carry" | "drop" | "back"
  | "next" | "previous" | "save" | "close"
  | "rows" | "openRow" | "readRow" | "onlyUnread";

interface Key {
  id: KeyId;
  where: Where;
  /** As `KeyboardEvent.key` names them; `Mod` is Ctrl, on a Mac Command. Any of them will do. */
  keys: readonly string[];
  /** The part that has the key handles it by itself; it stands here to be told of. */
  elsewhere?: true;
}

export const KEYS: readonly Key[] = [
  { id: "palette", where: "anywhere", keys: ["Mod+k"] },
  { id: "help", where: "anywhere", keys: ["?"] },
  { id: "undo", where: "anywhere", keys: ["Mod+z"] },
  { id: "redo", where: "anywhere", keys: ["Mod+Shift+z", "Mod+y"] },
  { id: "board", where: "anywhere", keys: ["Shift+b"] },
  { id: "dashboard", where: "anywhere", keys: ["Shift+d"] },
  { id: "create", where: "board", keys: ["c"] },
  { id: "filter", where: "board", keys: ["/"] },
  { id: "mine", where: "board", keys: ["Shift+m"] },
  { id: "walk", where: "card", keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"], elsewhere: true },
  { id: "ends", where: "card", keys: ["Home", "End"], elsewhere: true },
  { id: "open", where: "card", keys: ["Enter"], elsewhere: true },
  { id: "lift", where: "card", keys: [" "], elsewhere: true },
  { id: "edit", where: "card", keys: ["e"] },
  { id: "assign", where: "card", keys: ["a"] },
  { id: "move", where: "card", keys: ["m"] },
  { id: "label", where: "card", keys: ["l"] },
  { id: "priority", where: "card", keys: ["p"] },
  { id: "due", where: "card", keys: ["d"] },
  { id: "carry", where: "carrying", keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"], elsewhere: true },
  { id: "drop", where: "carrying", keys: [" ", "Enter"], elsewhere: true },
  { id: "back", where: "carrying", keys: ["Escape"], elsewhere: true },
  { id: "next", where: "task", keys: ["j"], elsewhere: true },
  { id: "previous", where: "task", keys: ["k"], elsewhere: true },
  { id: "save", where: "task", keys: ["Mod+Enter"], elsewhere: true },
  { id: "close", where: "task", keys: ["Escape"], elsewhere: true },
  { id: "rows", where: "list", keys: ["ArrowUp", "ArrowDown", "k", "j"], elsewhere: true },
  { id: "openRow", where: "list", keys: ["Enter"], elsewhere: true },
  { id: "readRow", where: "list", keys: ["e", " "], elsewhere: true },
  { id: "onlyUnread", where: "list", keys: ["u"], elsewhere: true },
];

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

const OFF = "taskhub.letters";
/** Whether keys without Ctrl do something. Who dictates, or hits keys by accident, switches them off (WCAG 2.1.4). */
export const letters = signal(localStorage.getItem(OFF) !== "off");

export function setLetters(on: boolean): void {
  letters.value = on;
  localStorage.setItem(OFF, on ? "on" : "off");
}

/** The key that an event means; undefined for none, or one that the parts handle by themselves. */
export function keyOf(event: KeyboardEvent): KeyId | undefined {
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const other = MAC ? event.ctrlKey : event.metaKey;
  if (other || event.altKey) return undefined;
  const sign = signOf(event);
  const letter = /^[a-z]$/.test(sign);
  // Shift belongs to the sign it makes ("?"); only with letters it is a key of its own.
  const pressed = `${mod ? "Mod+" : ""}${letter && event.shiftKey ? "Shift+" : ""}${sign}`;
  const found = KEYS.find((key) => !key.elsewhere && key.keys.includes(pressed));
  if (found && !mod && !letters.value) return undefined;
  return found?.id;
}

const SIGNS: Record<string, string> = {
  ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Mod: MAC ? "⌘" : "Ctrl", Shift: MAC ? "⇧" : "Shift",
};

/** The parts of a key as they stand on a keyboard: ["Ctrl", "K"]. */
export function caps(key: string): string[] {
  if (key === " ") return [t.work.space];
  return key.split("+").map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/** "Ctrl K": the first way to press it. */
export function pressed(id: KeyId): string {
  const key = KEYS.find((one) => one.id === id)?.keys[0] ?? "";
  return caps(key).join(" ");
}

/** What a key does, with the key, for a tooltip: "New task (C)". */
export function hint(id: KeyId): string {
  return `${t.work.keys[id]} (${pressed(id)})`;
}

/** For `aria-keyshortcuts`: "Control+K Meta+K". */
export function shortcuts(id: KeyId): string {
  const keys = KEYS.find((one) => one.id === id)?.keys ?? [];
  return keys.map((key) => (key === " " ? "Space" : key.replace("Mod", MAC ? "Meta" : "Control").replace(/\b[a-z]$/, (letter) => letter.toUpperCase()))).join(" ");
}
