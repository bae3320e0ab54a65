/** My inbox: how much of it is unread, live on every screen; and the rest of it once its own screen asked. */
import { computed, effect, signal } from "@preact/signals";
import { isPassing, NoLine, request } from "../api/client";
import type { InboxEvent, InboxPage } from "../api/types";
import { apply, type Inbox, joined, read as marked, renewed, unread as unmarked, unreadOf } from "../store/inbox";
import { mention } from "./notices";
import { given } from "./page";
import { route } from "./router";
import { line, status } from "./session";
import { t } from "./text";
import { Unsaid } from "./unsaid";

const TOPIC = "inbox";
const PAGE = 50;
/** How often a window that is not looked at asks for the number in its title. */
const LOOK_EVERY = 120_000;

export const inbox = signal<Inbox | null>(null);
/** Where the next page of the list begins; null: this is all. undefined: no page was read yet. */
export const older = signal<string | null | undefined>(undefined);
/** The same of what is unread alone, once somebody asked for that. */
export const olderUnread = signal<string | null | undefined>(undefined);
/** All from this seq on is here; of what is before, maybe only what is unread. */
export const reach = signal(0);
/** Whether the list shows what is unread alone. */
export const onlyUnread = signal(false);
export const inboxFailure = signal<unknown>(null);
/** How many were unread at the last look of a window that nobody looks at, and so has no line; else null. */
const atLastLook = signal<number | null>(null);
export const unread = computed(() => atLastLook.value ?? inbox.value?.unread ?? 0);

/** It is said again when there is a line. */
const unsaid = new Unsaid(
  (to, body) => request("POST", `/inbox/${to}`, { body }),
  (error) => error instanceof NoLine || isPassing(error),
);
let asked = 0;

/** Follow it from where the page stands; a page without one asks. */
export function startInbox(): void {
  const head = given("inbox");
  if (head) {
    inbox.value = renewed(null, head);
    follow();
  } else void loadInbox();
  effect(() => {
    if (status.value.kind !== "live") return;
    if (inboxFailure.peek() !== null) void loadInbox();
    void unsaid.flush();
  });
  effect(readOpenTask);
  document.addEventListener("visibilitychange", () => {
    readOpenTask();
    lookWhileHidden();
  });
}

let looking: ReturnType<typeof setInterval> | undefined;

function lookWhileHidden(): void {
  clearInterval(looking);
  atLastLook.value = null;
  if (document.hidden) looking = setInterval(() => void look(), LOOK_EVERY);
}

/** The number alone: the list goes on from its cursor once there is a line again. */
async function look(): Promise<void> {
  try {
    // Not by `request`: a session that ended is for who looks here again to hear of.
    const answer = await fetch("/api/v1/inbox?limit=1", { cache: "no-store" });
    if (answer.ok && document.hidden) atLastLook.value = ((await answer.json()) as InboxPage).unread;
  } catch {
    // Without a network the number stays as it was.
  }
}

/** Read the newest page. */
export async function loadInbox(): Promise<void> {
  const turn = ++asked;
  inboxFailure.value = null;
  try {
    const page = await pageOf("");
    if (turn !== asked) return;
    // Another history, or one that this goes too far ahead of: what was here is not part of it.
    const known = inbox.peek();
    const same = known?.log === page.log && known.seq <= page.seq + PAGE;
    const first = older.peek() === undefined || !same;
    inbox.value = renewed(same ? known : null, page);
    if (first) {
      older.value = page.next_cursor;
      reach.value = reachOf(page);
      olderUnread.value = undefined;
    }
    follow();
    readOpenTask();
  } catch (error) {
    if (turn === asked) inboxFailure.value = error;
  }
}

/** Read the page before the oldest one that is here. */
export async function loadOlder(): Promise<void> {
  const from = older.value;
  if (!from) return;
  const page = await pageOf(`&cursor=${encodeURIComponent(from)}`);
  if (inbox.value?.log !== page.log || older.value !== from) return;
  inbox.value = joined(inbox.value, page);
  older.value = page.next_cursor;
  reach.value = reachOf(page);
}

/** Read the newest page of what is unread, or the one before the oldest such page that is here. */
export async function loadUnread(): Promise<void> {
  const from = olderUnread.value;
  if (from === null) return;
  const more = from === undefined ? "" : `&cursor=${encodeURIComponent(from)}`;
  const page = await pageOf(`&unread=true${more}`);
  if (inbox.value?.log !== page.log || olderUnread.value !== from) return;
  inbox.value = joined(inbox.value, page);
  olderUnread.value = page.next_cursor;
}

/** How often a page is asked for again, where each time something comes meanwhile. */
const TRIES = 3;

/** A page as new as what is here: what came meanwhile may have changed an entry of it that was not here to be changed. */
async function pageOf(query: string): Promise<InboxPage> {
  for (let n = 1; ; n++) {
    const page = await request<InboxPage>("GET", `/inbox?limit=${PAGE}${query}`);
    const now = inbox.peek();
    if (n === TRIES || now?.log !== page.log || now.seq <= page.seq) return page;
  }
}

const reachOf = (page: InboxPage): number => (page.next_cursor === null ? 0 : (page.items.at(-1)?.seq ?? 0));

let following = false;

function follow(): void {
  if (following) return;
  following = true;
  line.subscribe(TOPIC, {
    cursor: () => (inbox.peek() ? { log: inbox.peek()?.log ?? "", seq: inbox.peek()?.seq ?? 0 } : null),
    events: (events) => receive(events as unknown as InboxEvent[]),
    resync: () => {
      following = false;
      inbox.value = inbox.value && { ...inbox.value, items: new Map() };
      older.value = olderUnread.value = undefined;
      void loadInbox();
    },
    gone: () => {
      following = false;
    },
  });
}

function receive(events: readonly InboxEvent[]): void {
  if (!inbox.value) return;
  inbox.value = apply(inbox.value, events);
  const news = events.flatMap((event) => (event.type === "notification.created" && event.notification) || []);
  const open = openRef();
  if (news.some((one) => one.task !== null && one.task === open)) readOpenTask();
  for (const one of news) if (one.task !== open) mention(t.inbox.arrived(one.actor?.name ?? "", one.title ?? one.project_name), [], t.inbox.arrivedMany);
}

function openRef(): string | null {
  const here = route.value;
  return here.at === "board" && typeof here.task === "number" ? `${here.key}-${here.task}` : null;
}

/** Who looks at a task has read what they were told of it. */
function readOpenTask(): void {
  const ref = openRef();
  if (ref === null || document.hidden || unread.peek() === 0) return;
  const now = inbox.peek();
  const ids = now ? unreadOf(now, ref).map((one) => one.id) : [];
  if (now) inbox.value = marked(now, ids);
  unsaid.readTask(ref, ids);
  void unsaid.flush();
}

/** Mark these as read. */
export function readThese(ids: readonly string[]): void {
  if (!inbox.value || ids.length === 0) return;
  inbox.value = marked(inbox.value, ids);
  unsaid.read(ids);
  void unsaid.flush();
}

/** Mark this one as unread again. */
export function unreadThis(id: string): void {
  if (!inbox.value) return;
  inbox.value = unmarked(inbox.value, [id]);
  unsaid.unread(id);
  void unsaid.flush();
}

/** Mark all as read that had come by now, also what is not on the screen. */
export async function readAll(): Promise<void> {
  const now = inbox.value;
  if (!now) return;
  await request("POST", "/inbox/read", { body: { up_to: now.seq } });
  unsaid.readAll();
  if (inbox.value) inbox.value = { ...marked(inbox.value, unreadOf(now).map((one) => one.id)) };
}
