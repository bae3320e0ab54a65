/** The title of the window: where one is, and how much is unread. */
import { effect, signal } from "@preact/signals";
import { unread } from "./inbox";

const place = signal("");

export function setTitle(...parts: readonly string[]): void {
  place.value = [...parts, "TaskHub"].join(" · ");
}

effect(() => {
  if (place.value) document.title = unread.value > 0 ? `(${unread.value}) ${place.value}` : place.value;
});
