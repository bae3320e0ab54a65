/** How many tasks were done in each week. */
import { scaleBand, scaleLinear } from "d3-scale";
import { useState } from "preact/hooks";
import { count } from "../app/text";
import { dayText } from "./format";
import { Frame, Plot, type Size, Tip, Walk } from "./parts";
import { type Week, weeksOf } from "./plot";
import type { Figures } from "./shape";
import { c } from "./words";

const spanOf = ({ from, to }: Week) => c.range(dayText(from), dayText(to));

export function Throughput({ figures, letters = 12, quiet = false }: { figures: Figures; letters?: number; quiet?: boolean }) {
  const [at, setAt] = useState<number | null>(null);
  const weeks = weeksOf(figures.throughput);
  const most = Math.max(0, ...weeks.map(({ done }) => done));
  const here = at === null ? undefined : weeks[at];
  const scale = ({ width, height }: Size) => ({
    x: scaleBand<number>().domain(weeks.map((_, n) => n)).range([0, width]).paddingInner(0.4).paddingOuter(0.2),
    y: scaleLinear().domain([0, Math.max(1, most)]).range([height - letters * 2.2, letters * 1.8]),
  });
  return (
    <Frame
      name="throughput" title={c.throughput.title} how={c.throughput.how} quiet={quiet} aside={most > 0 ? c.throughput.weeks(weeks.length) : undefined} empty={most === 0 ? c.empty.throughput : undefined}
      table={{
        head: [c.from, c.to, c.done],
        rows: weeks.toReversed().map(({ from, to, done }) => [dayText(from), dayText(to), count(done)]),
      }}
    >
      <Plot
        over={(size) => {
          const { x } = scale(size);
          return (
            <>
              {here && at !== null && <Tip x={(x(at) ?? 0) + x.bandwidth() / 2} width={size.width} title={spanOf(here)}>{c.tasks(here.done)}</Tip>}
              {!quiet && (
                <Walk
                  label={c.throughput.walk} count={weeks.length} at={at} set={setAt} bands from={0} to={size.width} height={size.height}
                  words={(n) => (weeks[n] ? c.throughput.bar(spanOf(weeks[n]), weeks[n].done) : "")}
                />
              )}
            </>
          );
        }}
      >
        {(size) => {
          const { x, y } = scale(size);
          const last = weeks.length - 1;
          return (
            <g aria-hidden="true">
              {weeks.map(({ to, done }, n) => {
                const height = Math.max(done > 0 ? 2 : 0, y(0) - y(done));
                const left = x(n) ?? 0;
                return (
                  <g key={n}>
                    <rect
                      class={`plot-moves bar-week ${n === last ? "bar-now" : ""} ${n === at ? "bar-here" : ""}`} x={left} width={x.bandwidth()} rx={Math.min(4, height / 2)}
                      y={y(0) - height} height={height} style={{ y: `${y(0) - height}px`, height: `${height}px` }}
                    />
                    <text class="bar-value" x={left + x.bandwidth() / 2} y={y(done) - letters * 0.5} text-anchor="middle" font-size={letters}>{count(done)}</text>
                    {(n === 0 || n === last) && (
                      <text
                        class="axis" x={n === 0 ? left : left + x.bandwidth()} y={size.height - letters * 0.5} font-size={letters}
                        text-anchor={n === 0 ? "start" : "end"}
                      >
                        {n === last ? dayText(to) : dayText(weeks[0]?.from ?? to)}
                      </text>
                    )}
                  </g>
                );
              })}
              <line class="base-line" x1={0} x2={size.width} y1={Math.round(y(0)) + 0.5} y2={Math.round(y(0)) + 0.5} />
            </g>
          );
        }}
      </Plot>
    </Frame>
  );
}
