import "../styles/charts.css";
import "../styles/wall.css";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Maximize } from "lucide-preact";
import { minute } from "../app/clock";
import { timeOfDay } from "../app/text";
import { States } from "../charts/bars";
import { Flow } from "../charts/flow";
import { momentText, took } from "../charts/format";
import type { Figures } from "../charts/shape";
import { Throughput } from "../charts/throughput";
import { Tiles } from "../charts/tiles";
import { c } from "../charts/words";
import { Mark } from "../parts/signs";
import { fit, keepAwake, now, pixel, seen, watchWall } from "./source";

export function Wall({ secret }: { secret: string }) {
  useEffect(() => watchWall(secret), [secret]);
  useEffect(fit, []);
  useEffect(keepAwake, []);
  const here = seen.value;
  const name = here?.project.name;
  useEffect(() => {
    document.title = name === undefined ? "TaskHub" : `${c.wall.title(name)} · TaskHub`;
  }, [name]);
  if (now.value.kind === "over") {
    return (
      <main class="wall wall-empty" style={{ "--u": `${pixel.value}px` }}>
        <h1>{c.wall.gone}</h1>
        <p>{c.wall.goneText}</p>
      </main>
    );
  }
  return (
    <main class="wall" style={{ "--u": `${pixel.value}px` }} data-seq={here?.seq}>
      <header class="wall-head">
        <Mark />
        <h1>{name ?? "TaskHub"}</h1>
        <State />
        <FullScreen />
      </header>
      {here && (
        <>
          <Tiles figures={here} quiet />
          <div class="wall-charts">
            <div class="wall-main">
              <Flow figures={here} letters={16 * pixel.value} quiet />
              <Lately figures={here} />
            </div>
            <States figures={here} quiet />
            <Throughput figures={here} letters={16 * pixel.value} quiet />
          </div>
        </>
      )}
    </main>
  );
}

/** How many of the tasks that were done last there is room for. */
const LATELY = 3;

/** What was done last, by its title, where an owner of the project wants titles here: else none came. */
function Lately({ figures }: { figures: Figures }) {
  const tasks = figures.cycle.tasks.filter(({ title }) => title).slice(-LATELY).toReversed();
  if (tasks.length === 0) return null;
  return (
    <section class="chart lately" aria-labelledby="lately">
      <header class="chart-head"><h2 id="lately">{c.wall.lately}</h2></header>
      <ul>
        {tasks.map(({ ref, title, at, days }) => (
          <li key={ref}>
            <span class="lately-ref">{ref}</span>
            <span class="lately-title">{title}</span>
            <span class="lately-when">{c.cycle.unnamed(took(days), momentText(at))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function State() {
  const state = now.value;
  const lost = state.kind === "lost";
  void minute.value;
  return (
    <p class={`wall-state ${lost ? "wall-lost" : ""}`} role="status" data-following={state.kind}>
      <span class={`chip-dot chip-${lost ? "offline" : state.kind}`} aria-hidden="true" />
      {lost ? c.wall.lost(timeOfDay(state.since)) : state.kind === "live" ? timeOfDay(minute.value) : c.wall.waiting}
    </p>
  );
}

/** A mouse that is moved wants something: then there is a button. */
function FullScreen() {
  const stirred = useSignal(false);
  const shown = useComputed(() => stirred.value).value;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stir = () => {
      stirred.value = document.fullscreenElement === null;
      clearTimeout(timer);
      timer = setTimeout(() => (stirred.value = false), 3_000);
    };
    addEventListener("pointermove", stir);
    addEventListener("keydown", stir);
    return () => {
      clearTimeout(timer);
      removeEventListener("pointermove", stir);
      removeEventListener("keydown", stir);
    };
  }, []);
  if (!document.fullscreenEnabled) return null;
  return (
    <button type="button" class={`button wall-full ${shown ? "wall-full-shown" : ""}`} onClick={() => void document.documentElement.requestFullscreen()}>
      <Maximize class="icon" aria-hidden="true" />
      {c.wall.fullScreen}
    </button>
  );
}
