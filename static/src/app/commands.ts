/** What a person can do to the open board. Each shows at once and is put right by the server's word. */
import { batch } from "@preact/signals";
import { request } from "../api/client";
import type { Task } from "../api/types";
import { upsertTask } from "../store/board";
import type { Editable, Pending, Place } from "../store/overlay";
import { board, changing, pending, shown } from "./board";
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
    return task;
  } catch (error) {
    changing([ref]);
    drop(laid);
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
  if (from !== place.state) toast(t.moved(ref, name));
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

/** Change fields of a task, only those given. Throws what the server or the line said. */
export async function edit(ref: string, patch: Editable): Promise<Task | undefined> {
  const id = crypto.randomUUID();
  return command({ kind: "edit", id, ref, patch }, () =>
    request<Task>("PATCH", `/tasks/${ref}`, { body: patch, key: id }),
  );
}

/** The same for properties that are set by one choice: a failure is shown as a toast. */
export async function set(ref: string, patch: Editable): Promise<void> {
  try {
    await edit(ref, patch);
  } catch (error) {
    refused(error);
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
  return command({ kind: "create", id, task }, () =>
    request<Task>("POST", `/projects/${key}/tasks`, { body: { title, state }, key: id }),
  );
}

export async function remove(ref: string): Promise<boolean> {
  const id = crypto.randomUUID();
  try {
    await command({ kind: "delete", id, ref }, () => request<undefined>("DELETE", `/tasks/${ref}`, { key: id }));
    toast(t.deleted(ref));
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

/** A task that waits for its reference: it can't be opened or dragged yet. */
export const isNew = (ref: string): boolean => ref.startsWith("new:");
