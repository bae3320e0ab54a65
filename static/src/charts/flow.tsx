/** The cumulative flow: how many tasks stood in which state, day by day. */
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { useState } from "preact/hooks";
import { beside, count } from "../app/text";
import { dayText, weekdayText } from "./format";
import { byCategory, byState, categoriesFirst, Legend } from "./layers";
import { apart, countOf, labelled, type Layer, MANY_STATES, shortened, sinceBegun, stacked } from "./plot";
import { Frame, Plot, type Rows, type Size, Tip, Walk } from "./parts";
import type { Figures, FlowDay } from "./shape";
import { c } from "./words";

/** More layers than that are named beside the drawing, where each ends, if there is room; else below it. */
const MOST_IN_HEAD = 6;
/** How wide a drawing must be, and a name beside it may be, in letters. */
const WIDE = 44;
const NAME = 11;

interface Props {
  figures: Figures;
  /** The size of its letters, in pixels. */
  letters?: number;
  /** Whether one can walk through its days: not on a wall. */
  quiet?: boolean;
}

export function Flow({ figures, letters = 12, quiet = false }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const [lit, setLit] = useState<string | null>(null);
  const [wanted, setWanted] = useState<boolean | null>(null);
  const folds = categoriesFirst(figures);
  const folded = folds && (wanted ?? true);
  const states = byState(figures);
  const { layers: all, days: since } = folded ? byCategory(figures) : states;
  const days = sinceBegun(since);
  const layers = all.length > MOST_IN_HEAD ? all.filter(({ id }) => days.some((day) => countOf(day, id) > 0)) : all;
  const total = (day: FlowDay) => layers.reduce((sum, { id }) => sum + countOf(day, id), 0);
  const most = Math.max(0, ...days.map(total));
  const shown = layers.toReversed();
  const columns = states.layers.toReversed();
  const table: Rows = {
    head: [c.day, ...columns.map(({ name }) => name), c.flow.total],
    rows: states.days.toReversed().map((day) => [dayText(day.day), ...columns.map(({ id }) => count(countOf(day, id))), count(states.layers.reduce((sum, { id }) => sum + countOf(day, id), 0))]),
  };
  const words = (n: number) => {
    const day = days[n];
    return day ? `${weekdayText(day.day)}: ${beside(shown.map(({ id, name }) => `${name} ${count(countOf(day, id))}`))}` : "";
  };
  const here = at === null ? undefined : days[at];
  const told = here && layers.length > MANY_STATES ? shown.filter(({ id }) => countOf(here, id) > 0) : shown;
  const named = (size: Size) => layers.length > MOST_IN_HEAD && (quiet || size.width >= WIDE * letters);
  return (
    <Frame
      name="flow" title={c.flow.title} how={c.flow.how} table={table} class="chart-flow" quiet={quiet} empty={most === 0 ? c.empty.flow : undefined}
      aside={
        <>
          {most > 0 && layers.length <= MOST_IN_HEAD && <Legend layers={shown} point={setLit} />}
          {folds && !quiet && <button type="button" class="link-button flow-fold" onClick={() => setWanted(!folded)}>{folded ? c.flow.byState : c.flow.byCategory}</button>}
        </>
      }
    >
      <Plot
        least={layers.length > MOST_IN_HEAD && !quiet ? (layers.length + 3) * letters * 1.25 : undefined}
        over={(size) => {
          const { x, y } = scales(days, most, size, letters, named(size));
          return (
            <>
              {here && at !== null && (
                <Tip x={x(at)} width={size.width} title={weekdayText(here.day)} wide={told.length > MANY_STATES}>
                  <Legend layers={told} class={told.length > MANY_STATES ? "legend-columns" : ""} value={(id) => count(countOf(here, id))} />
                </Tip>
              )}
              {!quiet && <Walk label={c.flow.walk} count={days.length} at={at} set={setAt} words={words} from={x(0)} to={x(days.length - 1)} height={y(0)} />}
            </>
          );
        }}
        below={(size) => layers.length > MOST_IN_HEAD && !named(size) && <Legend layers={shown} class="legend-many" point={setLit} />}
      >
        {(size) => <Drawing flow={days} layers={layers} most={most} size={size} letters={letters} at={at} lit={lit} point={setLit} named={named(size)} />}
      </Plot>
    </Frame>
  );
}

