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
    if (!known || !ahead) items.set(one.id, one);
  }
  return { log: page.log, seq: ahead ? before.seq : page.seq, unread: ahead ? before.unread : page.unread, items };
}

/** With a page that is not the newest: events that are on their way tell of more than what is in it. */
export function joined(before: Inbox, page: Page): Inbox {
  return { ...renewed(before, page), seq: before.seq, unread: before.unread };
}

/** What an event makes of the notifications it names. */
const CHANGES: { readonly [type in InboxEvent["type"]]?: Partial<Notification> } = {
  "notification.read": { read: true },
  "notification.unread": { read: false },
  "notification.redacted": { excerpt: null },
};

export function apply(inbox: Inbox, events: readonly InboxEvent[]): Inbox {
  let { seq, unread } = inbox;
  const items = new Map(inbox.items);
  for (const event of events) {
    if (event.seq <= seq) continue;
    ({ seq, unread } = event);
    // Null: it is about a project that is not mine to see any more.
    if (event.notification) items.set(event.notification.id, event.notification);
    for (const id of event.ids ?? []) change(items, id, CHANGES[event.type] ?? {});
  }
  return { ...inbox, seq, unread, items };
}

/** As if the server had read them already. */
export function read(inbox: Inbox, ids: Iterable<string>): Inbox {
  return marked(inbox, ids, true);
}

/** As if the server had marked them as unread already. */
export function unread(inbox: Inbox, ids: Iterable<string>): Inbox {
  return marked(inbox, ids, false);
}

function marked(inbox: Inbox, ids: Iterable<string>, read: boolean): Inbox {
  const items = new Map(inbox.items);
  let { unread } = inbox;
  for (const id of ids) {
    const one = items.get(id);
    if (!one || one.read === read) continue;
    items.set(id, { ...one, read });
    unread += read ? -1 : 1;
  }
  return { ...inbox, items, unread: Math.max(0, unread) };
}

function change(items: Map<string, Notification>, id: string, changes: Partial<Notification>): void {
  const one = items.get(id);
  if (one) items.set(id, { ...one, ...changes });
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
