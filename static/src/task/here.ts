/** Where this window is in the open task, said to the others; and who of them is there. */
import { computed, signal } from "@preact/signals";
import { me, presence } from "../app/session";

/** The field somebody is in: title, description, comment; null for none. */
export type Place = string | null;

const STILL = 4_000;

const at = signal<{ ref: string; field: Place; typing: boolean } | null>(null);
let timer: ReturnType<typeof setTimeout> | null = null;

function put(next: { ref: string; field: Place; typing: boolean } | null): void {
  at.value = next;
  presence.here(next && { task: next.ref, field: next.field, typing: next.typing });
}

/** The panel of a task is open here until the answer is called. */
export function hereAt(ref: string): () => void {
  put({ ref, field: null, typing: false });
  return () => {
    if (timer !== null) clearTimeout(timer);
    if (at.value?.ref === ref) put(null);
  };
}

/** The person is in a field, or in none. */
export function inField(field: Place): void {
  if (timer !== null) clearTimeout(timer);
  if (at.value) put({ ...at.value, field, typing: false });
}

/** The person typed in a field: they type until they have paused. */
export function typed(field: string): void {
  if (!at.value) return;
  if (timer !== null) clearTimeout(timer);
  put({ ...at.value, field, typing: true });
  timer = setTimeout(() => {
    if (at.value) put({ ...at.value, typing: false });
  }, STILL);
}

export interface Other {
  id: string;
  name: string;
  /** The fields of the task in which they are, and whether they type there. */
  fields: ReadonlyMap<string, boolean>;
}

/** The others who have this task open. */
export const othersHere = computed<readonly Other[]>(() => {
  const ref = at.value?.ref;
  if (ref === undefined) return [];
  return presence.people.value.flatMap(({ id, name, at: places }) => {
    const here = places.filter((place) => place.task === ref);
    if (here.length === 0 || id === me.value?.id) return [];
    const fields = new Map(here.flatMap(({ field, typing }) => (field === null ? [] : [[field, typing] as const])));
    return [{ id, name, fields }];
  });
});
