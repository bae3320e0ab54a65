/** Bars that lie: who has how many tasks, and how full each state is. */
import type { Category } from "../api/types";
import { count } from "../app/text";
import { type Look, looks, StateRing } from "../parts/signs";
import { stateColours } from "./layers";
import { Frame } from "./parts";
import { FLOWING, MANY_STATES } from "./plot";
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
      name="workload" title={c.load.title} how={c.load.how} aside={people.length > 0 ? c.load.about : undefined} empty={people.length === 0 ? c.empty.load : undefined}
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

/** More rows than that are too small to be read from afar. */
const MOST_ON_WALL = 8;

interface Row {
  id: string;
  name: string;
  category: Category;
  look: Look | undefined;
  colour: string;
  n: number;
  limit: number | null;
}

const OVER: readonly Category[] = ["done", "cancelled"];

export function States({ figures, quiet = false }: { figures: Figures; quiet?: boolean }) {
  const look = looks(figures.states);
  const colour = stateColours(figures);
  const all: readonly Row[] = figures.states.map(({ id, name, category, count: n, wip_limit: limit }) => ({
    id, name, category, look: look.get(id), colour: colour.get(id) ?? "", n, limit,
  }));
  const { rows, left } = quiet ? fromAfar(figures, all) : { rows: all, left: 0 };
  // What is over may have grown for years: beside it what is under way would be nothing.
  const going = rows.filter(({ category }) => !OVER.includes(category));
  const most = Math.max(1, ...going.flatMap(({ n, limit }) => [n, limit ?? 0]));
  const many = !quiet && rows.length > MANY_STATES;
  return (
    <Frame
      name="states" title={c.states.title} how={c.states.how} quiet={quiet} class={many ? "chart-wide" : ""}
      aside={all.some(({ limit }) => limit !== null) ? c.states.about : undefined} empty={all.length === 0 ? c.empty.states : undefined}
      table={{
        head: [c.state, c.figures, c.limit],
        rows: (quiet ? all.filter(({ category }) => category !== "cancelled") : all).map(({ name, n, limit }) => [name, count(n), limit === null ? "–" : count(limit)]),
      }}
    >
      <div class={many ? "lying-halves" : ""} aria-hidden="true">
        {(many ? halves(rows) : [rows]).map((part, n) => (
          <div key={n} class="lying" style={{ "--rows": part.length + (left > 0 ? 1 : 0) }}>
            {part.map((row) => <Bar key={row.id} row={row} most={most} />)}
            {left > 0 && <p class="lying-more">{c.states.more(left)}</p>}
          </div>
        ))}
      </div>
    </Frame>
  );
}

function Bar({ row: { name, look, colour, n, limit }, most }: { row: Row; most: number }) {
  const over = limit === null ? 0 : Math.max(0, n - limit);
  const part = (share: number) => `${Math.min(100, (100 * share) / most)}%`;
  return (
    <div class="lying-row" title={over > 0 ? `${name}: ${c.states.over(over)}` : name}>
      <span class="lying-name lying-state"><StateRing look={look} /><span>{name}</span></span>
      <span class="lying-bar">
        {n > 0 && <span class="lying-part" data-beyond={n > most || undefined} style={{ width: part(n - over), background: colour }} />}
        {over > 0 && <span class="lying-part lying-over" style={{ width: part(over) }} />}
        {limit !== null && <span class="lying-limit" style={{ left: part(limit) }} />}
      </span>
      <span class={`lying-value ${over > 0 ? "lying-warn" : ""}`}>
        {count(n)}
        {limit !== null && <span class="quiet"> / {count(limit)}</span>}
      </span>
    </div>
  );
}

const halves = <T,>(list: readonly T[]): (readonly T[])[] => [list.slice(0, Math.ceil(list.length / 2)), list.slice(Math.ceil(list.length / 2))];

/**
 * What a wall has room for. What was cancelled is nothing to look at there; many states become categories, or where there
 * is only one of these, the fullest of them; `left` are left out.
 */
function fromAfar({ wip }: Figures, all: readonly Row[]): { rows: readonly Row[]; left: number } {
  const states = all.filter(({ category }) => category !== "cancelled");
  if (states.length <= MOST_ON_WALL) return { rows: states, left: 0 };
  const groups = FLOWING.toReversed().flatMap((category) => {
    const [first, ...rest] = states.filter((state) => state.category === category);
    if (first === undefined) return [];
    const n = rest.reduce((sum, one) => sum + one.n, first.n);
    return [{ ...first, id: category, name: c.categories[category], colour: `var(--${category})`, n, limit: category === "doing" ? wip.limit : null }];
  });
  if (groups.length > 1) return { rows: groups, left: 0 };
  const fullest = new Set([...states].sort((a, b) => b.n - a.n).slice(0, MOST_ON_WALL - 1));
  return { rows: states.filter((state) => fullest.has(state)), left: states.length - fullest.size };
}
