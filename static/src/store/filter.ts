/**
 * The quick filter: text, people, labels, when it is due, what changed. Within a kind any match counts; between kinds
 * all must. It has a place in the address: `?q=cart&person=me&label=ID&due=late&since=812`.
 */
import type { Task } from "../api/types";
import type { Columns } from "./overlay";

/** Over its date; within the next seven days or late; without a date. Of what is done nothing is due. */
export type Due = "late" | "week" | "none";

export interface Filter {
  readonly text: string;
  /** User ids; `me` is whoever looks, so that an address means the same to each who gets it. */
  readonly people: readonly string[];
  readonly labels: readonly string[];
  readonly due: Due | null;
  /** Only what changed after this seq of the log. */
  readonly since: number | null;
}

export const NO_FILTER: Filter = { text: "", people: [], labels: [], due: null, since: null };
export const ME = "me";

/** What a filter needs to know beside the task. */
export interface Surroundings {
  me: string;
  /** Days from today until it is due; below zero: late. */
  days(due: string): number;
  late(due: string): boolean;
  /** Whether work in this state is over: done or cancelled. */
  over(state: string): boolean;
}

export function isActive(filter: Filter): boolean {
  return (
    filter.text.trim() !== "" || filter.people.length > 0 || filter.labels.length > 0 || filter.due !== null || filter.since !== null
  );
}

export function matches(task: Task, filter: Filter, about: Surroundings): boolean {
  const { people, labels } = filter;
  if (people.length > 0 && !people.some((id) => task.assignees.includes(id === ME ? about.me : id))) return false;
  if (labels.length > 0 && !labels.some((id) => task.labels.includes(id))) return false;
  if (filter.due !== null && !isDue(task, filter.due, about)) return false;
  if (filter.since !== null && task.version <= filter.since) return false;
  const words = filter.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${task.ref} ${task.title}`.toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

function isDue(task: Task, due: Due, about: Surroundings): boolean {
  if (due === "none") return task.due === null;
  if (task.due === null || about.over(task.state)) return false;
  return about.late(task.due) || (due === "week" && about.days(task.due) <= 7);
}

export interface Filtered {
  readonly columns: Columns;
  readonly shown: number;
  readonly hidden: number;
}

export function applyFilter(columns: Columns, filter: Filter, about: Surroundings): Filtered {
  let total = 0;
  for (const list of columns.values()) total += list.length;
  if (!isActive(filter)) return { columns, shown: total, hidden: 0 };
  let shown = 0;
  const kept = new Map<string, readonly Task[]>();
  for (const [state, list] of columns) {
    const left = list.filter((task) => matches(task, filter, about));
    shown += left.length;
    kept.set(state, left);
  }
  return { columns: kept, shown, hidden: total - shown };
}

/** The list with the item added, or taken out if it was in. */
export function toggled(list: readonly string[], item: string): string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}

/** The filter as the query of an address, with its `?`; "" for none. */
export function toQuery(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.text.trim() !== "") query.set("q", filter.text.trim());
  for (const id of filter.people) query.append("person", id);
  for (const id of filter.labels) query.append("label", id);
  if (filter.due !== null) query.set("due", filter.due);
  if (filter.since !== null) query.set("since", String(filter.since));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The filter of an address; what it does not know it leaves out. */
export function fromQuery(search: string): Filter {
  const query = new URLSearchParams(search);
  const due = query.get("due");
  const since = query.get("since") ?? "";
  return {
    text: query.get("q") ?? "",
    people: [...new Set(query.getAll("person"))],
    labels: [...new Set(query.getAll("label"))],
    due: due === "late" || due === "week" || due === "none" ? due : null,
    since: /^[0-9]{1,15}$/.test(since) ? Number(since) : null,
  };
}
