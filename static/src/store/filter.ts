/** The quick filter: text, people, labels. Within a kind any match counts; between kinds all must. */
import type { Task } from "../api/types";
import type { Columns } from "./overlay";

export interface Filter {
  readonly text: string;
  readonly people: readonly string[];
  readonly labels: readonly string[];
}

export const NO_FILTER: Filter = { text: "", people: [], labels: [] };

export function isActive(filter: Filter): boolean {
  return filter.text.trim() !== "" || filter.people.length > 0 || filter.labels.length > 0;
}

export function matches(task: Task, filter: Filter): boolean {
  if (filter.people.length > 0 && !filter.people.some((id) => task.assignees.includes(id))) return false;
  if (filter.labels.length > 0 && !filter.labels.some((id) => task.labels.includes(id))) return false;
  const words = filter.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${task.ref} ${task.title}`.toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

export interface Filtered {
  readonly columns: Columns;
  readonly shown: number;
  readonly hidden: number;
}

export function applyFilter(columns: Columns, filter: Filter): Filtered {
  let total = 0;
  for (const list of columns.values()) total += list.length;
  if (!isActive(filter)) return { columns, shown: total, hidden: 0 };
  let shown = 0;
  const kept = new Map<string, readonly Task[]>();
  for (const [state, list] of columns) {
    const left = list.filter((task) => matches(task, filter));
    shown += left.length;
    kept.set(state, left);
  }
  return { columns: kept, shown, hidden: total - shown };
}

/** The list with the item added, or taken out if it was in. */
export function toggled(list: readonly string[], item: string): string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}
