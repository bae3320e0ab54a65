/** Who is on this board besides me, and at which card. */
import { computed } from "@preact/signals";
import { me, presence } from "../app/session";
import { allOf, t } from "../app/text";
import type { Present } from "../live/presence";
import { shortName } from "../store/people";

/** Somebody who has a task open; what they type in, if they type. */
export interface AtCard {
  id: string;
  name: string;
  typing: string | null;
}

export const here = computed<readonly Present[]>(() => presence.people.value.filter((who) => who.id !== me.value?.id));

let before: ReadonlyMap<string, readonly AtCard[]> = new Map();

/** By the task's reference. The same map as before while nobody went anywhere. */
export const atCards = computed<ReadonlyMap<string, readonly AtCard[]>>(() => {
  const found = new Map<string, AtCard[]>();
  for (const { id, name, at } of here.value) {
    for (const { task, field, typing } of at) {
      const list = found.get(task) ?? [];
      const known = list.find((one) => one.id === id);
      if (known) known.typing ??= typing ? (field ?? "") : null;
      else list.push({ id, name, typing: typing ? (field ?? "") : null });
      found.set(task, list);
    }
  }
  const same = found.size === before.size && JSON.stringify([...found]) === JSON.stringify([...before]);
  return same ? before : (before = found);
});

/** "Ben is editing the description", "Ben and Chen have this open". */
export function whatTheyDo(people: readonly AtCard[]): string {
  const writer = people.find((one) => one.typing !== null);
  if (writer) return t.work.typing(shortName(writer.name), fieldName(writer.typing ?? ""));
  return t.work.haveOpen(allOf(people.map((one) => shortName(one.name))), people.length);
}

function fieldName(field: string): "title" | "description" | "comment" | "other" {
  return field === "title" || field === "description" || field === "comment" ? field : "other";
}
