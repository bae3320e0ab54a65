/** An inbox as events change it: pure, and safe against what comes late or twice. */
import type { InboxEvent, Notification } from "../api/types";

export interface Inbox {
  log: string;
  seq: number;
  /** How many are unread in all of it, also of what is not here. */
  unread: number;
  items: ReadonlyMap<string, Notification>;
}

/** What somebody is told of one task, or (without one) of one project; the newest first. */
export interface Group {
  id: string;
  newest: Notification;
  items: readonly Notification[];
  unread: readonly Notification[];
}

interface Page {
  log: string;
  seq: number;
  unread: number;
  items?: readonly Notification[];
}

/** What was read from the server, with what is here already and newer. */
export function renewed(before: Inbox | null, page: Page): Inbox {
  const items = new Map(before?.log === page.log ? before.items : []);
  const ahead = before?.log === page.log && before.seq > page.seq;
  for (const one of page.items ?? []) {
    const known = items.get(one.id);
    if (!known || !ahead || known.seq <= one.seq) items.set(one.id, ahead && known ? { ...one, read: known.read } : one);
  }
  return { log: page.log, seq: ahead ? before.seq : page.seq, unread: ahead ? before.unread : page.unread, items };
}

export function apply(inbox: Inbox, events: readonly InboxEvent[]): Inbox {
  let { seq, unread } = inbox;
  const items = new Map(inbox.items);
  for (const event of events) {
    if (event.seq <= seq) continue;
    ({ seq, unread } = event);
    // Null: it is about a project that is not mine to see any more.
    if (event.notification) items.set(event.notification.id, event.notification);
    for (const id of event.ids ?? []) mark(items, id);
  }
  return { ...inbox, seq, unread, items };
}

/** As if the server had read them already. */
export function read(inbox: Inbox, ids: Iterable<string>): Inbox {
  const items = new Map(inbox.items);
  let { unread } = inbox;
  for (const id of ids) if (mark(items, id)) unread--;
  return { ...inbox, items, unread: Math.max(0, unread) };
}

function mark(items: Map<string, Notification>, id: string): boolean {
  const one = items.get(id);
  if (!one || one.read) return false;
  items.set(id, { ...one, read: true });
  return true;
}

export const unreadOf = (inbox: Inbox, ref?: string): Notification[] =>
  [...inbox.items.values()].filter((one) => !one.read && (ref === undefined || one.task === ref));

/** By task, the one with the newest on top. */
export function grouped(items: Iterable<Notification>): Group[] {
  const groups = new Map<string, Notification[]>();
  for (const one of [...items].sort((a, b) => b.seq - a.seq)) {
    const id = one.task ?? one.project;
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups].map(([id, all]) => ({ id, newest: all[0] as Notification, items: all, unread: all.filter((one) => !one.read) }));
}
