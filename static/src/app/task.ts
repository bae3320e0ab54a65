/** What the open task's panel knows beyond the board: the description in HTML, and the comments. */
import { signal } from "@preact/signals";
import { Problem, request } from "../api/client";
import type { Comment, LogEvent, Page, Task } from "../api/types";
import { upsertTask } from "../store/board";
import { board, onEvents } from "./board";
import { submit } from "./queue";

export interface Details {
  ref: string;
  /** As last read from the server; the board's copy is fresher where it has one. */
  task: Task | null;
  comments: readonly Comment[] | null;
  failure: "missing" | { error: unknown } | null;
}

export const details = signal<Details | null>(null);

const empty = (ref: string): Details => ({ ref, task: null, comments: null, failure: null });

/** Follow a task until the answer is called. */
export function openTask(ref: string): () => void {
  details.value = empty(ref);
  void loadTask(ref);
  void loadComments(ref);
  const stop = onEvents((events) => follow(ref, events));
  return () => {
    stop();
    if (details.value?.ref === ref) details.value = null;
  };
}

export function reloadTask(ref: string): void {
  put(ref, { failure: null });
  void loadTask(ref);
  void loadComments(ref);
}

function follow(ref: string, events: readonly LogEvent[]): void {
  const mine = events.filter((event) => event.task?.ref === ref);
  if (mine.length === 0) return;
  if (mine.some((event) => event.type === "task.deleted")) {
    put(ref, { failure: "missing" });
    return;
  }
  if (mine.some((event) => !event.type.startsWith("comment."))) void loadTask(ref);
  if (mine.some((event) => event.type.startsWith("comment."))) void loadComments(ref);
}

function put(ref: string, part: Partial<Details>): void {
  if (details.value?.ref === ref) details.value = { ...details.value, ...part };
}

async function loadTask(ref: string): Promise<void> {
  try {
    const task = await request<Task>("GET", `/tasks/${ref}`);
    const known = details.value?.ref === ref ? details.value.task : null;
    // Two answers may pass each other on the way.
    if (!known || known.version <= task.version) put(ref, { task });
    if (board.value?.project.key === task.project) board.value = upsertTask(board.value, withoutHtml(task));
  } catch (error) {
    put(ref, { failure: error instanceof Problem && error.status === 404 ? "missing" : { error } });
  }
}

function withoutHtml(task: Task): Task {
  const { description_html: _, ...rest } = task;
  return rest;
}

let asked = 0;

async function loadComments(ref: string): Promise<void> {
  const turn = ++asked;
  try {
    const all: Comment[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page: Page<Comment> = await request("GET", `/tasks/${ref}/comments?limit=200${query}`);
      all.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    if (turn === asked) put(ref, { comments: all });
  } catch (error) {
    if (!details.value?.comments) put(ref, { failure: error instanceof Problem && error.status === 404 ? "missing" : { error } });
  }
}

/** Say something on a task. Where it has to wait, it stands among the comments as waiting. Throws what the server said. */
export async function comment(ref: string, body: string): Promise<void> {
  const added = (await submit(ref.slice(0, ref.lastIndexOf("-")), { kind: "comment", ref, body })) as Comment | undefined;
  if (!added) return;
  const known = details.value?.ref === ref ? (details.value.comments ?? []) : [];
  if (!known.some((one) => one.id === added.id)) put(ref, { comments: [...known, added] });
  await loadComments(ref);
}
