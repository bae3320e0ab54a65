/** The tasks of the project that were archived; each can be read, and brought back. */
import "../styles/work.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { request } from "../api/client";
import type { LogEvent, Page, Task } from "../api/types";
import { onEvents, openKey, role, stateOf, states } from "../app/board";
import { restore } from "../app/commands";
import { close } from "../app/extras";
import { explain } from "../app/problems";
import { waiting } from "../app/queue";
import { go, taskPath } from "../app/router";
import { ago, t } from "../app/text";
import { Dialog } from "../parts/dialog";
import { looks, StateRing } from "../parts/signs";
import { useSlow } from "../parts/waiting";

const PAGE = 50;

interface Found {
  tasks: readonly Task[];
  next: string | null;
}

export default function Archived() {
  const key = openKey.value;
  const [found, setFound] = useState<Found | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const slow = useSlow(found === null && trouble === null);
  const look = useMemo(() => looks(states.value), [states.value]);
  /** What was heard since it opened: a page that is on its way may not know of it. */
  const seen = useRef<LogEvent[]>([]);

  const read = async (cursor: string | null) => {
    setTrouble(null);
    try {
      const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = await request<Page<Task>>("GET", `/projects/${key}/tasks?archived=true&limit=${PAGE}${query}`);
      setFound((known) => ({
        tasks: after(seen.current, merged(cursor ? (known?.tasks ?? []) : [], page.items)), next: page.next_cursor,
      }));
    } catch (error) {
      setTrouble(error);
    }
  };
  useEffect(() => {
    if (key === null) {
      close();
      return;
    }
    void read(null);
    // What is archived or comes back meanwhile, by anybody.
    return onEvents((events) => {
      seen.current.push(...events.filter(({ task }) => task));
      setFound((known) => known && { ...known, tasks: after(events, known.tasks) });
    });
  }, [key]);

  const may = role.value !== "viewer";
  const coming = new Set(waiting.value.flatMap(({ action }) => (action.kind === "restore" ? [action.ref] : [])));
  return (
    <Dialog title={t.work.archivedTasks} close={close} wide>
      {found?.tasks.length === 0 && <p class="dialog-text">{t.work.nothingArchived}</p>}
      {found === null && slow && <p aria-hidden="true"><span class="bone bone-line" /></p>}
      {found && found.tasks.length > 0 && (
        <ul class="archived">
          {found.tasks.map((task) => (
            <li key={task.ref} class="archived-task" data-archived={task.ref}>
              <a
                class="archived-link" href={taskPath(task.project, task.number)}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                  event.preventDefault();
                  close();
                  go(taskPath(task.project, task.number));
                }}
              >
                <span class="card-ref">{task.ref}</span>
                <span class="archived-title">{task.title}</span>
              </a>
              <span class="archived-state"><StateRing look={look.get(task.state)} />{stateOf(task.state)?.name ?? task.state} · {ago(task.updated_at)}</span>
              {coming.has(task.ref) && <span class="archived-state">{t.line.waitsWord}</span>}
              {may && !coming.has(task.ref) && (
                <button type="button" class="button button-small" aria-label={t.work.restore(task.ref)} onClick={() => void restore(task.ref, task)}>
                  {t.work.restoreWord}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {trouble !== null && (
        <p class="trouble" role="alert">
          {explain(trouble).text}{" "}
          <button type="button" class="link-button" onClick={() => void read(found?.next ?? null)}>{t.tryAgain}</button>
        </p>
      )}
      {found?.next && <button type="button" class="button" onClick={() => void read(found.next)}>{t.work.showMore}</button>}
    </Dialog>
  );
}

/** These archived tasks after these events. */
function after(events: readonly LogEvent[], tasks: readonly Task[]): readonly Task[] {
  for (const { task, type } of events) {
    if (!task) continue;
    const rest = tasks.filter((one) => one.ref !== task.ref);
    if (type === "task.archived") tasks = [task, ...rest];
    else if (type === "task.deleted" || !task.archived) tasks = rest;
  }
  return tasks;
}

function merged(known: readonly Task[], more: readonly Task[]): readonly Task[] {
  const refs = new Set(known.map((task) => task.ref));
  return [...known, ...more.filter((task) => !refs.has(task.ref))];
}
