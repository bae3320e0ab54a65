import "../styles/charts.css";
import "../styles/dashboard.css";
import { useEffect } from "preact/hooks";
import { failure, project } from "../app/board";
import { follow, go, taskPath } from "../app/router";
import { timeOfDay } from "../app/text";
import { setTitle } from "../app/title";
import { States, Workload } from "../charts/bars";
import { CycleTime } from "../charts/cycle";
import { Flow } from "../charts/flow";
import { ForecastChart } from "../charts/forecast";
import { momentText } from "../charts/format";
import type { Figures } from "../charts/shape";
import { Throughput } from "../charts/throughput";
import { Tiles } from "../charts/tiles";
import { c } from "../charts/words";
import { NewTask } from "../board/new";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { Here, ProjectTrouble, useProject, Views } from "../shell/project";
import { following, seen, watchFigures } from "./source";

export function DashboardScreen({ projectKey }: { projectKey: string }) {
  const name = useProject(projectKey);
  useEffect(() => {
    setTitle(c.title, name);
  }, [name]);
  useEffect(() => watchFigures(projectKey), [projectKey]);
  return (
    <main class="page page-dashboard">
      <header class="bar">
        <h1 class="bar-title">{name}</h1>
        <Views projectKey={projectKey} />
        <Here />
        <NewTask projectKey={projectKey} elsewhere />
      </header>
      <StatusBanner />
      <div class="page-body">
        <Body projectKey={projectKey} />
      </div>
    </main>
  );
}

function Body({ projectKey }: { projectKey: string }) {
  const here = seen.value?.key === projectKey ? seen.value : null;
  const now = following.value;
  const slow = useSlow(here === null);
  if (here) {
    return (
      <div class="dash" data-seq={here.figures.seq}>
        <p class="dash-line">
          <span>{c.utc}</span>
          <span class="dash-printed">{c.wall.asOf(momentText(here.figures.at))}</span>
          <State at={here.at} />
        </p>
        <Charts figures={here.figures} />
      </div>
    );
  }
  if (failure.value === "missing" || failure.value === "gone") return <ProjectTrouble projectKey={projectKey} />;
  if (now.kind === "over") return <div class="empty" role="alert"><p>{c.goneText}</p></div>;
  if (now.kind === "lost") return <div class="empty" role="status"><p>{c.notYet}</p></div>;
  return slow ? <Bones /> : null;
}

function Charts({ figures }: { figures: Figures }) {
  const key = project.value?.key ?? seen.value?.key ?? "";
  const to = (ref: string) => taskPath(key, Number(ref.slice(ref.lastIndexOf("-") + 1)));
  const open = (event: MouseEvent | KeyboardEvent, path: string) => (event instanceof MouseEvent && event.type === "click" ? follow(event, path) : go(path));
  return (
    <>
      <Tiles figures={figures} />
      <div class="charts">
        <Flow figures={figures} />
        <Throughput figures={figures} />
        <CycleTime figures={figures} to={to} go={open} />
        <Workload figures={figures} />
        <ForecastChart figures={figures} />
        <States figures={figures} />
      </div>
    </>
  );
}

/** Whether the figures are those of now; if not, of when. */
function State({ at }: { at: number }) {
  const now = following.value;
  const time = timeOfDay(at);
  const words = {
    live: c.status.live,
    connecting: c.status.connecting,
    lost: c.status.lost(time),
    over: now.kind === "over" && now.why === "signed_out" ? c.status.signedOut(time) : c.status.gone(time),
  }[now.kind];
  return (
    <span class={`dash-state chip-${now.kind === "live" ? "live" : now.kind === "connecting" ? "connecting" : "offline"}`} role="status" data-following={now.kind}>
      <span class="chip-dot" aria-hidden="true" />
      {words}
    </span>
  );
}

/** The shape of what comes. */
function Bones() {
  return (
    <div class="dash" aria-hidden="true">
      <p class="dash-line" />
      <div class="tiles">{[0, 1, 2, 3].map((n) => <div key={n} class="tile-figure tile-bone"><span class="bone bone-line" /><span class="bone bone-title" /></div>)}</div>
      <div class="charts">{[0, 1, 2, 3].map((n) => <div key={n} class="chart chart-bone"><span class="bone bone-line" /></div>)}</div>
    </div>
  );
}
