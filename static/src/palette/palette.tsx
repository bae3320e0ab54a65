/** Ctrl+K: every action, project and task, by a few letters. */
import "../styles/work.css";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Search } from "lucide-preact";
import type { Hit, Task } from "../api/types";
import { openKey, shown } from "../app/board";
import { isNew } from "../app/commands";
import { close } from "../app/extras";
import { recentOf } from "../app/recent";
import { go, projectPath, route, taskPath } from "../app/router";
import { me, projects } from "../app/session";
import { t } from "../app/text";
import { signOf } from "../keys/letter";
import { actions, type Entry } from "./actions";
import { useElsewhere } from "./elsewhere";
import { type Found, rank } from "./rank";

const KEPT = "taskhub.palette";
const LATELY = 12;
const MOST = 40;

function recent(): string[] {
  return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as string[];
}

function remember(id: string): void {
  localStorage.setItem(KEPT, JSON.stringify([id, ...recent().filter((one) => one !== id)].slice(0, LATELY)));
}

function entryOf(task: Pick<Task, "ref" | "project" | "number" | "title">, place: Pick<Entry, "note" | "here">): Entry {
  return {
    id: `task:${task.ref}`,
    kind: "task",
    text: `${task.ref} ${task.title}`,
    start: task.ref.length + 1,
    ...place,
    run: () => go(taskPath(task.project, task.number)),
  };
}

const RECENT = 5;

/** The tasks that were opened last, but for the one that is open. */
function recentTasks(): Entry[] {
  const here = route.value;
  const open = here.at === "board" && here.task !== null ? `${here.key}-${here.task}` : null;
  const board = shown.value?.tasks;
  return recentOf(me.value?.id ?? "")
    .flatMap((seen) => {
      const place = projects.value?.find((one) => one.key === seen.project);
      if (!place || seen.ref === open) return [];
      return entryOf(board?.get(seen.ref) ?? seen, board?.has(seen.ref) ? { note: undefined, here: true } : { note: place.name });
    })
    .slice(0, RECENT);
}

interface Group {
  /** "" for what was found, whatever it is. */
  name: string;
  hits: readonly Found<Entry>[];
}

const unasked = (name: string, entries: readonly Entry[]): Group => ({ name, hits: entries.map((thing) => ({ thing, at: [] })) });

/** Of the board, which is searched as one types; and of everywhere else, as the server has found them. */
function tasksOf(hits: Iterable<Hit>): Entry[] {
  const board = shown.value?.tasks;
  const names = new Map((projects.value ?? []).map((project) => [project.key, project.name]));
  const here = [...(board?.values() ?? [])].filter((task) => !isNew(task.ref)).map((task) => entryOf(task, { note: undefined, here: true }));
  const there = [...hits].flatMap((hit) => {
    const name = names.get(hit.project);
    if (name === undefined || board?.has(hit.ref)) return [];
    return entryOf(hit, { note: hit.archived ? t.work.inArchive(name) : name });
  });
  return [...here, ...there];
}

export default function Palette() {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const lately = useMemo(recent, []);

  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);

  const asked = query.trim() !== "";
  const elsewhere = useElsewhere(query);

  const commands = useMemo(actions, []);
  const seen = useMemo(recentTasks, []);
  const places: Entry[] = (projects.value ?? []).map((project) => ({
    id: `project:${project.key}`, kind: "project", text: project.name, also: project.key, note: project.key, here: true, run: () => go(projectPath(project.key)),
  }));
  const { here, anywhere } = commands;
  // Nobody looks for one of a thousand tasks without a word: only those seen lately stand there then, always in one order.
  const groups = (asked
    ? [{ name: "", hits: rank(query, [...here, ...anywhere, ...places, ...tasksOf(elsewhere.hits)], lately, MOST) }]
    : [
        unasked(t.work.groups.recent, seen),
        unasked(t.work.groups.here, here),
        unasked(t.work.groups.projects, places),
        unasked(t.work.groups.anywhere, anywhere),
      ]
  ).filter((group) => group.hits.length > 0);
  const hits = groups.flatMap((group) => group.hits);
  const chosen = Math.min(at, hits.length - 1);

  const run = (hit: Found<Entry> | undefined) => {
    if (!hit) return;
    remember(hit.thing.id);
    // The focus goes back to where it was before the action takes it elsewhere.
    box.current?.close();
    close();
    hit.thing.run();
  };
  const move = (to: number) => {
    const next = (to + hits.length) % Math.max(1, hits.length);
    setAt(next);
    // The heading above the first one comes along.
    if (next === 0) list.current?.scrollTo({ top: 0 });
    else document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };

  return (
    <dialog
      ref={box} class="dialog palette" aria-label={t.work.palette}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) close();
      }}
    >
      <div class="palette-ask">
        <Search class="icon" aria-hidden="true" />
        <input
          class="palette-input" type="text" autofocus autocomplete="off" spellcheck={false} value={query} placeholder={t.work.paletteHint}
          role="combobox" aria-label={t.work.palette} aria-expanded="true" aria-controls={id} aria-autocomplete="list"
          aria-activedescendant={hits.length > 0 ? `${id}-${chosen}` : undefined}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
            list.current?.scrollTo({ top: 0 });
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === "ArrowDown") move(chosen + 1);
            else if (event.key === "ArrowUp") move(chosen - 1);
            else if (event.key === "Enter") run(hits[chosen]);
            else if (signOf(event) === "k" && (event.ctrlKey || event.metaKey)) close();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
      <div class="palette-list" ref={list} role="listbox" id={id} aria-label={t.work.palette}>
        {groups.map(({ name, hits: own }) => (
          <div key={name} role={name ? "group" : "presentation"} aria-label={name || undefined} class="palette-group">
            {name && <div class="palette-heading" aria-hidden="true">{name}</div>}
            {own.map((hit) => {
              const n = hits.indexOf(hit);
              return (
                <div
                  key={hit.thing.id} id={`${id}-${n}`} role="option" aria-selected={n === chosen} class="palette-item" data-entry={hit.thing.id}
                  onPointerMove={() => setAt(n)} onClick={() => run(hit)}
                >
                  {!name && <span class="palette-kind">{t.work.kinds[hit.thing.kind]}</span>}
                  <span class="palette-text"><Marked text={hit.thing.text} at={hit.at} /></span>
                  {hit.thing.note && <span class={`palette-note palette-note-${hit.thing.kind}`}>{hit.thing.note}</span>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {hits.length === 0 && elsewhere.state !== "asking" && <p class="palette-none">{t.work.nothingFound}</p>}
      {elsewhere.state === "cut" && <p class="palette-rest">{openKey.value === null ? t.work.noSearch : t.work.searchedHere}</p>}
      {elsewhere.more && <p class="palette-rest">{t.work.moreFound}</p>}
      <div class="unseen" role="status">{asked && elsewhere.state !== "asking" ? t.work.found(hits.length) : ""}</div>
    </dialog>
  );
}

/** The text with what fits in bold. */
function Marked({ text, at }: { text: string; at: Found<Entry>["at"] }) {
  const parts = [];
  let from = 0;
  for (const [start, end] of at) {
    if (start > from) parts.push(text.slice(from, start));
    parts.push(<b key={start}>{text.slice(start, end)}</b>);
    from = end;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}