function scales(flow: readonly FlowDay[], most: number, { width, height }: Size, letters: number, named: boolean) {
  const left = String(Math.ceil(most)).length * letters * 0.62 + letters;
  const right = named ? width - letters * (NAME + 2.6) : width - 1;
  const y = scaleLinear().domain([0, most]).nice(4).range([height - letters * 2.2, letters * 0.8]);
  const x = scaleLinear().domain([0, Math.max(1, flow.length - 1)]).range([left, right]);
  return { x, y, left, right };
}

interface DrawingProps {
  flow: readonly FlowDay[];
  layers: readonly Layer[];
  most: number;
  size: Size;
  letters: number;
  at: number | null;
  /** The layer that is pointed at: the others step back. */
  lit: string | null;
  point(id: string | null): void;
  /** Whether the names of the layers stand where they end. */
  named: boolean;
}

function Drawing({ flow, layers, most, size, letters, at, lit, point, named }: DrawingProps) {
  const { x, y, left, right } = scales(flow, most, size, letters, named);
  const stacks = stacked(layers.map(({ id }) => id), flow);
  const shape = area<[number, number]>().x((_, n) => x(n)).y0(([low]) => y(low)).y1(([, high]) => y(high));
  const edge = line<[number, number]>().x((_, n) => x(n)).y(([, high]) => y(high));
  return (
    <g aria-hidden="true">
      <Ticks y={y} left={left} right={right} letters={letters} />
      {stacks.map(({ id, edges }, n) => (
        <path
          key={id} class={`plot-moves flow-layer ${lit !== null && lit !== id ? "flow-dim" : ""}`} fill={layers[n]?.colour} d={shape(edges) ?? ""}
          style={{ d: `path("${shape(edges) ?? ""}")` }}
        />
      ))}
      {/* A line in the colour of the ground keeps neighbours of one colour apart. */}
      {stacks.slice(0, -1).map(({ id, edges }) => (
        <path key={id} class="plot-moves flow-edge" d={edge(edges) ?? ""} style={{ d: `path("${edge(edges) ?? ""}")` }} />
      ))}
      {named && <Names layers={layers} ends={stacks.map(({ edges }) => edges.at(-1) ?? [0, 0])} y={y} right={right} letters={letters} lit={lit} point={point} />}
      {labelled(flow.length, right - left, letters * 9).map((n, place, all) => (
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

interface NamesProps extends Pick<DrawingProps, "layers" | "letters" | "lit" | "point"> {
  /** The lower and the upper edge of each layer on the last day. */
  ends: readonly (readonly [number, number])[];
  y: { (value: number): number; range(): number[] };
  right: number;
}

/** The name of each layer beside where it ends, with a line from there where it had to make room. */
function Names({ layers, ends, y, right, letters, lit, point }: NamesProps) {
  const [foot = 0, top = 0] = y.range();
  const size = Math.min(letters, (foot - top) / layers.length / 1.15);
  const middles = ends.map(([low, high]) => y((low + high) / 2));
  // The uppermost first: what is in one place stays in that order.
  const places = apart(middles.toReversed(), size * 1.15, foot).toReversed();
  return (
    <>
      {layers.map(({ id, name, colour }, n) => {
        const [place = 0, middle = 0] = [places[n], middles[n]];
        return (
          <g key={id} class={`flow-name ${lit !== null && lit !== id ? "flow-dim" : ""}`} onPointerEnter={() => point(id)} onPointerLeave={() => point(null)}>
            <title>{name}</title>
            <polyline points={`${right + 1},${middle} ${right + letters * 1.9},${place}`} stroke={colour} />
            <text class="axis" x={right + letters * 2.2} y={place} dy=".35em" font-size={size}>{shortened(name, (NAME * letters) / size)}</text>
          </g>
        );
      })}
    </>
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
