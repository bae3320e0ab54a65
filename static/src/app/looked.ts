/** What changed on the open board since the person last looked at it in this browser. */
import { effect, signal } from "@preact/signals";
import type { Board } from "../store/board";
import { beforeLeaving, board, openKey } from "./board";
import { me, status } from "./session";

export interface News {
  /** What was seen: up to this seq of the log. */
  seq: number;
  /** When. */
  at: string;
  /** How many tasks that are on the board changed after it. */
  tasks: number;
  /** Who changed them, in passing; "" as long as that is not known. */
  who: string;
}

export const news = signal<News | null>(null);

/** Who is away for a shorter time did not look away. */
const AWAY = 10 * 60_000;

interface Seen {
  log: string;
  seq: number;
  at: string;
}

const place = (key: string): string => `taskhub.looked.${me.peek()?.id ?? ""}.${key}`;

function seen(key: string): Seen | null {
  const kept = localStorage.getItem(place(key));
  return kept === null ? null : (JSON.parse(kept) as Seen);
}

/** Remember that everything up to now was looked at. */
function look(): void {
  const now = board.peek();
  if (!now || me.peek() === null) return;
  const before = seen(now.project.key);
  if (before?.log === now.log && before.seq > now.seq) return;
  localStorage.setItem(place(now.project.key), JSON.stringify({ log: now.log, seq: now.seq, at: new Date().toISOString() } satisfies Seen));
}

let counted: string | null = null;
let hiddenAt = 0;

// Once a board is open and the line has brought what came meanwhile.
effect(() => {
  const key = openKey.value;
  if (key !== counted) news.value = null;
  if (key === null) counted = null;
  const now = board.value;
  if (key === null || now?.project.key !== key || me.value === null || status.value.kind !== "live" || counted === key) return;
  counted = key;
  const before = seen(key);
  look();
  if (before === null || before.log !== now.log || before.seq >= now.seq) return;
  let tasks = 0;
  for (const task of now.tasks.values()) if (task.version > before.seq) tasks++;
  if (tasks === 0) return;
  news.value = { seq: before.seq, at: before.at, tasks, who: "" };
  void tellWho(now, news.value);
});

/** The board does not say who changed what: without an answer it is said without names. */
async function tellWho(now: Board, found: News): Promise<void> {
  const who = await (await import("./changers")).changers(now, found.seq);
  if (news.peek() === found) news.value = { ...found, who };
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenAt = Date.now();
    look();
  } else if (Date.now() - hiddenAt > AWAY) counted = null;
});
addEventListener("pagehide", look);

beforeLeaving(look);
