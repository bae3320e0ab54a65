import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Lock, Plus } from "lucide-preact";
import type { State, Task } from "../api/types";
import { shown } from "../app/board";
import { count, t } from "../app/text";
import { reachable } from "../drag/keys";
import { type Drag, drag, reason } from "../drag/state";
import { type Look, StateRing } from "../parts/signs";
import { Card } from "./card";
import { Composer, composing } from "./composer";
import { Gap } from "./gap";
import { ColumnMenu } from "./menu";
import { type Drawn, epoch, heightOf, settleColumn } from "./motion";
import { type AtCard, atCards } from "./present";
import { guess, parts, stretch, WHOLE } from "./window";

interface Props {
  state: State;
  look: Look | undefined;
  tasks: readonly Task[];
  /** Live tasks of the state, also those a filter hides. */
  total: number;
  /** Why no task can be made here, "" where it can; null: nowhere on this board for me. */
  noNew: string | null;
}

export function Column({ state, look, tasks, total, noNew }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const slot = useComputed(() => (drag.value?.over?.state === state.id ? (drag.value.over.before ?? "end") : null)).value;
  const held = useComputed(() => drag.value?.ref ?? null).value;
  const how = useComputed(() => drag.value?.how ?? null).value;
  const why = useComputed(() => (drag.value ? reason(drag.value, state.id) : "")).value;
  const target = useComputed(() => {
    const now = drag.value;
    return now !== null && now.at === state.id && now.over !== null && now.from.state !== state.id;
  }).value;
  const open = useComputed(() => drag.value !== null && drag.value.from.state !== state.id && drag.value.verdicts.get(state.id)?.ok === true).value;
  const composer = useComputed(() => composing.value === state.id).value;
  const seen = useSignal({ from: 0, to: innerHeight + 900 });
  // The card that has the focus, or would get it, is drawn even where it can't be seen.
  const focus = useComputed(() => (reachable.value && shown.value?.tasks.get(reachable.value)?.state === state.id ? reachable.value : null)).value;
  const long = tasks.length > WHOLE;

  void epoch.value;
  const scrolled = () => {
    const box = list.current;
    if (box && long) seen.value = stretch(seen.value, box.scrollTop, box.clientHeight);
  };
  useLayoutEffect(() => {
    if (list.current) drawn.current = settleColumn(list.current, state.id, drawn.current);
    scrolled();
  });

  const full = state.wip_limit !== null && total > state.wip_limit;
  const id = `column-${state.id}`;
  const entries = held === null ? tasks : withHeld(tasks, held, how, slot);
  const people = atCards.value;
  return (
    <section
      class={`column ${why ? "column-closed" : ""} ${open ? "column-open" : ""} ${target ? "column-target" : ""}`}
      data-state={state.id} data-allowed={held === null ? undefined : !why} aria-labelledby={id}
    >
      <header class="column-head">
        <h2 class="column-name" id={id}>
          <StateRing look={look} />
          {state.name}{" "}
          <span class={`column-count ${full ? "column-over" : ""}`} aria-hidden="true">{countText(state, tasks.length, total)}</span>
          <span class="unseen">{t.columnCount(total, state.wip_limit)}</span>
        </h2>
        <ColumnMenu state={state} tasks={tasks} />
        {noNew !== null && (
          <button
            type="button" class="icon-button" aria-label={t.addTo(state.name)} title={noNew || t.addTo(state.name)}
            disabled={noNew !== ""} onClick={() => (composing.value = state.id)}
          >
            <Plus class="icon" aria-hidden="true" />
          </button>
        )}
      </header>
      {why && (
        <p class="column-why">
          <Lock class="icon" aria-hidden="true" />
          {why}
        </p>
      )}
      <ul class="column-list" ref={list} data-list aria-label={`${state.name}, ${t.columnCount(total, state.wip_limit)}`} onScroll={scrolled}>
        {long ? windowed(entries, seen.value, focus, people) : entries.map((entry) => item(entry, people))}
        {composer && <Composer key="composer" state={state.id} />}
      </ul>
    </section>
  );
}

/** What stands in a column: a card, the place of one that is in the hand, the slot where it would go, or itself. */
type Entry = Task | { hidden: Task } | { slot: number } | { lifted: Drag };
type People = ReadonlyMap<string, readonly AtCard[]>;

function item(entry: Entry, people: People, at?: number, of?: number) {
  const place = at === undefined ? {} : { "aria-posinset": at + 1, "aria-setsize": of };
  if ("ref" in entry) {
    return (
      <li key={entry.ref} data-item={entry.ref} {...place}>
        <Card task={entry} here={people.get(entry.ref)} />
      </li>
    );
  }
  // A finger's events go to the very element it touched: that one stays, unseen.
  if ("hidden" in entry) return <li key={entry.hidden.ref} data-item={entry.hidden.ref} hidden><Card task={entry.hidden} /></li>;
  if ("slot" in entry) return <li key="slot" data-item="slot" class="slot" style={{ height: `${entry.slot}px` }} aria-hidden="true" />;
  return (
    <li key={entry.lifted.ref} data-item={entry.lifted.ref} {...place}>
      <Card task={entry.lifted.task} lifted />
    </li>
  );
}

function windowed(entries: readonly Entry[], seen: { from: number; to: number }, focus: string | null, people: People) {
  const heights = entries.map(heightOfEntry);
  const keep = (n: number) => {
    const entry = entries[n];
    return entry !== undefined && (!("ref" in entry) || entry.ref === focus);
  };
  let gaps = 0;
  return parts(heights, seen, keep).map((part) => {
    if ("gap" in part) return <Gap key={`gap-${++gaps}`} height={part.gap} tasks={entries.slice(part.after + 1, part.before).filter(isTask)} />;
    return item(entries[part.item] as Entry, people, part.item, entries.length);
  });
}

const isTask = (entry: Entry): entry is Task => "ref" in entry;

function heightOfEntry(entry: Entry): number {
  if ("ref" in entry) return heightOf(entry.ref) ?? guess(entry);
  if ("hidden" in entry) return 0;
  return "slot" in entry ? entry.slot : entry.lifted.height;
}

/** The list while a card is in the hand: its old place is hidden, a slot or the card itself stands where it would go. */
function withHeld(tasks: readonly Task[], held: string, how: "pointer" | "keys" | null, slot: string | null): Entry[] {
  const entries: Entry[] = [];
  const now = drag.value;
  const hand: Entry[] = now === null ? [] : [how === "keys" ? { lifted: now } : { slot: now.height }];
  for (const task of tasks) {
    if (slot === task.ref) entries.push(...hand);
    if (task.ref !== held) entries.push(task);
    else if (how === "pointer") entries.push({ hidden: task });
  }
  if (slot !== null && !tasks.some((task) => task.ref === slot)) entries.push(...hand);
  return entries;
}

function countText(state: State, shown: number, total: number): string {
  const part = shown === total ? count(total) : t.shownOf(count(shown), count(total));
  return state.wip_limit === null ? part : `${part} / ${count(state.wip_limit)}`;
}
