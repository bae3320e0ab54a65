/** The four figures at the top. */
import type { ComponentChildren } from "preact";
import { count } from "../app/text";
import { dayText, difference, spanDifference, took } from "./format";
import { Info, Moving } from "./parts";
import type { Figures } from "./shape";
import { c } from "./words";

export function Tiles({ figures, quiet = false }: { figures: Figures; quiet?: boolean }) {
  const { wip, week, cycle, forecast } = figures;
  const over = wip.limit !== null && wip.count > wip.limit;
  const more = week.mean === null ? null : week.done - week.mean;
  const longer = cycle.p85 !== null && cycle.recent.p85 !== null && cycle.before.p85 !== null ? cycle.recent.p85 - cycle.before.p85 : null;
  return (
    <dl class="tiles">
      <Tile name="wip" title={c.wip.title} how={c.wip.how} quiet={quiet} note={over ? <span class="worse">{c.wip.over(wip.count - (wip.limit ?? 0))}</span> : wip.limit === null ? c.wip.noLimit : c.wip.against}>
        <Moving>{count(wip.count)}</Moving>
        {wip.limit !== null && <span class="tile-of"> / {count(wip.limit)}</span>}
      </Tile>
      <Tile name="week" title={c.thisWeek.title} how={c.thisWeek.how} quiet={quiet} note={more === null ? c.thisWeek.first : <Change by={more} figure={difference(more)} words={(figure) => c.thisWeek.mean(figure, week.weeks)} same={c.thisWeek.same} better={more > 0} />}>
        <Moving>{count(week.done)}</Moving>
      </Tile>
      <Tile
        name="cycle" title={c.p85.title} how={c.p85.how} quiet={quiet}
        note={cycle.p85 === null ? (cycle.without > 0 ? c.p85.without : week.mean === null ? c.p85.none : c.p85.noneLately) : longer === null ? c.p85.alone(cycle.of) : <Change by={longer} figure={spanDifference(longer)} words={c.p85.delta} same={c.p85.same} better={longer < 0} />}
      >
        <Moving>{cycle.p85 === null ? "–" : took(cycle.p85)}</Moving>
      </Tile>
      <Tile
        name="forecast" title={forecast.open === 0 ? c.forecast.title : c.doneBy.title(forecast.open)} how={c.doneBy.how} quiet={quiet}
        note={forecast.open === 0 ? c.doneBy.nothing : forecast.p50 === null ? c.doneBy.none[forecast.reason === "too_far" ? "far" : "never"] : c.doneBy.sure(dayText(forecast.p50), forecast.p85 !== null)}
      >
        <Moving>{forecast.p85 === null ? "–" : dayText(forecast.p85)}</Moving>
      </Tile>
    </dl>
  );
}

interface TileProps {
  name: string;
  title: string;
  how: string;
  note: ComponentChildren;
  quiet: boolean;
  children: ComponentChildren;
}

function Tile({ name, title, how, note, quiet, children }: TileProps) {
  return (
    <div class="tile-figure" data-figure={name}>
      <dt>{title}{!quiet && <Info about={title} how={how} />}</dt>
      <dd class="tile-value">{children}</dd>
      <dd class="tile-note">{note}</dd>
    </div>
  );
}

interface ChangeProps {
  by: number;
  figure: string;
  words(figure: string): string;
  same: string;
  better: boolean;
}

/** A difference, in words that have it in them; its sign says whether it is good news. */
function Change({ by, figure, words, same, better }: ChangeProps) {
  if (Math.abs(by) < 0.05) return <>{same}</>;
  const [before, after] = words(figure).split(figure);
  return <>{before}<b class={better ? "better" : "worse"}>{figure}</b>{after}</>;
}
