import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Lock, Plus } from "lucide-preact";
import type { State, Task } from "../api/types";
import { count, t } from "../app/text";
import { drag, reason } from "../drag/state";
import { type Look, StateRing } from "../parts/signs";
import { Card } from "./card";
import { Composer, composing } from "./composer";
import { type Drawn, epoch, settleColumn } from "./motion";

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

  void epoch.value;
  useLayoutEffect(() => {
    if (list.current) drawn.current = settleColumn(list.current, state.id, drawn.current);
  });

  const full = state.wip_limit !== null && total > state.wip_limit;
  const id = `column-${state.id}`;
  const items = held === null ? tasks.map(plain) : withHeld(tasks, held, how, slot);
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
      <ul class="column-list" ref={list} data-list aria-label={`${state.name}, ${t.columnCount(total, state.wip_limit)}`}>
        {items}
        {composer && <Composer key="composer" state={state.id} />}
      </ul>
    </section>
  );
}

function plain(task: Task) {
  return (
    <li key={task.ref} data-item={task.ref}>
      <Card task={task} />
    </li>
  );
}

/** The list while a card is in the hand: its old place is hidden, a slot or the card itself stands where it would go. */
function withHeld(tasks: readonly Task[], held: string, how: "pointer" | "keys" | null, slot: string | null) {
  const items = [];
  for (const task of tasks) {
    if (slot === task.ref) items.push(inHand(how));
    if (task.ref === held) {
      // A finger's events go to the very element it touched: that one stays, unseen.
      if (how === "pointer") items.push(<li key={task.ref} data-item={task.ref} hidden><Card task={task} /></li>);
    } else items.push(plain(task));
  }
  if (slot !== null && !tasks.some((task) => task.ref === slot)) items.push(inHand(how));
  return items;
}

function inHand(how: "pointer" | "keys" | null) {
  const now = drag.value;
  if (!now) return null;
  if (how === "keys") {
    return (
      <li key={now.ref} data-item={now.ref}>
        <Card task={now.task} lifted />
      </li>
    );
  }
  return <li key="slot" data-item="slot" class="slot" style={{ height: `${now.height}px` }} aria-hidden="true" />;
}

function countText(state: State, shown: number, total: number): string {
  const part = shown === total ? count(total) : t.shownOf(count(shown), count(total));
  return state.wip_limit === null ? part : `${part} / ${count(state.wip_limit)}`;
}
