/** The tasks that a person opened last in this browser, the newest first. Who signs out leaves none. */
export interface Seen {
  ref: string;
  project: string;
  number: number;
  title: string;
}

const PREFIX = "taskhub.recent.";
const MOST = 8;

export function recentOf(user: string): readonly Seen[] {
  return JSON.parse(localStorage.getItem(PREFIX + user) ?? "[]") as Seen[];
}

/** A task was opened, and is called so now. */
export function noteSeen(user: string, { ref, project, number, title }: Seen): void {
  put(user, [{ ref, project, number, title }, ...others(user, ref)]);
}

/** A task is not there any more. */
export function noteGone(user: string, ref: string): void {
  put(user, others(user, ref));
}

const others = (user: string, ref: string): readonly Seen[] => recentOf(user).filter((one) => one.ref !== ref);

function put(user: string, list: readonly Seen[]): void {
  localStorage.setItem(PREFIX + user, JSON.stringify(list.slice(0, MOST)));
}

export function forgetRecent(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
