import { RefreshCw } from "lucide-preact";
import { seenAt } from "../app/board";
import { minute } from "../app/clock";
import { open } from "../app/extras";
import { refusals, waitingCount } from "../app/queue";
import { listOpen } from "../app/refused";
import { carrier, line, newBuild, status } from "../app/session";
import { ago, count, t, timeOfDay } from "../app/text";

/** The connection in words, and nothing but the truth. */
export function statusWords(): string {
  const now = status.value;
  switch (now.kind) {
    case "live":
      return t.status.live;
    case "catching":
      return t.status.catching(count(now.left));
    case "offline":
      return t.status.offline(timeOfDay(now.since));
    case "connecting":
      return t.status.connecting;
  }
}

/** A new build is worth a word only over a line that works. */
const outdated = (): boolean => newBuild.value && status.value.kind === "live";

export function Chip() {
  const waiting = waitingCount.value;
  const blind = status.value.kind === "live" && carrier.value === "stream";
  return (
    <span
      class={`chip chip-${status.value.kind}`} role="status" data-status={status.value.kind} data-via={carrier.value}
      title={blind ? t.line.noPresence : undefined}
    >
      <span class="chip-dot" aria-hidden="true" />
      <span class="chip-words">
        {outdated() ? <Reload /> : statusWords()}
        {blind && <span class="unseen">. {t.line.noPresence}</span>}
        {waiting > 0 && <span class="chip-wait" data-waiting={waiting}>{t.line.count(waiting)}</span>}
      </span>
    </span>
  );
}

/** The chip, and what one can do about a line that is not whole. */
export function ChipPlace() {
  const { kind } = status.value;
  const lame = kind === "offline" || (kind === "live" && carrier.value === "stream");
  return (
    <span class="chip-place">
      <Chip />
      {lame && (
        <button type="button" class="chip-test" aria-label={t.line.test} title={t.line.test} aria-haspopup="dialog" onClick={() => open("trial")}>
          {t.line.testShort}
        </button>
      )}
    </span>
  );
}

function Reload() {
  return (
    <button type="button" class="chip-reload" title={t.line.reloadWhy} onClick={() => location.reload()}>
      <RefreshCw class="icon" aria-hidden="true" /> {t.line.reload}
    </button>
  );
}

/** From then on it is worth saying how old a kept board is. */
const OLD = 5 * 60_000;

/** Whether what came back has waited too long, all of it: nobody said no. */
const allDropped = (): boolean => refusals.value.every((one) => one.why.kind === "expired");

/** Beside the chip, where the page's banners are out of sight: how much was refused, and the way to the list. */
export function RefusedHere() {
  const refused = refusals.value.length;
  return (
    <span role="status" data-refused-here={refused}>
      {refused > 0 && (
        <button type="button" class="refused-here" aria-haspopup="dialog" onClick={() => (listOpen.value = true)}>
          {(allDropped() ? t.line.refused.shortDropped : t.line.refused.short)(refused)}
        </button>
      )}
    </span>
  );
}

/** On a phone the chip has no room: only what is wrong is said, across the page. What was refused is said everywhere. */
export function StatusBanner() {
  const refused = refusals.value.length;
  const waiting = waitingCount.value;
  const offline = status.value.kind === "offline";
  return (
    <>
      {refused > 0 && (
        <div class="banner-told" role="status" data-refusals={refused}>
          {(allDropped() ? t.line.refused.bannerDropped : t.line.refused.banner)(refused)}
          <button type="button" class="link-button" onClick={() => (listOpen.value = true)}>{t.line.refused.show}</button>
        </div>
      )}
      {offline && seenAt.value !== null && minute.value - seenAt.value > OLD && (
        <div class="banner-told" role="status">{t.line.lastSeen(ago(new Date(seenAt.value).toISOString(), minute.value))}</div>
      )}
      {(offline || waiting > 0) && (
        <div class="banner">
          <span>
            {offline && `${statusWords()}${t.line.stop} `}
            {waiting > 0 && t.line.willBeSent(waiting)}
          </span>
          {offline && <button type="button" class="link-button" onClick={() => line.wake()}>{t.tryAgain}</button>}
          {offline && <button type="button" class="link-button" aria-haspopup="dialog" onClick={() => open("trial")}>{t.line.test}</button>}
        </div>
      )}
      {!offline && outdated() && (
        <div class="banner">
          {t.line.reloadWhy}
          <button type="button" class="link-button" onClick={() => location.reload()}>{t.line.reload}</button>
        </div>
      )}
    </>
  );
}
