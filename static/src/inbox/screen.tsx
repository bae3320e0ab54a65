import "../styles/inbox.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { BellOff, CheckCheck, ListFilter } from "lucide-preact";
import { inbox, inboxFailure, loadInbox, loadOlder, loadUnread, older, olderUnread, onlyUnread, reach, readAll, unread } from "../app/inbox";
import { say, toast } from "../app/notices";
import { explain } from "../app/problems";
import { follow } from "../app/router";
import { count, t } from "../app/text";
import { status } from "../app/session";
import { setTitle } from "../app/title";
import { signOf } from "../keys/letter";
import { walkRows } from "../keys/rows";
import { letters } from "../keys/table";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { type Group, grouped } from "../store/inbox";
import { Mutes } from "./mutes";
import { Row, turnGroup } from "./row";
import { w } from "./words";

export function InboxScreen() {
  const [listing, setListing] = useState(false);
  useEffect(() => void loadInbox(), []);
  useEffect(() => setTitle(t.inbox.title), []);
  const many = unread.value;
  return (
    <main class="page">
      <header class="bar">
        <h1 class="bar-title">
          {t.inbox.title}
          {many > 0 && (
            <span class="count-beside">
              <span aria-hidden="true">{count(many)}</span>
              <span class="unseen"> {t.inbox.unread(many)}</span>
            </span>
          )}
        </h1>
        <button
          type="button" class="button inbox-bar inbox-only" aria-pressed={onlyUnread.value} aria-label={w.only} title={`${w.only} (U)`}
          onClick={turnOnly}
        >
          <ListFilter class="icon" aria-hidden="true" />
          <span class="inbox-bar-text">{w.only}</span>
        </button>
        <button type="button" class="button inbox-bar" aria-haspopup="dialog" title={w.muted} aria-label={w.muted} onClick={() => setListing(true)}>
          <BellOff class="icon" aria-hidden="true" />
          <span class="inbox-bar-text">{w.muted}</span>
        </button>
        <button type="button" class="button inbox-bar" disabled={many === 0} title={w.readAll} aria-label={w.readAll} onClick={() => void all()}>
          <CheckCheck class="icon" aria-hidden="true" />
          <span class="inbox-bar-text">{w.readAll}</span>
        </button>
      </header>
      <StatusBanner />
      <div class="page-body">
        <List />
      </div>
      {listing && <Mutes close={() => setListing(false)} />}
    </main>
  );
}

function turnOnly(): void {
  onlyUnread.value = !onlyUnread.value;
}

async function all(): Promise<void> {
  await tried(readAll);
  if (unread.value === 0) say(w.allRead);
}

async function tried(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const { text, more } = explain(error);
    toast(text, "refused", more);
  }
}

/** The entries to show, the newest first; null before there are any to know of. */
function listed(): Group[] | null {
  if (inbox.value === null || older.value === undefined) return null;
  const items = [...inbox.value.items.values()];
  if (onlyUnread.value) return grouped(items).filter((group) => group.unread.length > 0);
  return grouped(items.filter((one) => one.seq >= reach.value));
}

function Bones() {
  return <div class="mine" aria-hidden="true">{[0, 1, 2, 3].map((n) => <div key={n} class="mine-bone bone" />)}</div>;
}

/** Where the row that has the focus goes, the one in its place gets it; without any, the button that shows the others. */
function useFocusKept(box: { readonly current: HTMLElement | null }, groups: readonly Group[] | null): void {
  const held = useRef<{ id: string; at: number } | null>(null);
  useLayoutEffect(() => {
    const focused = (event: FocusEvent) => {
      const row = (event.target as Element).closest<HTMLElement>("[data-notification]");
      const rows = [...(box.current?.children ?? [])];
      held.current = row && box.current?.contains(row) ? { id: row.dataset["notification"] ?? "", at: rows.indexOf(row) } : null;
    };
    addEventListener("focusin", focused);
    return () => removeEventListener("focusin", focused);
  }, []);
  useLayoutEffect(() => {
    const was = held.current;
    if (was === null || groups === null || document.activeElement !== document.body || groups.some((one) => one.id === was.id)) return;
    held.current = null;
    const links = box.current?.querySelectorAll<HTMLElement>(".inbox-link") ?? [];
    (links[Math.min(was.at, links.length - 1)] ?? document.querySelector<HTMLElement>(".inbox-only"))?.focus();
  });
}

function List() {
  const box = useRef<HTMLUListElement>(null);
  const only = onlyUnread.value;
  const groups = listed();
  const slow = useSlow((groups === null || (only && groups.length === 0 && olderUnread.value === undefined)) && inboxFailure.value === null);
  const shown = useRef<readonly Group[]>([]);
  shown.current = groups ?? [];
  useLayoutEffect(() => walkRows(box, ".inbox-link"), []);
  // What is unread may be older than what is here.
  const kind = status.value.kind;
  const isHere = inbox.value !== null;
  const asked = olderUnread.value !== undefined;
  useEffect(() => {
    if (only && isHere && !asked && kind !== "offline") void tried(loadUnread);
  }, [only, isHere, asked, kind]);
  useFocusKept(box, groups);
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const sign = signOf(event);
      const isElsewhere = document.activeElement?.closest("input, textarea, select, dialog, [role=menu]");
      if (sign === "u" && letters.value && !isElsewhere && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        return turnOnly();
      }
      const row = document.activeElement?.closest<HTMLElement>("[data-notification]");
      const onLink = document.activeElement?.matches(".inbox-link") ?? false;
      const isKey = event.key === " " ? onLink : sign === "e" && letters.value;
      const group = shown.current.find((one) => one.id === row?.dataset["notification"]);
      if (!isKey || !group || !box.current?.contains(row ?? null)) return;
      event.preventDefault();
      turnGroup(group);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  if (groups === null && inboxFailure.value !== null) {
    return (
      <div class="empty" role="alert">
        <p>{explain(inboxFailure.value).text}</p>
        <button type="button" class="button" onClick={() => void loadInbox()}>{t.tryAgain}</button>
      </div>
    );
  }
  if (groups === null) return slow ? <Bones /> : null;
  if (only && groups.length === 0) {
    if (unread.value > 0 && !asked) return slow ? <Bones /> : null;
    return (
      <div class="empty">
        <p>{w.noneUnread}</p>
        <button type="button" class="button" onClick={turnOnly}>{w.showAll}</button>
      </div>
    );
  }
  if (groups.length === 0) {
    return (
      <div class="empty">
        <p>{w.nothing}</p>
        <a class="button" href="/mine" onClick={(event) => follow(event, "/mine")}>{w.toWork}</a>
      </div>
    );
  }
  return (
    <div class="inbox">
      <ul class="inbox-list" ref={box} aria-label={t.inbox.title}>
        {groups.map((group) => <Row key={group.id} group={group} />)}
      </ul>
      {(only ? olderUnread : older).value && (
        <button type="button" class="button inbox-older" onClick={() => void tried(only ? loadUnread : loadOlder)}>{w.older}</button>
      )}
    </div>
  );
}
