/** The cumulative flow: how many tasks stood in which state, day by day. */
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { useState } from "preact/hooks";
import { looks } from "../parts/signs";
import { count } from "../app/text";
import { dayText, weekdayText } from "./format";
import { colours, countOf, flowOrder, labelled, type Layer, stacked } from "./plot";
import { Frame, Plot, type Rows, type Size, Tip, Walk } from "./parts";
import type { Figures, FlowDay, PastState, StateFigure } from "./shape";
import { c } from "./words";

/** The colour of each state in the charts. */
export function stateColours(states: readonly StateFigure[], past: readonly PastState[] = []): ReadonlyMap<string, string> {
  const look = looks(states);
  return colours([...states, ...past], ({ id, category }) => look.get(id)?.colour ?? `var(--${category})`);
}

interface Props {
  figures: Figures;
  /** The size of its letters, in pixels. */
  letters?: number;
  /** Whether one can walk through its days: not on a wall. */
  quiet?: boolean;
}

export function Flow({ figures, letters = 12, quiet = false }: Props) {
  const { flow } = figures;
  const [at, setAt] = useState<number | null>(null);
  const colour = stateColours(figures.states, figures.past_states);
  const layers: Layer[] = flowOrder<PastState>(figures.states, figures.past_states).map(({ id, name }) => ({ id, name, colour: colour.get(id) ?? "" }));
  const total = (day: FlowDay) => layers.reduce((sum, { id }) => sum + countOf(day, id), 0);
  const most = Math.max(0, ...flow.map(total));
  const shown = layers.toReversed();
  const table: Rows = {
    head: [c.day, ...shown.map(({ name }) => name), c.flow.total],
    rows: flow.toReversed().map((day) => [dayText(day.day), ...shown.map(({ id }) => count(countOf(day, id))), count(total(day))]),
  };
  const words = (n: number) => {
    const day = flow[n];
    return day ? `${weekdayText(day.day)}: ${shown.map(({ id, name }) => `${name} ${count(countOf(day, id))}`).join(", ")}` : "";
  };
  const here = at === null ? undefined : flow[at];
  return (
    <Frame
      name="flow" title={c.flow.title} how={c.flow.how} table={table} class="chart-flow" quiet={quiet} empty={most === 0 ? c.empty.flow : undefined}
      aside={<Legend layers={shown} />}
    >
      <Plot
        over={(size) => {
          const { x, y } = scales(flow, most, size, letters);
          return (
            <>
              {here && at !== null && (
                <Tip x={x(at)} width={size.width} title={weekdayText(here.day)}>
                  <Legend layers={shown} value={(id) => count(countOf(here, id))} />
                </Tip>
              )}
              {!quiet && <Walk label={c.flow.walk} count={flow.length} at={at} set={setAt} words={words} from={x(0)} to={x(flow.length - 1)} height={y(0)} />}
            </>
          );
        }}
      >
        {(size) => <Drawing flow={flow} layers={layers} most={most} size={size} letters={letters} at={at} />}
      </Plot>
    </Frame>
  );
}

/** The names of layers with their colours, and what each comes to where one is. */
export function Legend({ layers, value }: { layers: readonly Layer[]; value?: (id: string) => string }) {
  return (
    <ul class={`legend ${value ? "legend-values" : ""}`}>
      {layers.map(({ id, name, colour }) => (
        <li key={id}>
          <span class="legend-sign" style={{ background: colour }} />
          <span class="legend-name">{name}</span>
          {value && <span class="legend-value">{value(id)}</span>}
        </li>
      ))}
    </ul>
  );
}

function scales(flow: readonly FlowDay[], most: number, { width, height }: Size, letters: number) {
  const left = String(Math.ceil(most)).length * letters * 0.62 + letters;
  const y = scaleLinear().domain([0, most]).nice(4).range([height - letters * 2.2, letters * 0.8]);
  const x = scaleLinear().domain([0, Math.max(1, flow.length - 1)]).range([left, width - 1]);
  return { x, y, left };
}

interface DrawingProps {
  flow: readonly FlowDay[];
  layers: readonly Layer[];
  most: number;
  size: Size;
  letters: number;
  at: number | null;
}

function Drawing({ flow, layers, most, size, letters, at }: DrawingProps) {
  const { x, y, left } = scales(flow, most, size, letters);
  const stacks = stacked(layers.map(({ id }) => id), flow);
  const shape = area<[number, number]>().x((_, n) => x(n)).y0(([low]) => y(low)).y1(([, high]) => y(high));
  const edge = line<[number, number]>().x((_, n) => x(n)).y(([, high]) => y(high));
  return (
    <g aria-hidden="true">
      <Ticks y={y} left={left} right={size.width} letters={letters} />
      {stacks.map(({ id, edges }, n) => (
        <path key={id} class="plot-moves" fill={layers[n]?.colour} d={shape(edges) ?? ""} style={{ d: `path("${shape(edges) ?? ""}")` }} />
      ))}
      {/* A line in the colour of the ground keeps neighbours of one colour apart. */}
      {stacks.slice(0, -1).map(({ id, edges }) => (
        <path key={id} class="plot-moves flow-edge" d={edge(edges) ?? ""} style={{ d: `path("${edge(edges) ?? ""}")` }} />
      ))}
      {labelled(flow.length, size.width - left, letters * 9).map((n, place, all) => (
        <text
          key={n} class="axis" x={x(n)} y={size.height - letters * 0.5} font-size={letters}
          text-anchor={place === 0 ? "start" : place === all.length - 1 ? "end" : "middle"}
        >
          {dayText(flow[n]?.day ?? "")}
        </text>
      ))}
      {at !== null && <line class="cross" x1={x(at)} x2={x(at)} y1={y.range()[1]} y2={y(0)} />}
    </g>
  );
}

interface TicksProps {
  y: { (value: number): number; ticks(count: number): number[] };
  left: number;
  right: number;
  letters: number;
  text?: (value: number) => string;
}

/** The lines of a scale, with their values. */
export function Ticks({ y, left, right, letters, text = count }: TicksProps) {
  return (
    <>
      {y.ticks(4).filter(Number.isInteger).map((value) => (
        <g key={value}>
          <line class="grid-line" x1={left} x2={right} y1={Math.round(y(value)) + 0.5} y2={Math.round(y(value)) + 0.5} />
          <text class="axis" x={left - letters * 0.6} y={y(value)} dy=".35em" text-anchor="end" font-size={letters}>{text(value)}</text>
        </g>
      ))}
    </>
  );
}
