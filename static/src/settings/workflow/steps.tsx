/** The moves on a phone: for each state a list of where tasks go from it. */
import { useMemo, useRef, useState } from "preact/hooks";
import { ChevronRight, ListFilter } from "lucide-preact";
import type { State } from "../../api/types";
import { allOf } from "../../app/text";
import { looks, StateRing } from "../../parts/signs";
import { type Draft, stepOf, toggleStep } from "../../store/workflow/draft";
import { s } from "../words";
import { Conditions, conditionWords } from "./conditions";
import { change } from "./desk";

export function Steps({ draft, may }: { draft: Draft; may: boolean }) {
  const look = useMemo(() => looks(draft.states), [draft.states]);
  return (
    <div class="steps">
      {draft.states.map((from) => {
        const targets = draft.states.filter((to) => stepOf(draft.transitions, from.id, to.id));
        return (
          <details key={from.id} class="steps-from">
            <summary>
              <ChevronRight class="icon steps-sign" aria-hidden="true" />
              <StateRing look={look.get(from.id)} />
              <span class="steps-name">
                {s.workflow.fromState(from.name || s.workflow.unnamed)}
                <small>{targets.length === 0 ? s.workflow.notAllowed : allOf(targets.map((to) => to.name || s.workflow.unnamed))}</small>
              </span>
            </summary>
            <ul>
              {draft.states.filter((to) => to.id !== from.id && (may || targets.includes(to))).map((to) => (
                <Step key={to.id} draft={draft} from={from} to={to} may={may} />
              ))}
            </ul>
          </details>
        );
      })}
    </div>
  );
}

function Step({ draft, from, to, may }: { draft: Draft; from: State; to: State; may: boolean }) {
  const [open, setOpen] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const step = stepOf(draft.transitions, from.id, to.id);
  const words = step ? conditionWords(step) : "";
  return (
    <li class="step" ref={row}>
      {may ? (
        <label class="tick step-tick">
          <input type="checkbox" checked={step !== undefined} onChange={() => change((now) => toggleStep(now, from.id, to.id))} />
          <span class="step-text">
            <span><span class="unseen">{s.workflow.fromState(from.name)} {s.workflow.to} </span>{to.name || s.workflow.unnamed}</span>
            {words && <small>{words}</small>}
          </span>
        </label>
      ) : (
        <span class="step-text">{to.name}{words && <small>{words}</small>}</span>
      )}
      {may && step && (
        <button
          ref={more} type="button" class={`icon-button ${words ? "matrix-has" : ""}`} aria-haspopup="dialog" aria-expanded={open}
          aria-label={s.workflow.conditionsOf(from.name, to.name)} onClick={() => setOpen(!open)}
        >
          <ListFilter class="icon" aria-hidden="true" />
        </button>
      )}
      {open && step && (
        <Conditions
          from={from} to={to} step={step} anchor={row.current}
          close={(back) => {
            setOpen(false);
            if (back) more.current?.focus();
          }}
        />
      )}
    </li>
  );
}
