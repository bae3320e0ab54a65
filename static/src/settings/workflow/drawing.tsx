/** The picture of the workflow, which follows the draft. */
import { signal } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import { allOf } from "../../app/text";
import { type Look, looks, StateRing } from "../../parts/signs";
import { traps } from "../../store/workflow/check";
import type { Draft } from "../../store/workflow/draft";
import { type Arrow, type Box, picture } from "../../store/workflow/picture";
import { s } from "../words";
import { conditionWords } from "./conditions";

/** The move that the pointer or the focus is on in the matrix. */
export const pointed = signal<{ from: string; to: string } | null>(null);

export function Drawing({ draft }: { draft: Draft }) {
  const drawn = useMemo(() => picture(draft), [draft]);
  const look = useMemo(() => looks(draft.states), [draft.states]);
  const caught = useMemo(() => new Set(traps(draft).flatMap((trap) => ("state" in trap ? [trap.state] : []))), [draft]);
  const id = useId();
  const lit = ({ step }: Arrow) => step.from === pointed.value?.from && step.to === pointed.value.to;
  return (
    <figure class="drawing">
      <svg width={drawn.width} height={drawn.height} viewBox={`0 0 ${drawn.width} ${drawn.height}`} role="img" aria-label={s.workflow.pictureLabel(inWords(draft))}>
        <defs>
          {["", "-lit"].map((kind) => (
            <marker key={kind} id={`${id}${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
              <path class={`arrow-head${kind}`} d="M0.5 0.8 7 4 0.5 7.2Z" />
            </marker>
          ))}
        </defs>
        {[...drawn.arrows].sort((a, b) => Number(lit(a)) - Number(lit(b))).map((arrow) => (
          <path
            key={`${arrow.step.from} ${arrow.step.to}`} class={`arrow ${conditionWords(arrow.step) ? "arrow-if" : ""} ${lit(arrow) ? "arrow-lit" : ""}`}
            d={arrow.path} marker-end={`url(#${id}${lit(arrow) ? "-lit" : ""})`}
          />
        ))}
        {drawn.boxes.map((box) => <Node key={box.state.id} box={box} look={look.get(box.state.id)} caught={caught.has(box.state.id)} />)}
      </svg>
      <figcaption class="sheet-hint">
        {draft.transitions === null ? s.workflow.pictureAny : draft.transitions.some((step) => conditionWords(step)) ? s.workflow.legend : ""}
      </figcaption>
    </figure>
  );
}

const RING = 14;
const SIDE = 10;

function Node({ box: { state, x, y, width, height }, look, caught }: { box: Box; look: Look | undefined; caught: boolean }) {
  const middle = y + height / 2;
  const limit = state.wip_limit !== null && state.wip_limit >= 1 ? s.workflow.atMost(state.wip_limit) : "";
  const room = width - SIDE * 3 - RING - (limit ? 32 : 0);
  return (
    <g class={`node ${caught ? "node-caught" : ""}`}>
      <rect x={x} y={y} width={width} height={height} rx="8" />
      <svg x={x + SIDE} y={middle - RING / 2} width={RING} height={RING}><StateRing look={look} /></svg>
      <text x={x + SIDE * 2 + RING - 2} y={middle} dominant-baseline="central">{fitting(state.name || s.workflow.unnamed, room)}</text>
      {limit && <text class="node-limit" x={x + width - SIDE} y={middle} text-anchor="end" dominant-baseline="central">{limit}</text>}
    </g>
  );
}

/** As much of a text as has room, by a rough width: SVG knows no ellipsis. */
function fitting(text: string, room: number): string {
  let used = 0;
  let kept = "";
  for (const letter of text) {
    used += /[\u2e80-\uffef]/u.test(letter) ? 13 : /[A-Zmw@%]/.test(letter) ? 9 : 6.8;
    if (used > room) return `${kept.trimEnd()}…`;
    kept += letter;
  }
  return kept;
}

function inWords({ states, transitions }: Draft): string {
  if (transitions === null) return s.workflow.pictureAny;
  const name = (id: string) => states.find((state) => state.id === id)?.name || s.workflow.unnamed;
  return states
    .map((state) => {
      const targets = transitions.filter((step) => step.from === state.id).map((step) => name(step.to));
      return targets.length > 0 ? s.workflow.pictureFrom(name(state.id), allOf(targets)) : s.workflow.pictureEnd(name(state.id));
    })
    .join(" ");
}
