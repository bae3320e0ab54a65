/** When the open tasks will be done, and how sure that is. */
import { daysBetween } from "./days";
import { dayText, weekdayText } from "./format";
import { Frame } from "./parts";
import { reasonOf } from "./reasons";
import type { Figures } from "./shape";
import { c } from "./words";

const STEPS = { no: 0, little: 1, fair: 2, good: 3 } as const;

export function ForecastChart({ figures }: { figures: Figures }) {
  const { forecast, at } = figures;
  const today = at.slice(0, 10);
  const ends = ([["p50", 50], ["p85", 85], ["p95", 95]] as const).map(([name, percent]) => {
    const day = forecast[name];
    return { percent, day, days: day === null ? null : Math.max(0, daysBetween(today, day)) };
  });
  const most = Math.max(1, ...ends.map(({ days }) => days ?? 0));
  const step = STEPS[forecast.sure];
  const none = forecast.p50 === null ? reasonOf(forecast) : undefined;
  return (
    <Frame
      name="forecast" title={c.forecast.title} how={c.forecast.how} aside={forecast.open > 0 ? c.forecast.open(forecast.open) : undefined} empty={none}
      table={{
        head: [c.forecast.percent, c.forecast.by],
        rows: ends.map(({ percent, day }) => [c.percentOf(percent), day === null ? c.forecast.beyond : weekdayText(day)]),
      }}
    >
      <div class="lying lying-forecast" aria-hidden="true">
        {ends.map(({ percent, day, days }) => (
          <div key={percent} class="lying-row">
            <span class="lying-name">{c.percentOf(percent)}</span>
            <span class="lying-bar"><span class={`lying-part ends-${percent}`} data-beyond={days === null || undefined} style={{ width: `${days === null ? 100 : Math.max(1, (100 * days) / most)}%` }} /></span>
            <span class="lying-value lying-day"><b>{day === null ? c.forecast.beyond : dayText(day)}</b>{days !== null && <span class="quiet"> {c.forecast.inDays(days)}</span>}</span>
          </div>
        ))}
      </div>
      <p class="sure" data-sure={forecast.sure}>
        <span class="sure-steps" aria-hidden="true">{[1, 2, 3].map((n) => <span key={n} class={n <= step ? "sure-on" : ""} />)}</span>
        <span><b>{c.forecast.sureIs(c.forecast.sure[forecast.sure])}</b> {reasonOf(forecast)}</span>
      </p>
    </Frame>
  );
}
