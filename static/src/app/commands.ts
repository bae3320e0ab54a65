/** What a person can do to the open board. Each shows at once and is put right by the server's word. */
import { batch } from "@preact/signals";
import { Problem, request } from "../api/client";
import type { Task } from "../api/types";
import { upsertTask } from "../store/board";
import type { Editable, Pending, Place } from "../store/overlay";
import { board, changing, pending, shown } from "./board";
import { did, failed, taken } from "./deeds";
import { toast } from "./notices";
import { explain } from "./problems";
import { me } from "./session";
import { t } from "./text";

/** Lay the command over the board, ask the server, and take its word. Throws what the server or the line said. */
async function command(laid: Pending, call: () => Promise<Task | undefined>): Promise<Task | undefined> {
  const ref = laid.kind === "create" ? laid.task.ref : laid.ref;
  changing([ref]);
  pending.value = [...pending.value, laid];
  try {
    const task = await call();
    batch(() => {
      if (!task) return; // A deletion: its event takes the overlay away, for only that knows the version.
      if (board.value?.project.key === task.project) board.value = upsertTask(board.value, task);
      drop(laid);
    });
    if (task) taken(laid.id, task.version);
    return task;
  } catch (error) {
    changing([ref]);
    drop(laid);
    failed(laid.id);
    throw error;
  }
}

function drop(laid: Pending): void {
  pending.value = pending.value.filter((one) => one !== laid);
}

function refused(error: unknown): void {
  const { text, more } = explain(error, board.value?.workflow);
  toast(text, "refused", more);
}

/** Move a task. Answers whether the server took it; a refusal is shown with its reason. */
export async function move(ref: string, place: Place): Promise<boolean> {
  const id = crypto.randomUUID();
  const from = shown.value?.tasks.get(ref)?.state;
  const name = board.value?.workflow.states.find((state) => state.id === place.state)?.name ?? place.state;
  const text = from === place.state ? t.work.reordered(ref, name) : t.moved(ref, name);
  const undo = did(id, text);
  if (from !== place.state) toast(text, "done", undefined, undo);
  try {
    await command({ kind: "move", id, ref, place }, () =>
      request<Task>("POST", `/tasks/${ref}/move`, { body: place, key: id }),
    );
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

/** What an edit is made from. */
export interface Base {
  version: number;
  /** The version that my own edits on their way lead to, of which the edit knows. */
  own: Promise<number | undefined> | undefined;
}

/** My edits of a task that are on their way, by its reference: each goes after the one before. */
const tails = new Map<string, Promise<number | undefined>>();

/** The task as it is shown now, as what an edit is made from. */
export function baseOf(ref: string): Base {
  return { version: board.value?.tasks.get(ref)?.version ?? 0, own: tails.get(ref) };
}

/**
 * Change fields of a task, only those given. Throws what the server or the line said; `edit_conflict` where somebody
 * else changed one of them since `base`: the board then has what it is now.
 */
export async function edit(ref: string, patch: Editable, base = baseOf(ref)): Promise<Task | undefined> {
  const id = crypto.randomUUID();
  did(id, t.work.edited(ref));
  const before = tails.get(ref);
  const done = command({ kind: "edit", id, ref, patch }, async () => {
    await before;
    const base_version = Math.max(base.version, (await base.own) ?? 0);
    return request<Task>("PATCH", `/tasks/${ref}`, { body: { ...patch, base_version }, key: id });
  });
  const tail = done.then(
    (task) => task?.version,
    () => undefined,
  );
  tails.set(ref, tail);
  try {
    return await done;
  } catch (error) {
    if (conflictOf(error) && board.value) board.value = upsertTask(board.value, conflictOf(error) as Task);
    throw error;
  } finally {
    if (tails.get(ref) === tail) tails.delete(ref);
  }
}

/** What the task is now, where the error says that an edit met another's. */
export function conflictOf(error: unknown): Task | undefined {
  return error instanceof Problem && error.code === "edit_conflict" ? (error.body.current as unknown as Task) : undefined;
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
    } else refused(error);
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
      refused(error);
      return;
    }
  }
}

/** Make a task at the end of a state. Throws what the server or the line said. */
export async function create(key: string, state: string, title: string): Promise<Task | undefined> {
  const id = crypto.randomUUID();
  const now = new Date().toISOString();
  const task: Task = {
    ref: `new:${id}`, project: key, number: Number.MAX_SAFE_INTEGER, title, description: "", state, position: "",
    priority: "none", due: null, assignees: [], labels: [], archived: false, comment_count: 0, checklist: null,
    version: 0, created_at: now, updated_at: now, created_by: me.value?.id ?? "",
  };
  did(id, t.work.created(title));
  return command({ kind: "create", id, task }, () =>
    request<Task>("POST", `/projects/${key}/tasks`, { body: { title, state }, key: id }),
  );
}

/** Delete a task; the toast offers to undo it. */
export async function remove(ref: string): Promise<boolean> {
  return takeAway("delete", ref, t.deleted(ref), (key) => request<undefined>("DELETE", `/tasks/${ref}`, { key }));
}

/** Take a task off the board, kept for reading; the toast offers to undo it. */
export async function archive(ref: string): Promise<boolean> {
  return takeAway("archive", ref, t.task.archivedToast(ref), async (key) => {
    await request<Task>("POST", `/tasks/${ref}/archive`, { key });
    return undefined;
  });
}

async function takeAway(kind: "delete" | "archive", ref: string, said: string, call: (id: string) => Promise<undefined>): Promise<boolean> {
  const id = crypto.randomUUID();
  const undo = did(id, said);
  try {
    await command({ kind, id, ref }, () => call(id));
    toast(said, "done", undefined, undo);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

/** Bring an archived or deleted task back. Answers whether the server did; a refusal is shown with its reason. */
export async function restore(ref: string): Promise<boolean> {
  const id = crypto.randomUUID();
  const undo = did(id, t.task.restoredToast(ref));
  try {
    const task = await request<Task>("POST", `/tasks/${ref}/restore`, { key: id });
    if (board.value?.project.key === task.project) board.value = upsertTask(board.value, task);
    taken(id, task.version);
    toast(t.task.restoredToast(ref), "done", undefined, undo);
    return true;
  } catch (error) {
    failed(id);
    refused(error);
    return false;
  }
}

/** A task that waits for its reference: it can't be opened or dragged yet. */
export const isNew = (ref: string): boolean => ref.startsWith("new:");
