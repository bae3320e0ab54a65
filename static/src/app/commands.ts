/** What a person can do to the open board. Each shows at once and is put right by the server's word. */
import { effect, untracked } from "@preact/signals";
import { Problem, type ProblemBody } from "../api/client";
import type { Task } from "../api/types";
import { upsertTask } from "../store/board";
import { newId } from "../queue/id";
import { fieldOf } from "../queue/meet";
import { type Action, isNew, isTask, refOf } from "../queue/queue";
import type { Editable, Place } from "../store/overlay";
import { board, changing, fade, projectOf, shown } from "./board";
import { did, failed, taken, undone } from "./deeds";
import { dismiss, retell, toast, toasts } from "./notices";
import { ledTo } from "./answered";
import { type Listener, refusals, retry, startQueue, submit, waiting } from "./queue";
import { deedOf, listOpen, sayRefused, whyRefused } from "./refused";
import { route } from "./router";
import { me } from "./session";
import { t } from "./text";

/** Lay the command over the board, and have it sent. Undefined where it waits. Throws what the server said. */
async function command(project: string, action: Action, id: string): Promise<Task | undefined> {
  try {
    return (await submit(project, action, id)) as Task | undefined;
  } catch (error) {
    failed(id);
    throw error;
  }
}

const tells: Listener = {
  changing,
  done: (change, answer) => {
    const { action } = change;
    if (board.value?.project.key === change.project) {
      if (isTask(answer)) board.value = upsertTask(board.value, answer);
      else if (action.kind === "delete") fade("delete", change.id, action.ref);
      else if (action.kind === "undo" && answer && "events" in answer) undone(answer.events);
    }
    if (action.kind === "undo" && answer && "events" in answer && answer.events.length === 0) failed(change.id);
    if (isTask(answer)) taken(change.id, answer.version);
  },
  merged: failed,
  refused: (one) => {
    failed(one.id);
    const current = one.why.kind === "refused" ? conflictIn(one.why.problem) : undefined;
    if (current && board.value?.project.key === current.project) board.value = upsertTask(board.value, current);
    const [ref, field] = [refOf(one.change), fieldOf(one)];
    if (field === "priority" || field === "due") {
      toast(t.task.meanwhile(ref), "refused", t.task.theirsStands, { name: t.task.setMine, run: () => void retry(one) });
      return;
    }
    // The open task asks by itself.
    if (field !== null && isOpen(ref)) return;
    const { text, more } = whyRefused(one);
    const show = { name: t.line.refused.show, run: () => void (listOpen.value = true) };
    // Several that come back together are told of in one.
    if (toasts.value.some((other) => other.id === told)) {
      dismiss(told);
      told = toast(t.line.refused.banner(refusals.value.length), "refused", undefined, show);
      return;
    }
    told = toast(one.why.kind === "expired" ? t.line.refused.dropped(deedOf(one.change)) : t.line.refused.toast(deedOf(one.change)), "refused", more ? `${text} ${more}` : text, show);
  },
};

/** The toast that told of a refusal last. */
let told = 0;

function isOpen(ref: string): boolean {
  const here = route.value;
  return here.at === "board" && here.task !== null && ref === (typeof here.task === "string" ? here.task : `${here.key}-${here.task}`);
}

effect(() => {
  // Who looks at the list needs no word of it.
  if (listOpen.value) untracked(() => dismiss(told));
});

effect(() => {
  if (me.value) startQueue(me.value.id, tells);
});

/** Move a task. Answers whether the server took it; a refusal is shown with its reason. */
export async function move(ref: string, place: Place): Promise<boolean> {
  const id = newId();
  const from = shown.value?.tasks.get(ref)?.state;
  const name = board.value?.workflow.states.find((state) => state.id === place.state)?.name ?? place.state;
  const text = from === place.state ? t.work.reordered(ref, name) : t.moved(ref, name);
  const undo = did(id, text);
  if (from !== place.state) toast(text, "done", undefined, undo);
  try {
    await command(projectOf(ref), { kind: "move", ref, place }, id);
    return true;
  } catch (error) {
    sayRefused(error);
    return false;
  }
}

/** What an edit is made from. */
export interface Base {
  version: number;
  /** My edits that were on their way then: the edit knows of what they lead to. */
  own: readonly string[];
}

/** The task as it is shown now, as what an edit is made from. */
export function baseOf(ref: string): Base {
  const own = waiting.value.filter((one) => one.action.kind === "edit" && one.action.ref === ref).map((one) => one.id);
  return { version: board.value?.tasks.get(ref)?.version ?? 0, own };
}

/**
 * Change fields of a task, only those given. Throws what the server said; `edit_conflict` where somebody else changed
 * one of them since `base`: the board then has what it is now. `was`: what stood there when the person began.
 */
