/** What is offered while somebody writes: members after `@`, tasks after `WEB-`. Nothing here knows the DOM. */

/** What is being written before the caret: it will be replaced from `from` on. */
export interface Wanted {
  kind: "person" | "task";
  query: string;
  from: number;
}

export interface Person {
  id: string;
  name: string;
}

export interface Named {
  ref: string;
  number: number;
  title: string;
  version: number;
}

export const MOST = 8;

/** What the text before the caret asks for; null for nothing. */
export function wanted(text: string, caret: number, projectKey: string): Wanted | null {
  const before = text.slice(0, caret);
  const person = /(?:^|[\s([{"'“‘>,，。：:；;、（\p{Script=Han}])@([\p{L}\p{N}\p{M}_.-]{0,40}(?: [\p{L}\p{N}\p{M}_.-]{1,40})?)$/u.exec(before);
  if (person?.[1] !== undefined) return { kind: "person", query: person[1], from: caret - person[1].length - 1 };
  const task = new RegExp(`(?:^|[^\\p{L}\\p{N}_-]|\\p{Script=Han})${projectKey}-([\\p{L}\\p{N}\\p{M}]{0,40})$`, "iu").exec(before);
  if (task?.[1] !== undefined) return { kind: "task", query: task[1], from: caret - task[1].length - projectKey.length - 1 };
  return null;
}

/** Members of whose name a word begins with the query, or the name from some word on; by name. */
export function people<T extends Person>(query: string, members: Iterable<T>): T[] {
  const sought = fold(query);
  const found = [...members].filter(({ name }) => starts(fold(name)).some((start) => start.startsWith(sought)));
  return found.sort((a, b) => rank(a, sought) - rank(b, sought) || a.name.localeCompare(b.name)).slice(0, MOST);
}

function rank(person: Person, sought: string): number {
  return fold(person.name).startsWith(sought) ? 0 : 1;
}

function starts(name: string): string[] {
  const words = name.split(/\s+/);
  return words.map((_, index) => words.slice(index).join(" "));
}

/** Tasks whose number begins with the query, or whose title has it; first the exact one, then the one changed last. */
export function tasks<T extends Named>(query: string, all: Iterable<T>, but: string): T[] {
  const sought = fold(query);
  const digits = /^\d+$/.test(query);
  const found = [...all].filter(
    (task) => task.ref !== but && ((digits && String(task.number).startsWith(query)) || (!digits && fold(task.title).includes(sought))),
  );
  const exact = (task: T) => (digits && String(task.number) === query ? 0 : 1);
  return found.sort((a, b) => exact(a) - exact(b) || b.version - a.version).slice(0, MOST);
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
