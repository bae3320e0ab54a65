/** What lies over the page for a while and is fetched only when it is first asked for. One at a time. */
import { signal } from "@preact/signals";

export type Extra = "palette" | "keys" | "archived" | "trial";

export const extra = signal<Extra | null>(null);

export function open(which: Extra): void {
  extra.value = which;
}

export function close(): void {
  extra.value = null;
}
