/** How long each task took from the first time in progress until done. */
import { scaleLinear } from "d3-scale";
import { useRef, useState } from "preact/hooks";
import { dayText, momentText, span, took } from "./format";
import { Frame, Plot, type Rows, type Size, Tip } from "./parts";
import { apart, nearest, topOf } from "./plot";
import { Ticks } from "./flow";
import type { CycleTask, Figures } from "./shape";
import { c } from "./words";

const DAY = 86_400_000;
const LINES = [["p95", 95], ["p85", 85], ["p50", 50]] as const;
/** How far from a point the pointer still means it, in pixels. */
const REACH = 22;

interface Props {
  figures: Figures;
  letters?: number;
  /** The address of a task, and how to go there; without them the points lead nowhere. */
  to?: ((ref: string) => string) | undefined;
  go?: ((event: MouseEvent | KeyboardEvent, to: string) => void) | undefined;
}

interface Point {
  task: CycleTask;
  x: number;
  y: number;
  above: boolean;
}

export function CycleTime({ figures, letters = 12, to, go }: Props) {
  const { cycle } = figures;
  const tasks = [...cycle.tasks].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const [, top = 1] = scaleLinear().domain([0, topOf(tasks.map(({ days }) => days), cycle.p95)]).nice(4).domain();
  const above = tasks.filter(({ days }) => days > top).length;
  const about = [
    cycle.of > tasks.length ? c.cycle.latest(tasks.length, cycle.of, cycle.days) : c.cycle.about(tasks.length, cycle.days),
    ...(above > 0 ? [`▲ ${c.cycle.above(above)}`] : []),
  ].join(" · ");
  // Nobody can see where the focus is on a link in a table that is not shown.
  const table = (shown: boolean): Rows => ({
    head: [c.task, c.done, c.cycle.took],
    rows: [
      ...LINES.toReversed().flatMap(([name, percent]) => {
        const value = cycle[name];
        return value === null ? [] : [[c.percentOf(percent), "", took(value)]];
      }),
      ...tasks.toReversed().map((task) => [
        shown && task.ref && to ? <a href={to(task.ref)} onClick={(event) => go?.(event, to(task.ref ?? ""))}>{nameOf(task)}</a> : nameOf(task),
        momentText(task.at), took(task.days),
      ]),
    ],
  });
  return (
    <Frame name="cycle" title={c.cycle.title} how={c.cycle.how} aside={tasks.length > 0 ? about : undefined} table={table} empty={tasks.length === 0 ? c.empty.cycle : undefined}>
      <Scatter figures={figures} tasks={tasks} top={top} letters={letters} to={to} go={go} />
    </Frame>
  );
}

const nameOf = ({ ref, title, at }: CycleTask): string => (ref ? `${ref} ${title ?? ""}`.trim() : dayText(at.slice(0, 10)));

