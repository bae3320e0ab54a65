/** The moves as a table: from each state, down the side, to each other, along the top. */
import { useMemo, useRef, useState } from "preact/hooks";
import { Check, ListFilter } from "lucide-preact";
import type { State, Transition } from "../../api/types";
import { looks, StateRing } from "../../parts/signs";
import { type Draft, stepOf, toggleStep } from "../../store/workflow/draft";
import { s } from "../words";
import { Conditions, conditionWords } from "./conditions";
import { change } from "./desk";
import { pointed } from "./drawing";

/** Where the focus is, or would come: row and column. */
type Place = readonly [number, number];

export function Matrix({ draft, may }: { draft: Draft; may: boolean }) {
  const { states, transitions } = draft;
  const look = useMemo(() => looks(states), [states]);
  const table = useRef<HTMLTableElement>(null);
  const [visited, visit] = useState<Place>([0, 1]);
  const [open, setOpen] = useState<Place | null>(null);
  const here = within(visited, states.length);

  const cellAt = ([row, column]: Place) => table.current?.querySelector<HTMLElement>(`[data-cell="${row} ${column}"]`);
  const focus = (to: Place) => {
    visit(to);
    cellAt(to)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, [row, column]: Place, step: Transition | undefined) => {
    const last = states.length - 1;
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] as Place | undefined;
    if (way) {
      let to: Place = [row + way[0], column + way[1]];
      // The diagonal holds nothing.
      if (to[0] === to[1]) to = [to[0] + way[0], to[1] + way[1]];
      if (Math.min(...to) >= 0 && Math.max(...to) <= last) focus(to);
    } else if (event.key === "Home") focus([row, row === 0 ? 1 : 0]);
    else if (event.key === "End") focus([row, row === last ? last - 1 : last]);
    else if (event.key === "Enter") {
      if (step) setOpen([row, column]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="matrix-frame">
      <table class="matrix" style={{ "--states": states.length }} ref={table} role="grid" aria-label={s.workflow.matrix} aria-describedby={may ? "matrix-keys" : undefined}>
        <thead>
          <tr>
            <td class="matrix-corner">{s.workflow.from}<span class="matrix-to">{s.workflow.to}</span></td>
            {states.map((state) => (
              <th key={state.id} scope="col" class="matrix-column">
                <StateRing look={look.get(state.id)} />
                <span title={state.name}>{state.name || s.workflow.unnamed}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody onPointerLeave={() => (pointed.value = null)}>
          {states.map((from, row) => (
            <tr key={from.id}>
              <th scope="row" class="matrix-row">
                <StateRing look={look.get(from.id)} />
                <span title={from.name}>{from.name || s.workflow.unnamed}</span>
              </th>
              {states.map((to, column) =>
                row === column ? <td key={to.id} class="matrix-same" /> : (
                  <Cell
                    key={to.id} from={from} to={to} step={stepOf(transitions, from.id, to.id)} may={may} place={[row, column]}
                    reachable={here[0] === row && here[1] === column} open={open !== null && open[0] === row && open[1] === column}
                    visit={() => visit([row, column])} onKeyDown={onKeyDown} setOpen={(yes) => setOpen(yes ? [row, column] : null)}
                    refocus={() => cellAt([row, column])?.focus()}
                  />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {may && <p class="sheet-hint" id="matrix-keys">{s.workflow.matrixKeys}</p>}
    </div>
  );
}

/** States come and go: the place that Tab reaches is one that is there. */
function within([row, column]: Place, count: number): Place {
  const [r, c] = [Math.min(row, count - 1), Math.min(column, count - 1)];
  return r === c ? [r, r === 0 ? 1 : r - 1] : [r, c];
}

interface CellProps {
  from: State;
  to: State;
  step: Transition | undefined;
  may: boolean;
  place: Place;
  reachable: boolean;
  open: boolean;
  visit(): void;
  onKeyDown(event: KeyboardEvent, place: Place, step: Transition | undefined): void;
  setOpen(open: boolean): void;
  refocus(): void;
}

function Cell({ from, to, step, may, place, reachable, open, visit, onKeyDown, setOpen, refocus }: CellProps) {
  const cell = useRef<HTMLTableCellElement>(null);
  const words = step ? conditionWords(step) : "";
  const name = s.workflow.step(from.name || s.workflow.unnamed, to.name || s.workflow.unnamed);
  const point = () => {
    pointed.value = { from: from.id, to: to.id };
  };
  if (!may) {
    return (
      <td class={`matrix-cell ${step ? "matrix-on" : ""}`} title={words || undefined} onPointerEnter={point}>
        {step && <Check class="icon" aria-hidden="true" />}
        {words && <span class="matrix-dot" />}
        <span class="unseen">{step ? s.workflow.allowed : s.workflow.notAllowed}{words && `, ${words}`}</span>
      </td>
    );
  }
  return (
    <td ref={cell} class={`matrix-cell ${step ? "matrix-on" : ""}`} title={words || undefined} onPointerEnter={point}>
      <label class="matrix-label">
        <input
          type="checkbox" class="matrix-box" checked={step !== undefined} data-cell={place.join(" ")} tabIndex={reachable ? 0 : -1}
          aria-label={words ? `${name}, ${words}` : name}
          onChange={() => change((now) => toggleStep(now, from.id, to.id))} onKeyDown={(event) => onKeyDown(event, place, step)}
          onFocus={() => {
            visit();
            point();
          }}
        />
        <Check class="icon matrix-sign" aria-hidden="true" />
      </label>
      {step && (
        <button
          type="button" class={`matrix-more ${words ? "matrix-has" : ""}`} tabIndex={-1} aria-label={s.workflow.conditionsOf(from.name, to.name)}
          title={words || s.workflow.conditions} aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}
        >
          <ListFilter class="icon" aria-hidden="true" />
        </button>
      )}
      {open && step && (
        <Conditions
          from={from} to={to} step={step} anchor={cell.current}
          close={(back) => {
            setOpen(false);
            if (back) refocus();
          }}
        />
      )}
    </td>
  );
}
