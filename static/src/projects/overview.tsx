import "../styles/places.css";
import { useEffect, useState } from "preact/hooks";
import { Clock, Plus, Upload } from "lucide-preact";
import type { ShortFigures } from "../api/generated";
import type { ProjectSummary } from "../api/types";
import { minute } from "../app/clock";
import { projectColour } from "../app/colours";
import { summaries, watchMine } from "../app/mine";
import { follow, projectPath } from "../app/router";
import { ago, count, t } from "../app/text";
import { dayText, difference, took } from "../charts/format";
import { setTitle } from "../app/title";
import { inPage, lazily } from "../parts/lazy";
import { ProjectTile } from "../parts/signs";
import { WhenRead } from "../mine/read";
import { StatusBanner } from "../shell/chip";
import { sums } from "../store/mine";
import { shortName } from "../store/people";
import { askForProject } from "./ask";
import { standings, watchStandings } from "./standings";

const FirstRun = lazily(async () => {
  const [{ FirstRun: Part }, { loadImportWords }] = await Promise.all([import("./first"), import("./words")]);
  await loadImportWords();
  return Part;
}, inPage);

/** How all of my projects stand. Who has none yet gets something to begin with. */
export function OverviewScreen() {
  useEffect(watchMine, []);
  useEffect(watchStandings, []);
  useEffect(() => {
    setTitle(t.places.overview);
  }, []);
  return (
    <main class="page">
      <header class="bar">
        <h1 class="bar-title">{t.places.overview}</h1>
        {summaries.value.length > 0 && (
          <>
            <a class="button bar-quiet" href="/import" title={t.places.importTitle} onClick={(event) => follow(event, "/import")}>
              <Upload class="icon" aria-hidden="true" />
              <span class="bar-quiet-text">{t.places.import}</span>
            </a>
            <button type="button" class="button button-main" onClick={askForProject}>
              <Plus class="icon" aria-hidden="true" />
              {t.projects.create}
            </button>
          </>
        )}
      </header>
      <StatusBanner />
      <div class="page-body">
        <WhenRead bones={bones} shown={Projects} />
      </div>
    </main>
  );
}

const bones = () => <div class="overview-grid" aria-hidden="true">{[0, 1, 2].map((n) => <div key={n} class="overview-bone bone" />)}</div>;

function Projects() {
  const list = summaries.value;
  // What somebody brings along becomes a project before all of it is here: what came of it is still to be read.
  const [bringing, setBringing] = useState(false);
  if (list.length === 0 || bringing) return <FirstRun alone={list.length > 0} bringing={setBringing} />;
  return (
    <div class="overview">
      <Figures list={list} />
      <ul class="overview-grid">
        {list.map((summary) => (
          <li key={summary.key}><ProjectCard summary={summary} /></li>
        ))}
      </ul>
    </div>
  );
}

function Figures({ list }: { list: readonly ProjectSummary[] }) {
  const total = (of: (summary: ProjectSummary) => number) => list.reduce((sum, one) => sum + of(one), 0);
  const late = total((one) => one.late);
  const own = total((one) => one.mine);
  return (
    <dl class="figures">
      <Figure name={t.places.toDo} value={total((one) => sums(one).open)} />
      <Figure name={t.places.doing} value={total((one) => sums(one).doing)} />
      <Figure name={t.places.late} value={late} bad={late > 0} />
      <div class="figure">
        <dt>{t.places.mine}</dt>
        <dd><a class="figure-value" href="/mine" aria-label={`${count(own)} ${t.places.mine}`} onClick={(event) => follow(event, "/mine")}>{count(own)}</a></dd>
      </div>
    </dl>
  );
}

function Figure({ name, value, bad = false }: { name: string; value: number; bad?: boolean }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd class={`figure-value ${bad ? "figure-bad" : ""}`}>{count(value)}</dd>
    </div>
  );
}

function ProjectCard({ summary }: { summary: ProjectSummary }) {
  const { open, doing, done } = sums(summary);
  const whole = open + doing + done;
  const figures = standings.value.get(summary.key) ?? summary.figures;
  const { limit } = figures.wip;
  const path = projectPath(summary.key);
  void minute.value;
  return (
    <a class="project" href={path} data-key={summary.key} onClick={(event) => follow(event, path)}>
      <span class="project-head">
        <ProjectTile name={summary.name} colour={projectColour(summary.key)} size="large" />
        <span class="project-text">
          <span class="project-name">{summary.name} </span>
          <span class="project-key">{summary.key} </span>
        </span>
      </span>
      <span class="spread" aria-hidden="true">
        {whole > 0 &&
          Object.entries({ todo: open, doing, done }).map(
            ([category, share]) => share > 0 && <span key={category} style={{ flexGrow: share, background: `var(--${category})` }} />,
          )}
      </span>
      <span class="project-counts">
        <span class="dot-todo"><b>{count(open)}</b> {t.places.toDoWord(open)} </span>
        <span class="dot-doing"><b class={limit !== null && doing > limit ? "fact-late" : ""}>{count(doing)}</b>{limit !== null && ` / ${count(limit)}`} {t.places.doingWord(doing)} </span>
        <span class="dot-done"><b>{count(done)}</b> {t.places.doneWord(done)} </span>
      </span>
      <Short figures={figures} />
      <span class="project-foot">
        {summary.late > 0 && <span class="fact-late">{t.places.lateWord(summary.late)} </span>}
        {summary.mine > 0 && <span>{t.places.mineWord(summary.mine)} </span>}
        {summary.active_at && (
          <span class="fact project-active">
            <Clock class="icon" aria-hidden="true" />
            {summary.active_by ? t.places.active(shortName(summary.active_by), ago(summary.active_at)) : ago(summary.active_at)}
          </span>
        )}
      </span>
    </a>
  );
}

/** What the dashboard says at its top, in a line. */
function Short({ figures: { week, p85, forecast } }: { figures: ShortFigures }) {
  const more = week.mean === null ? 0 : Math.round((week.done - week.mean) * 10) / 10;
  return (
    <dl class="short">
      <div title={week.mean === null ? undefined : t.places.weekMore(difference(more))}>
        <dt>{t.places.week}</dt>
        <dd>{count(week.done)}{more !== 0 && <span class={more > 0 ? "short-more" : "short-less"}> {difference(more)}</span>}</dd>
      </div>
      <div>
        <dt>{t.places.cycle}</dt>
        <dd>{p85 === null ? "–" : took(p85)}</dd>
      </div>
      <div>
        <dt>{t.places.doneBy}</dt>
        <dd>{forecast.p85 === null ? "–" : dayText(forecast.p85)}</dd>
      </div>
    </dl>
  );
}
