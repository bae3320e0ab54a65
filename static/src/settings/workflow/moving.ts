/** Moving the tasks off states that are dropped, one after another, and then saving. */
import { signal } from "@preact/signals";
import { Problem, request } from "../../api/client";
import type { Page, State, Task, Transition } from "../../api/types";
import { openKey } from "../../app/board";
import { explain } from "../../app/problems";
import { toast } from "../../app/notices";
import type { Rules } from "../../store/workflow/draft";
import { s } from "../words";
import { base, met, put, saving, toSend } from "./desk";

/** How far it is; null: nothing moves. */
export const moving = signal<{ done: number; of: number } | null>(null);

/** Every task in these states, archived ones too. Throws what the server or the line said. */
export async function tasksOf(states: readonly string[]): Promise<Task[]> {
  const found: Task[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page: Page<Task> = await request("GET", `/projects/${openKey.value}/tasks?limit=200${query}`);
    found.push(...page.items.filter((task) => states.includes(task.state)));
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

/**
 * Move the tasks of each dropped state to the state that `targets` has for it, then save the draft. Answers why it
 * stopped, in words, or null where all was done (or what is to be asked anew stands on the desk).
 */
export async function moveAndSave(targets: ReadonlyMap<string, string>): Promise<string | null> {
  const { rules, ids } = toSend();
  const going = [...targets].map(([from, to]): [string, string] => [from, ids.get(to) ?? to]);
  saving.value = true;
  let at: Task | null = null;
  try {
    // The rules that are to be, with the dropped states beside them and a way out of each: so every move is allowed
    // that the new limits have room for, and nobody moves anything in there meanwhile.
    await put(between(rules, going), crypto.randomUUID(), rules);
    const tasks = await tasksOf(going.map(([from]) => from));
    // Archived ones come back onto the board for a moment, and need a place then.
    tasks.sort((a, b) => Number(b.archived) - Number(a.archived));
    const to = new Map(going);
    for (const [n, task] of tasks.entries()) {
      at = task;
      moving.value = { done: n, of: tasks.length };
      await carry(task, to.get(task.state) ?? task.state);
    }
    at = null;
    moving.value = { done: tasks.length, of: tasks.length };
    await put(rules, crypto.randomUUID());
    toast(s.workflow.saved);
    return null;
  } catch (error) {
    if (met(error)) return null;
    const { text } = explain(error);
    return at && error instanceof Problem ? s.workflow.movingFailed(at.ref, text) : text;
  } finally {
    moving.value = null;
    saving.value = false;
  }
}

function between(rules: Rules, going: readonly [string, string][]): Rules {
  const names = new Set(rules.states.map((state) => state.name.toLowerCase()));
  const old = (base.value?.states ?? []).filter((state) => going.some(([from]) => from === state.id));
  const kept = old.map((state): State => {
    let name = state.name;
    while (names.has(name.toLowerCase())) name = `${name.slice(0, 58)} *`;
    return { ...state, name, wip_limit: null };
  });
  const out: Transition[] = going.map(([from, to]) => ({ from, to }));
  return { states: [...rules.states, ...kept], transitions: rules.transitions && [...rules.transitions, ...out] };
}

async function carry(task: Task, state: string): Promise<void> {
  const call = (what: string, body?: object) =>
    request<Task>("POST", `/tasks/${task.ref}/${what}`, { ...(body ? { body } : {}), key: crypto.randomUUID() });
  try {
    if (task.archived) await call("restore");
    await call("move", { state });
    if (task.archived) await call("archive");
  } catch (error) {
    // Somebody deleted it meanwhile: nothing is left to move.
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}
