/** What a flow is drawn of: its states, or, where these are many, their categories; with their colours and names. */
import { looks } from "../parts/signs";
import { colours, countOf, FLOWING, flowOrder, type Layer, MANY_STATES } from "./plot";
import type { Figures, FlowDay, PastState } from "./shape";
import { c } from "./words";

/** The colour of each state in the charts. */
export function stateColours({ states, past_states }: Figures): ReadonlyMap<string, string> {
  const look = looks(states);
  return colours<PastState>([...states, ...past_states], ({ id, category }) => look.get(id)?.colour ?? `var(--${category})`);
}

export interface Layers {
  /** From the bottom of the stack. */
  layers: readonly Layer[];
  /** The days, with how many tasks are in each layer. */
  days: readonly FlowDay[];
}

export function byState(figures: Figures): Layers {
  const colour = stateColours(figures);
  const order = flowOrder<PastState>(figures.states, figures.past_states);
  return { layers: order.map(({ id, name }) => ({ id, name, colour: colour.get(id) ?? "" })), days: figures.flow };
}

export function byCategory({ states, past_states, flow }: Figures): Layers {
  const all: readonly PastState[] = [...states, ...past_states];
  const there = FLOWING.filter((category) => all.some((state) => state.category === category));
  const days = flow.map((day) => ({
    day: day.day,
    counts: Object.fromEntries(there.map((category) => [category, all.reduce((sum, state) => sum + (state.category === category ? countOf(day, state.id) : 0), 0)])),
  }));
  return { layers: there.map((category) => ({ id: category, name: c.categories[category], colour: `var(--${category})` })), days };
}

/** Whether the categories say more at a glance than the states: there are many of these, and tasks in more than one of those. */
export function categoriesFirst(figures: Figures): boolean {
  if (byState(figures).layers.length <= MANY_STATES) return false;
  const { layers, days } = byCategory(figures);
  return layers.filter(({ id }) => days.some((day) => countOf(day, id) > 0)).length > 1;
}

interface LegendProps {
  layers: readonly Layer[];
  class?: string;
  /** What a layer comes to where one is. */
  value?: (id: string) => string;
  /** Told which layer the pointer is at. */
  point?: (id: string | null) => void;
}

/** The names of layers with their colours. */
export function Legend({ layers, class: className = "", value, point }: LegendProps) {
  return (
    <ul class={`legend ${value ? "legend-values" : ""} ${className}`}>
      {layers.map(({ id, name, colour }) => (
        <li key={id} onPointerEnter={() => point?.(id)} onPointerLeave={() => point?.(null)}>
          <span class="legend-sign" style={{ background: colour }} />
          <span class="legend-name" title={value ? undefined : name}>{name}</span>
          {value && <span class="legend-value">{value(id)}</span>}
        </li>
      ))}
    </ul>
  );
}
