/** The workflow that is being edited: what it was made from, what became of it, and what others did meanwhile. */
import { batch, computed, effect, signal } from "@preact/signals";
import { Problem, request } from "../../api/client";
import type { Workflow } from "../../api/types";
import { board, onEvents, openKey } from "../../app/board";
import { did, failed } from "../../app/deeds";
import { toast } from "../../app/notices";
import { shortName } from "../../store/people";
import { changes, merge, type Clash, same } from "../../store/workflow/changes";
import { faults } from "../../store/workflow/check";
import { type Draft, draftOf, settled } from "../../store/workflow/draft";
import { s } from "../words";

interface Desk {
  key: string;
  log: string;
  /** The server's workflow that the draft was made from. */
  base: Workflow;
  draft: Draft;
}

const desk = signal<Desk | null>(null);
/** A save is on its way; the workflow may change under us, by ourselves. */
export const saving = signal(false);
/** Who changed the workflow last, in this page's time. */
export const author = signal<string | null>(null);
/** After a merge: where mine stands though theirs was another. */
export const clashes = signal<readonly Clash[]>([]);
/** States that are dropped though tasks stand on them, by id; asked about before the save goes on. */
export const inUse = signal<readonly string[]>([]);

export const draft = computed<Draft | null>(() => desk.value?.draft ?? null);
export const base = computed<Workflow | null>(() => desk.value?.base ?? null);
export const made = computed(() => (desk.value ? changes(desk.value.base, desk.value.draft) : []));
export const dirty = computed(() => made.value.length > 0);
export const wrong = computed(() => (desk.value ? faults(desk.value.draft) : []));

/** The server's workflow, where it is another than the one this draft was made from. */
export const theirs = computed<Workflow | null>(() => {
  const now = board.value?.workflow;
  if (!desk.value || !now || saving.value || board.value?.project.key !== desk.value.key) return null;
  return now.version !== desk.value.base.version && !same(desk.value.base, now) ? now : null;
});

// The draft follows the server as long as nothing in it is mine.
effect(() => {
  const now = board.value;
  const here = desk.value;
  if (!now || saving.value) return;
  const strange = !here || here.key !== now.project.key || here.log !== now.log;
  if (strange) lay(now.workflow);
  else if (here.base !== now.workflow && (same(here.base, now.workflow) || same(here.base, here.draft))) {
    const mine = same(here.base, now.workflow) ? here.draft : draftOf(now.workflow);
    desk.value = { ...here, base: now.workflow, draft: mine };
  }
});

onEvents((events) => {
  const last = events.findLast((event) => event.type === "workflow.changed");
  if (last) author.value = shortName(last.actor.name);
});

function lay(workflow: Workflow): void {
  const now = board.value;
  if (!now) return;
  batch(() => {
    desk.value = { key: now.project.key, log: now.log, base: workflow, draft: draftOf(workflow) };
    clashes.value = [];
    inUse.value = [];
  });
}

/** Do something to the draft. */
export function change(how: (draft: Draft) => Draft): void {
  if (desk.value) desk.value = { ...desk.value, draft: how(desk.value.draft) };
}

/** Back to what the server has. */
export function discard(): void {
  if (board.value) lay(board.value.workflow);
}

/** Put theirs and mine together; the draft is made from theirs then. */
export function putTogether(): void {
  const now = theirs.value;
  const here = desk.value;
  if (!now || !here) return;
  const { rules, clashes: met } = merge(here.base, here.draft, now);
  batch(() => {
    desk.value = { ...here, base: now, draft: { ...rules, resting: here.draft.resting } };
    clashes.value = met;
  });
}

/**
 * Send the draft, with the states that the tasks of dropped ones go to. Where some have none yet, `inUse` asks for them
 * then. Throws what else the server or the line said.
 */
export async function save(targets: ReadonlyMap<string, string> = new Map()): Promise<void> {
  const here = desk.value;
  if (!here || saving.value || !dirty.value) return;
  const full = dropped().filter((id) => tasksIn(id) > 0 && !targets.has(id));
  if (full.length > 0) {
    inUse.value = full;
    return;
  }
  saving.value = true;
  const id = crypto.randomUUID();
  try {
    const undo = did(id, s.workflow.saved);
    await put(here, targets, id);
    toast(s.workflow.saved, "done", undefined, undo);
  } catch (error) {
    failed(id);
    if (!met(error)) throw error;
  } finally {
    saving.value = false;
  }
}

/** Take in why a save was refused, where there is something to do about it here. Answers whether there is. */
function met(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  if (error.code === "state_in_use") inUse.value = (error.body as { states?: string[] }).states ?? dropped();
  else if (error.code === "edit_conflict") {
    taken(error.body.current as unknown as Workflow);
    inUse.value = [];
  } else return false;
  return true;
}

/** Put the draft in the place of the workflow, and tasks of dropped states elsewhere. The answer is the base then. */
async function put(here: Desk, targets: ReadonlyMap<string, string>, id: string): Promise<void> {
  const { rules, ids } = settled(here.draft, here.base.states.map((state) => state.id));
  const going = [...targets].map(([from, to]): [string, string] => [from, ids.get(to) ?? to]);
  const answer = await request<Workflow>("PUT", `/projects/${here.key}/workflow`, {
    body: { states: rules.states, transitions: rules.transitions, targets: Object.fromEntries(going), base_version: here.base.version },
    key: id,
  });
  batch(() => {
    taken(answer);
    if (desk.value?.key === here.key) desk.value = { ...desk.value, base: answer, draft: draftOf(answer) };
    clashes.value = [];
    inUse.value = [];
  });
}

/** The board learns of it now, not when its event comes. */
function taken(workflow: Workflow): void {
  const now = board.value;
  if (now && now.project.key === openKey.value && workflow.version > now.workflow.version) board.value = { ...now, workflow, heard: new Map(now.heard).set("workflow", workflow.version) };
}

/** States that the draft drops. */
export function dropped(): string[] {
  const here = desk.value;
  if (!here) return [];
  return here.base.states.map((state) => state.id).filter((id) => !here.draft.states.some((state) => state.id === id));
}

/** How many tasks of the board stand in a state. */
export function tasksIn(state: string): number {
  let n = 0;
  for (const task of board.value?.tasks.values() ?? []) if (task.state === state) n++;
  return n;
}