function Scatter({ figures, tasks, top, letters, to, go }: Props & { tasks: readonly CycleTask[]; top: number; letters: number }) {
  const [at, setAt] = useState<number | null>(null);
  const [stop, setStop] = useState(tasks.length - 1);
  const group = useRef<SVGGElement>(null);
  const { cycle } = figures;
  const end = Date.parse(figures.at);
  const scales = ({ width, height }: Size) => {
    const left = letters * 3.4;
    const right = width - letters * 7.6;
    return {
      left, right,
      x: scaleLinear().domain([end - cycle.days * DAY, end]).range([left, right]).clamp(true),
      y: scaleLinear().domain([0, top]).range([height - letters * 2.2, letters * 1.4]),
    };
  };
  const points = (size: Size): Point[] => {
    const { x, y } = scales(size);
    return tasks.map((task) => ({ task, x: x(Date.parse(task.at)), y: y(Math.min(task.days, top)), above: task.days > top }));
  };
  const walk = (event: KeyboardEvent, from: number) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -from, End: tasks.length - 1 - from }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(tasks.length - 1, from + step));
    setStop(next);
    group.current?.querySelectorAll<SVGAElement>(".point")[next]?.focus();
  };
  const here = at === null ? undefined : tasks[at];
  const hereStop = Math.max(0, Math.min(stop, tasks.length - 1));
  return (
    <Plot
      over={(size) => {
        const point = at === null ? undefined : points(size)[at];
        return (
          here && point && (
            <Tip x={point.x} y={Math.min(point.y + 8, size.height - 64)} width={size.width} title={here.ref ?? took(here.days)}>
              {here.title && <span class="tip-title">{here.title}</span>}
              <span>{c.cycle.unnamed(took(here.days), momentText(here.at))}</span>
            </Tip>
          )
        );
      }}
    >
      {(size) => {
        const { y, left, right } = scales(size);
        const all = points(size);
        const lines = LINES.flatMap(([name, percent]) => {
          const value = cycle[name];
          return value === null ? [] : [{ name, value, text: c.cycle.line(percent, took(value)), y: y(Math.min(value, top)) }];
        });
        const labels = apart(lines.map((one) => one.y), letters * 1.4, y(0));
        const reach = (event: PointerEvent | MouseEvent) => {
          const box = (event.currentTarget as Element).closest("svg")?.getBoundingClientRect();
          return box ? nearest(all, event.clientX - box.left, event.clientY - box.top, REACH) : null;
        };
        return (
          <>
            <g aria-hidden="true">
              <Ticks y={y} left={left} right={right} letters={letters} text={span} />
              {lines.map((one, n) => (
                <g key={one.name} class={`percent percent-${one.name}`}>
                  <line x1={left} x2={right} y1={one.y} y2={one.y} class="plot-line" />
                  <polyline points={`${right},${one.y} ${right + letters * 0.5},${labels[n] ?? one.y}`} />
                  <text class="percent-label" x={right + letters * 0.8} y={labels[n] ?? one.y} dy=".35em" font-size={letters}>{one.text}</text>
                </g>
              ))}
              <text class="axis" x={left} y={size.height - letters * 0.5} font-size={letters}>{dayText(new Date(end - cycle.days * DAY).toISOString().slice(0, 10))}</text>
              <text class="axis" x={right} y={size.height - letters * 0.5} font-size={letters} text-anchor="end">{dayText(new Date(end).toISOString().slice(0, 10))}</text>
              <rect
                class="reach" x={left - 8} y={0} width={right - left + 16} height={size.height - letters * 2}
                onPointerMove={(event) => setAt(reach(event))} onPointerLeave={() => setAt(null)}
                onClick={(event) => {
                  const found = reach(event);
                  const ref = found === null ? null : tasks[found]?.ref;
                  // A finger has nothing to hover with: its first tap shows what the point is, the second opens it.
                  const touched = "pointerType" in event && event.pointerType === "touch";
                  if (ref && to && (!touched || found === at)) go?.(event, to(ref));
                  else setAt(found);
                }}
              />
            </g>
            <g ref={group} class="points" role={to ? "group" : undefined} aria-label={to ? c.cycle.points : undefined} aria-hidden={to ? undefined : "true"}>
              {all.map(({ task, x: cx, y: cy, above: over }, n) => {
                const mark = over
                  ? <path class="dot" d={`M${cx - 4.5} ${cy + 3.5} h9 l-4.5 -8 z`} />
                  : <circle class="dot plot-dot" cx={cx} cy={cy} r={letters / 3} style={{ cx: `${cx}px`, cy: `${cy}px` }} />;
                const ref = task.ref;
                if (!to || !ref) return <g key={ref ?? n}>{mark}</g>;
                return (
                  <a
                    key={ref} class={`point ${n === at ? "point-here" : ""}`} href={to(ref)} tabindex={n === hereStop ? 0 : -1}
                    aria-label={c.cycle.point(ref, task.title ?? "", took(task.days), momentText(task.at))}
                    onFocus={() => {
                      setStop(n);
                      setAt(n);
                    }}
                    onBlur={() => setAt(null)} onKeyDown={(event) => walk(event, n)} onClick={(event) => go?.(event, to(ref))}
                  >
                    {mark}
                  </a>
                );
              })}
            </g>
          </>
        );
      }}
    </Plot>
  );
}
