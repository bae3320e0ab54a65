import "../styles/inbox.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { BellOff, CheckCheck } from "lucide-preact";
import { inbox, inboxFailure, loadInbox, loadOlder, older, readAll, unread } from "../app/inbox";
import { say, toast } from "../app/notices";
import { explain } from "../app/problems";
import { follow } from "../app/router";
import { count, t } from "../app/text";
import { setTitle } from "../app/title";
import { signOf } from "../keys/letter";
import { walkRows } from "../keys/rows";
import { letters } from "../keys/table";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { type Group, grouped } from "../store/inbox";
import { Mutes } from "./mutes";
import { readGroup, Row } from "./row";
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

function List() {
  const box = useRef<HTMLUListElement>(null);
  const groups = inbox.value && older.value !== undefined ? grouped(inbox.value.items.values()) : null;
  const slow = useSlow(groups === null && inboxFailure.value === null);
  const shown = useRef<readonly Group[]>([]);
  shown.current = groups ?? [];
  useLayoutEffect(() => walkRows(box, ".inbox-link"), []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const row = document.activeElement?.closest<HTMLElement>("[data-notification]");
      const onLink = document.activeElement?.matches(".inbox-link") ?? false;
      const isKey = event.key === " " ? onLink : signOf(event) === "e" && letters.value;
      const group = shown.current.find((one) => one.id === row?.dataset["notification"]);
      if (!isKey || !group || !box.current?.contains(row ?? null)) return;
      event.preventDefault();
      readGroup(group);
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
  if (groups === null) return slow ? <div class="mine" aria-hidden="true">{[0, 1, 2, 3].map((n) => <div key={n} class="mine-bone bone" />)}</div> : null;
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
      {older.value && <button type="button" class="button inbox-older" onClick={() => void tried(loadOlder)}>{w.older}</button>}
    </div>
  );
}
