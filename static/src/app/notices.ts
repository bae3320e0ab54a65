/** What is said to the person: toasts for what they did, the live region for what they might not see. */
import { signal } from "@preact/signals";
import type { Actor } from "../api/types";

export interface Toast {
  id: number;
  text: string;
  more: string | undefined;
  kind: "done" | "refused";
  action: ToastAction | undefined;
}

/** What can still be done about it: a button in the toast, which goes with it. */
export interface ToastAction {
  name: string;
  run(): void;
}

export const toasts = signal<readonly Toast[]>([]);
/** For screen readers: what the person's own action led to. */
export const spoken = signal("");
/** For screen readers: what others did. */
export const overheard = signal("");

let last = 0;

export function toast(text: string, kind: Toast["kind"] = "done", more?: string, action?: ToastAction): number {
  const id = ++last;
  // What was done is old news as soon as there is newer; a refusal stays until it was read.
  const refusals = toasts.value.filter((one) => one.kind === "refused").slice(-2);
  toasts.value = [...refusals, { id, text, more, kind, action }];
  say(more ? `${text} ${more}` : text);
  return id;
}

/** Change what a toast says, quietly: it counts along. */
export function retell(id: number, text: string): void {
  toasts.value = toasts.value.map((one) => (one.id === id ? { ...one, text } : one));
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function say(text: string): void {
  // A region that gets the same text again is silent: a change makes it speak.
  spoken.value = text === spoken.value ? `${text}\u00a0` : text;
}

const EVERY = 5_000;

/** So many changes of these people, in short. */
type Sum = (n: number, who: readonly Actor[]) => string;

let waiting: { text: string; sum: Sum; who: readonly Actor[]; n: number }[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
let lastSaid = 0;

/**
 * Say what others did (`n` changes in all), at most once in five seconds. What piled up is said in short: what has the
 * same `sum` by that.
 */
export function mention(text: string, who: readonly Actor[], sum: Sum, n = 1): void {
  waiting.push({ text, sum, who, n });
  if (timer !== null) return;
  const wait = Math.max(0, lastSaid + EVERY - Date.now());
  timer = setTimeout(() => {
    timer = null;
    lastSaid = Date.now();
    overheard.value = (waiting.length > 2 ? sums() : waiting.map((one) => one.text)).join(". ");
    waiting = [];
  }, wait);
}

function sums(): string[] {
  return [...new Set(waiting.map((one) => one.sum))].map((sum) => {
    const all = waiting.filter((one) => one.sum === sum);
    if (all.length === 1 && all[0]) return all[0].text;
    return sum(all.reduce((n, one) => n + one.n, 0), all.flatMap((one) => one.who));
  });
}
