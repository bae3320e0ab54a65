/** What is said to the person: toasts for what they did, the live region for what they might not see. */
import { signal } from "@preact/signals";

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
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
let lastSaid = 0;

/** Say what somebody else did, at most once in five seconds; what piled up is said in short by `sum`. */
export function mention(text: string, sum: (n: number) => string): void {
  waiting.push(text);
  if (timer !== null) return;
  const wait = Math.max(0, lastSaid + EVERY - Date.now());
  timer = setTimeout(() => {
    timer = null;
    lastSaid = Date.now();
    overheard.value = waiting.length > 2 ? sum(waiting.length) : waiting.join(". ");
    waiting = [];
  }, wait);
}
