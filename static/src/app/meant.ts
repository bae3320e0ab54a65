/** What an edit set beside its texts, in words: for who has to do it again. */
import type { Change } from "../queue/queue";
import { dueText, listOf, t } from "./text";

/** People, or labels, by id. */
type Known = ReadonlyMap<string, { name: string }>;

/** Each field with its value, put together by `named`; by its name alone where who or what it names is not known here. */
export function meant({ action }: Change, named: (name: string, value: string) => string, members: Known, labels: Known): string[] {
  if (action.kind !== "edit") return [];
  const { priority, due, assignees, labels: chosen } = action.patch;
  const found: string[] = [];
  if (priority !== undefined) found.push(named(t.priority, t.priorities[priority]));
  if (due !== undefined) found.push(named(t.due, due ? dueText(due) : t.none));
  for (const [name, ids, known] of [[t.assignees, assignees, members], [t.labels, chosen, labels]] as const) {
    if (ids === undefined) continue;
    const names = ids.map((id) => known.get(id)?.name);
    if (ids.length === 0) found.push(named(name, t.none));
    else found.push(names.includes(undefined) ? name : named(name, listOf(names.filter((one) => one !== undefined))));
  }
  return found;
}
