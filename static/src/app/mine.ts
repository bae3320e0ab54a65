/** My work and my projects, kept live while a screen shows them: from the server, then by each project's events. */
import { batch, computed, effect, signal } from "@preact/signals";
import { allOf } from "../api/pages";
import type { LogEvent, ProjectSummary, StateCount, Task } from "../api/types";
import type { Subscriber } from "../live/line";
import { newId } from "../queue/id";
import { isTask, refOf } from "../queue/queue";
import { dayOf } from "../store/due";
import { apply, inOrder, type Mine, NOTHING, renewed, upsert, without } from "../store/mine";
import { shortName } from "../store/people";
import { minute } from "./clock";
import { onMemberships } from "./memberships";
import { mention, toast } from "./notices";
import { inShort } from "./others";
import { explain } from "./problems";
import { ledTo, onAnswer } from "./answered";
import { submit, waiting, withdraw } from "./queue";
import { line, me, projects, status } from "./session";
import { t } from "./text";
import { undo } from "./undo";

/** null until it was read. */
export const mine = signal<Mine | null>(null);
/** Why it could not be read, until the next try. */
export const mineFailure = signal<unknown>(null);
/** Tasks that I ticked and that the server has not yet moved, by reference. */
export const ticked = computed<ReadonlySet<string>>(() => {
  const over = (key: string, state: string) =>
    mine.value?.projects.get(key)?.states.some((one) => one.id === state && one.category === "done");
  const found = waiting.value.filter(({ project, action }) => action.kind === "move" && over(project, action.place.state));
  return new Set(found.map(refOf));
});

export const summaries = computed(() => [...(mine.value?.projects.values() ?? [])]);
export const myTasks = computed(() => inOrder(mine.value?.tasks.values() ?? []));

/** One connection follows a hundred topics; beyond that, what was active last is live and the rest is read each minute. */
const MOST_FOLLOWED = 90;

let watching = false;
let asked = 0;
const leaves = new Map<string, () => void>();
/** Projects whose cursor no longer fits: until they are read anew nothing comes of them. */
const stale = new Set<string>();

/** Keep all of it live until the answer is called. */
export function watchMine(): () => void {
  watching = true;
  let readOn = "";
  let readAt = 0;
  // The time is looked at for the day, which makes tasks late, and for projects that somebody took me into.
  const stop = effect(() => {
    const day = dayOf(new Date(minute.value));
    if (me.value === null || document.hidden || (day === readOn && minute.value === readAt)) return;
    [readOn, readAt] = [day, minute.value];
    void load();
  });
  const stopTrying = effect(() => {
    if (status.value.kind === "live" && mineFailure.peek() !== null) void load();
  });
  const stopHearing = onMemberships(() => void load());
  return () => {
    stop();
    stopTrying();
    stopHearing();
    watching = false;
    asked++;
    for (const leave of leaves.values()) leave();
    leaves.clear();
    stale.clear();
  };
}

/** Read all of it; of the project `anew` nothing that is here is kept. */
export async function load(anew?: string): Promise<void> {
  const turn = ++asked;
  const known = projects.peek();
  if (anew) stale.add(anew);
  mineFailure.value = null;
  try {
    // In this order: a cursor must not be younger than what is shown.
    const read = await allOf<ProjectSummary>(`/me/overview?today=${dayOf(new Date())}`);
    const list = await allOf<Task>("/me/tasks");
    if (!watching || turn !== asked) return;
    batch(() => {
      mine.value = renewed(mine.value ?? NOTHING, read, list, stale);
      // Whoever changed it meanwhile knows it better.
      if (projects.peek() === known) projects.value = read;
    });
    follow(read);
  } catch (error) {
    if (watching && turn === asked) mineFailure.value = error;
  }
}

function follow(read: readonly ProjectSummary[]): void {
  const active = [...read].sort((a, b) => (b.active_at ?? "").localeCompare(a.active_at ?? "")).slice(0, MOST_FOLLOWED);
  const keys = new Set(active.map((summary) => summary.key));
  for (const [key, leave] of leaves) {
    if (keys.has(key) && !stale.has(key)) continue;
    leave();
    leaves.delete(key);
  }
  for (const key of keys) {
    if (!leaves.has(key)) leaves.set(key, line.subscribe(`project:${key}`, subscriber(key)));
  }
  stale.clear();
}

function subscriber(key: string): Subscriber {
  return {
    cursor: () => {
      const summary = mine.value?.projects.get(key);
      return summary ? { log: summary.log, seq: summary.seq } : null;
    },
    events: (events) => receive(key, events),
    resync: () => void load(key),
    gone: () => {
      leaves.delete(key);
      if (!mine.value) return;
      mine.value = without(mine.value, key);
      projects.value = projects.value?.filter((one) => one.key !== key) ?? null;
    },
  };
}

function receive(key: string, events: readonly LogEvent[]): void {
  const before = mine.value;
  const who = me.value?.id;
  if (!before || !who) return;
  const after = apply(before, key, events, who, new Date());
  batch(() => {
    mine.value = after;
    if (events.some((event) => typeof event.project === "object")) {
      projects.value = projects.value?.map((one) => after.projects.get(one.key) ?? one) ?? null;
    }
  });
  for (const event of events) {
    const { task, actor } = event;
    if (!task || actor.id === who || before.tasks.has(task.ref) || !after.tasks.has(task.ref)) continue;
    mention(t.places.saidMine(shortName(actor.name), task.ref, task.title), [actor], inShort);
  }
  // Which states are open, and how many tasks are late with them, only the server knows.
  if (events.some((event) => event.workflow)) void load(key);
}

/** Where a ticked task goes: the project's first done state. */
export function doneState(task: Task): StateCount | undefined {
  return mine.value?.projects.get(task.project)?.states.find((state) => state.category === "done");
}

export function stateOfMine(task: Task): StateCount | undefined {
  return mine.value?.projects.get(task.project)?.states.find((state) => state.id === task.state);
}

/** Ticks on their way that are to be taken back as soon as they happened, with what they say. */
const wished = new Map<string, string>();

/** Move a task to its project's first done state, without a line as soon as there is one; a refusal is shown with its reason. */
export async function tick(task: Task): Promise<void> {
  const state = doneState(task);
  if (!state || ticked.value.has(task.ref)) return;
  const id = newId();
  const said = t.moved(task.ref, state.name);
  const takeBack = async () => {
    if ((await withdraw([id])).length > 0) toast(t.work.undone(said));
    else if (ledTo(id) > 0) await undo(task, [ledTo(id)], { what: said });
    else {
      wished.set(id, said);
      toast(t.line.undoWaits(said));
    }
  };
  try {
    await submit(task.project, { kind: "move", ref: task.ref, place: { state: state.id } }, id);
    toast(said, "done", undefined, { name: t.task.undo, run: () => void takeBack() });
  } catch (error) {
    const { text, more } = explain(error);
    toast(text, "refused", more);
  }
}

onAnswer((made, answer) => {
  const said = wished.get(made.id);
  wished.delete(made.id);
  if (!isTask(answer)) return;
  if (mine.value && me.value) mine.value = upsert(mine.value, answer, me.value.id);
  // After this batch: what is undone becomes a change of its own.
  if (said !== undefined) queueMicrotask(() => void undo(answer, [answer.version], { what: said }));
});