export async function edit(ref: string, patch: Editable, base = baseOf(ref), was = fieldsOf(ref, patch)): Promise<Task | undefined> {
  const id = newId();
  did(id, t.work.edited(nameOf(ref)));
  const version = Math.max(base.version, ...base.own.map(ledTo));
  try {
    return await command(projectOf(ref), { kind: "edit", ref, patch, base: isNew(ref) ? null : version, was }, id);
  } catch (error) {
    if (conflictOf(error) && board.value) board.value = upsertTask(board.value, conflictOf(error) as Task);
    throw error;
  }
}

function fieldsOf(ref: string, patch: Editable): Editable {
  const task = shown.value?.tasks.get(ref);
  return task ? Object.fromEntries(Object.keys(patch).map((field) => [field, task[field as keyof Editable]])) : {};
}

/** What the task is now, where the error says that an edit met another's. */
export function conflictOf(error: unknown): Task | undefined {
  return error instanceof Problem ? conflictIn(error.body) : undefined;
}

function conflictIn(problem: ProblemBody): Task | undefined {
  return problem.code === "edit_conflict" ? (problem.current as unknown as Task) : undefined;
}

/**
 * The same for properties that are set by one choice: a failure is shown as a toast. Where somebody else was faster,
 * theirs stands, and the toast offers to set mine all the same.
 */
export async function set(ref: string, patch: Editable): Promise<void> {
  try {
    await edit(ref, patch);
  } catch (error) {
    if (conflictOf(error)) {
      toast(t.task.meanwhile(ref), "refused", t.task.theirsStands, { name: t.task.setMine, run: () => void set(ref, patch) });
    } else sayRefused(error);
  }
}

/** Add somebody or a label to a task, or take it off; what others add or take off meanwhile stays. */
export async function toggle(ref: string, field: "assignees" | "labels", id: string): Promise<void> {
  const now = () => shown.value?.tasks.get(ref)?.[field] ?? [];
  const on = !now().includes(id);
  const wanted = () => (on ? [...now().filter((one) => one !== id), id] : now().filter((one) => one !== id));
  for (let tries = 3; ; tries--) {
    try {
      await edit(ref, { [field]: wanted() });
      return;
    } catch (error) {
      if (tries > 1 && conflictOf(error)) continue;
      sayRefused(error);
      return;
    }
  }
}

/** Make a task at the end of a state. Throws what the server or the line said. */
export async function create(key: string, state: string, title: string): Promise<Task | undefined> {
  const id = newId();
  const now = new Date().toISOString();
  const task: Task = {
    ref: `new:${id}`, project: key, number: Number.MAX_SAFE_INTEGER, title, description: "", state, position: "",
    priority: "none", due: null, assignees: [], labels: [], archived: false, comment_count: 0, checklist: null,
    version: 0, created_at: now, updated_at: now, created_by: me.value?.id ?? "",
  };
  did(id, t.work.created(title));
  return command(key, { kind: "create", task }, id);
}

/** Delete a task; the toast offers to undo it. */
export function remove(ref: string): Promise<boolean> {
  return takeAway("delete", ref, t.deleted(nameOf(ref)));
}

/** Take a task off the board, kept for reading; the toast offers to undo it. */
export function archive(ref: string): Promise<boolean> {
  return takeAway("archive", ref, t.task.archivedToast(nameOf(ref)));
}

/** A task that waits for its reference is called by its title. */
const nameOf = (ref: string): string => (isNew(ref) ? (shown.value?.tasks.get(ref)?.title ?? "") : ref);

async function takeAway(kind: "delete" | "archive", ref: string, said: string): Promise<boolean> {
  const id = newId();
  const undo = did(id, said);
  try {
    await command(projectOf(ref), { kind, ref }, id);
    toast(said, "done", undefined, isNew(ref) ? undefined : undo);
    return true;
  } catch (error) {
    sayRefused(error);
    return false;
  }
}

/** Archive tasks in their order, as one deed that is undone as one; a toast counts along where there are many. */
export async function archiveAll(refs: readonly string[], state: string): Promise<void> {
  const all = refs.map((ref) => ({ ref, id: newId() }));
  const said = t.work.allArchived(all.length, state);
  const undo = did(all.map(({ id }) => id), said);
  const told = all.length > 5 ? toast(t.work.counting(0, all.length)) : null;
  let done = 0;
  const answers = await Promise.allSettled(
    all.map(async ({ ref, id }) => {
      await command(projectOf(ref), { kind: "archive", ref }, id);
      if (told !== null) retell(told, t.work.counting(++done, all.length));
    }),
  );
  const refusal = answers.find((one) => one.status === "rejected");
  if (refusal) sayRefused(refusal.reason);
  else toast(said, "done", undefined, undo);
}

/**
 * Bring an archived or deleted task back, which was `task` as far as that is known. Answers whether the server did, or
 * will be asked to; a refusal is shown with its reason.
 */
export async function restore(ref: string, task: Task | null): Promise<boolean> {
  const id = newId();
  const undo = did(id, t.task.restoredToast(ref));
  try {
    await command(projectOf(ref), { kind: "restore", ref, task }, id);
    toast(t.task.restoredToast(ref), "done", undefined, undo);
    return true;
  } catch (error) {
    sayRefused(error);
    return false;
  }
}

export { isNew };
