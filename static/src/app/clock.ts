import { signal } from "@preact/signals";

/** The time, to the minute: what is said relative to now is drawn anew when it changes. */
export const minute = signal(Date.now());

setInterval(() => {
  minute.value = Date.now();
}, 60_000);
