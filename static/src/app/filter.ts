/** The board's filter, and its place in the address: Back takes it back, a link that is shared opens filtered. */
import { effect, signal } from "@preact/signals";
import { type Filter, fromQuery, NO_FILTER, toQuery } from "../store/filter";
import { route, search, setQuery } from "./router";

export const filter = signal<Filter>(NO_FILTER);

effect(() => {
  const asked = route.value.at === "board" ? fromQuery(search.value) : NO_FILTER;
  // Not while it is the same: the space after a word is not in the address.
  if (toQuery(asked) !== toQuery(filter.peek())) filter.value = asked;
});

/** Change the filter. What is typed is one step for Back, however many letters it has. */
export function setFilter(part: Partial<Filter>): void {
  const before = filter.value;
  filter.value = { ...before, ...part };
  const typing = Object.keys(part).join() === "text" && part.text !== "" && before.text !== "";
  setQuery(toQuery(filter.value), typing ? "replace" : "push");
}

export function clearFilter(): void {
  setFilter(NO_FILTER);
}
