/** Bars that lie: who has how many tasks, and how full each state is. */
import { looks, StateRing } from "../parts/signs";
import { count } from "../app/text";
import { stateColours } from "./flow";
import { Frame } from "./parts";
import type { Figures } from "./shape";
import { c } from "./words";

/** More people than that are in the table alone. */
const MOST = 8;

export function Workload({ figures }: { figures: Figures }) {
  const people = figures.people.filter(({ open }) => open > 0).map((one) => ({
    ...one,
    name: one.id === null ? c.load.nobody : (one.name ?? ""),
  }));
  const shown = people.slice(0, MOST);
  const most = Math.max(1, ...shown.map(({ open }) => open));
  const parts = [
    { id: "doing", name: c.load.doing, colour: "var(--doing)" },
    { id: "todo", name: c.load.todo, colour: "var(--todo)" },
    { id: "backlog", name: c.load.backlog, colour: "color-mix(in oklab, var(--backlog) 45%, var(--surface))" },
  ] as const;
  return (
    <Frame
      name="workload" title={c.load.title} how={c.load.how} aside={c.load.about} empty={people.length === 0 ? c.empty.load : undefined}
      table={{
        head: [c.person, ...parts.map(({ name }) => name), c.open],
        rows: people.map((one) => [one.name, ...parts.map(({ id }) => count(one[id])), count(one.open)]),
      }}
    >
      <div class="lying" aria-hidden="true">
        <ul class="legend">
          {parts.map(({ id, name, colour }) => <li key={id}><span class="legend-sign" style={{ background: colour }} />{name}</li>)}
        </ul>
        {shown.map((one) => (
          <div key={one.id ?? ""} class="lying-row" title={c.load.has(one.doing, one.todo, one.backlog)}>
            <span class={`lying-name ${one.id === null ? "quiet" : ""}`}>{one.name}</span>
            <span class="lying-bar">
              {parts.map(({ id, colour }) => one[id] > 0 && <span key={id} class="lying-part" style={{ width: `${(100 * one[id]) / most}%`, background: colour }} />)}
            </span>
            <span class="lying-value">{count(one.open)}</span>
          </div>
        ))}
        {people.length > shown.length && <p class="lying-more">{c.load.more(people.length - shown.length)}</p>}
      </div>
    </Frame>
  );
}

export function States({ figures, quiet = false }: { figures: Figures; quiet?: boolean }) {
  // A wall is read from afar: what was cancelled is nothing to look at there.
  const states = figures.states.filter(({ category }) => !quiet || category !== "cancelled");
  const look = looks(states);
  const colour = stateColours(figures.states);
  // What is over may have grown for years: beside it what is under way would be nothing.
  const going = states.filter(({ category }) => category !== "done" && category !== "cancelled");
  const most = Math.max(1, ...going.flatMap(({ count: n, wip_limit }) => [n, wip_limit ?? 0]));
  const part = (n: number) => `${Math.min(100, (100 * n) / most)}%`;
  return (
    <Frame
      name="states" title={c.states.title} how={c.states.how} quiet={quiet} aside={c.states.about} empty={states.length === 0 ? c.empty.states : undefined}
      table={{
        head: [c.state, c.figures, c.limit],
        rows: states.map(({ name, count: n, wip_limit }) => [name, count(n), wip_limit === null ? "–" : count(wip_limit)]),
      }}
    >
      <div class="lying" aria-hidden="true" style={{ "--rows": states.length }}>
        {states.map(({ id, name, count: n, wip_limit }) => {
          const over = wip_limit === null ? 0 : Math.max(0, n - wip_limit);
          return (
            <div key={id} class="lying-row" title={over > 0 ? c.states.over(over) : undefined}>
              <span class="lying-name lying-state"><StateRing look={look.get(id)} /><span>{name}</span></span>
              <span class="lying-bar">
                {n > 0 && <span class="lying-part" data-beyond={n > most || undefined} style={{ width: part(n - over), background: colour.get(id) ?? "" }} />}
                {over > 0 && <span class="lying-part lying-over" style={{ width: part(over) }} />}
                {wip_limit !== null && <span class="lying-limit" style={{ left: part(wip_limit) }} />}
              </span>
              <span class={`lying-value ${over > 0 ? "lying-warn" : ""}`}>
                {count(n)}
                {wip_limit !== null && <span class="quiet"> / {count(wip_limit)}</span>}
              </span>
            </div>
          );
        })}
      </div>
    </Frame>
  );
}
