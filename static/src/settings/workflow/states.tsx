/** The states as rows: order, name, category, limit; added and dropped. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { GripVertical, Plus, X } from "lucide-preact";
import type { Category, State } from "../../api/types";
import { board } from "../../app/board";
import { looks, type Look, StateRing } from "../../parts/signs";
import type { Fault } from "../../store/workflow/check";
import { addState, changeState, type Draft, dropState, MOST_STATES, NAME_MAX, placeState } from "../../store/workflow/draft";
import { headingOf, Sheet } from "../parts";
import { s } from "../words";
import { change, tasksIn, wrong } from "./desk";
import { useReorder } from "./reorder";

const CATEGORIES: readonly Category[] = ["backlog", "todo", "doing", "done", "cancelled"];

export function States({ draft, may }: { draft: Draft; may: boolean }) {
  const look = useMemo(() => looks(draft.states), [draft.states]);
  const [fresh, setFresh] = useState<string | null>(null);
  const order = useReorder(draft.states.map((state) => state.name), (id, to) => change((now) => placeState(now, id, to)));
  const add = () =>
    change((now) => {
      const { draft: next, id } = addState(now);
      setFresh(id);
      return next;
    });
  return (
    <Sheet title={s.workflow.states} aside={<span class="quiet">{s.workflow.statesHelp}</span>} class="sheet-states">
      <div class={`states-head ${may ? "" : "states-read"}`} aria-hidden="true">
        <span>{s.workflow.name}</span>
        <span>{s.workflow.category}</span>
        <span>{s.workflow.limit}</span>
      </div>
      <ol class={`states ${order.held ? "states-moving" : ""}`}>
        {draft.states.map((state, index) => (
          <li
            key={state.id} class={`state ${may ? "" : "states-read"} ${order.held?.id === state.id ? "state-held" : ""}`}
            data-row={state.id} style={order.style(state.id, index)}
          >
            {may ? (
              <>
                <button
                  type="button" class="handle" aria-label={s.workflow.carry(state.name || s.workflow.unnamed)} title={s.workflow.carry(state.name || s.workflow.unnamed)}
                  onPointerDown={(event) => order.press(event, state.id, index)} onKeyDown={(event) => order.key(event, state.id, index)} onBlur={order.blur}
                >
                  <GripVertical class="icon" aria-hidden="true" />
                </button>
                <Fields state={state} index={index} look={look.get(state.id)} fresh={fresh === state.id} last={draft.states.length === 1} />
              </>
            ) : (
              <Fixed state={state} look={look.get(state.id)} />
            )}
          </li>
        ))}
      </ol>
      {may && draft.states.length < MOST_STATES && (
        <button type="button" class="add-state" onClick={add}>
          <Plus class="icon" aria-hidden="true" />
          {s.workflow.add}
        </button>
      )}
    </Sheet>
  );
}

function Fixed({ state, look }: { state: State; look: Look | undefined }) {
  return (
    <>
      <StateRing look={look} />
      <span class="state-name">{state.name}</span>
      <span class="state-fixed">{s.workflow.categories[state.category]}</span>
      <span class="state-fixed">{state.wip_limit ?? s.workflow.noLimit}</span>
    </>
  );
}

interface FieldsProps {
  state: State;
  index: number;
  look: Look | undefined;
  /** Just added: its name is what one types next. */
  fresh: boolean;
  last: boolean;
}

function Fields({ state, index, look, fresh, last }: FieldsProps) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (fresh) field.current?.focus();
  }, [fresh]);
  const name = state.name || s.workflow.unnamed;
  const holds = board.value ? tasksIn(state.id) : 0;
  const faults = wrong.value.filter((fault) => "state" in fault && fault.state === state.id);
  const bad = (kinds: readonly Fault["kind"][]) => faults.some((fault) => kinds.includes(fault.kind)) || undefined;
  const over = state.wip_limit !== null && state.wip_limit >= 1 && holds > state.wip_limit;
  const about = `state-about-${state.id}`;
  return (
    <>
      <StateRing look={look} />
      <input
        ref={field} class="input state-name" value={state.name} maxLength={NAME_MAX} placeholder={s.workflow.namePlaceholder} autocomplete="off"
        aria-label={s.workflow.nameOf(index + 1)} aria-invalid={bad(["unnamed", "name_long", "name_twice"])} aria-describedby={faults.length > 0 || over ? about : undefined}
        onInput={(event) => {
          const text = event.currentTarget.value;
          change((now) => changeState(now, state.id, { name: text }));
        }}
      />
      <select
        class="input select" value={state.category} aria-label={s.workflow.categoryOf(name)}
        onChange={(event) => {
          const category = event.currentTarget.value as Category;
          change((now) => changeState(now, state.id, { category }));
        }}
      >
        {CATEGORIES.map((id) => <option key={id} value={id}>{s.workflow.categories[id]}</option>)}
      </select>
      <LimitField state={state} name={name} bad={bad(["limit"])} />
      <span class="state-holds">{holds > 0 && s.workflow.holds(holds)}</span>
      <button
        type="button" class="icon-button" disabled={last} aria-label={s.workflow.drop(name)} title={last ? s.workflow.dropLast : s.workflow.drop(name)}
        onClick={(event) => {
          headingOf(event.currentTarget).focus();
          change((now) => dropState(now, state.id));
        }}
      >
        <X class="icon" aria-hidden="true" />
      </button>
      {(faults.length > 0 || over) && (
        <p class={`state-about ${faults.length > 0 ? "trouble" : "state-over"}`} id={about}>
          {faults.map((fault) => s.workflow.faults[fault.kind]).join(" ")} {over && s.workflow.overLimit(holds)}
        </p>
      )}
    </>
  );
}

/** What is typed stays as it is typed; what is no number is told so. */
function LimitField({ state, name, bad }: { state: State; name: string; bad: true | undefined }) {
  const [text, setText] = useState<string | null>(null);
  const shown = state.wip_limit === null ? "" : Number.isNaN(state.wip_limit) ? (text ?? "") : String(state.wip_limit);
  return (
    <input
      class="input state-limit" inputMode="numeric" autocomplete="off" value={shown} maxLength={5} placeholder={s.workflow.noLimit}
      aria-label={s.workflow.limitOf(name)} aria-invalid={bad}
      onInput={(event) => {
        const typed = event.currentTarget.value.trim();
        setText(typed);
        const limit = typed === "" ? null : /^[0-9]+$/.test(typed) ? Number(typed) : Number.NaN;
        change((now) => changeState(now, state.id, { wip_limit: limit }));
      }}
    />
  );
}
