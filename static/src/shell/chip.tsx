import { line, status } from "../app/session";
import { count, t, timeOfDay } from "../app/text";

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

export function Chip() {
  return (
    <span class={`chip chip-${status.value.kind}`} role="status" data-status={status.value.kind}>
      <span class="chip-dot" aria-hidden="true" />
      {statusWords()}
    </span>
  );
}

/** On a phone the chip has no room: only what is wrong is said, across the page. */
export function StatusBanner() {
  if (status.value.kind !== "offline") return null;
  return (
    <div class="banner">
      {statusWords()}
      <button type="button" class="link-button" onClick={() => line.wake()}>{t.tryAgain}</button>
    </div>
  );
}
