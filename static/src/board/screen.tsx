import { useEffect } from "preact/hooks";
import { Plus } from "lucide-preact";
import { board, failure, load, members, openProject, project, states } from "../app/board";
import { explain } from "../app/problems";
import { follow } from "../app/router";
import { projects, status } from "../app/session";
import { t } from "../app/text";
import { People } from "../parts/person";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { TaskPanel } from "../task/panel";
import { birthState, BoardView } from "./board";
import { composing } from "./composer";
import { FilterBar } from "./filter";
import { inView } from "./tabs";

export function BoardScreen({ projectKey, task }: { projectKey: string; task: number | null }) {
  useEffect(() => openProject(projectKey), [projectKey]);
  const name = project.value?.name ?? projects.value?.find((one) => one.key === projectKey)?.name ?? projectKey;
  useEffect(() => {
    if (task === null) document.title = `${name} · TaskHub`;
  }, [name, task]);
  const live = status.value.kind === "live";
  // What failed for want of a line is tried again as soon as there is one.
  useEffect(() => {
    if (live && typeof failure.value === "object" && failure.value) void load(projectKey);
  }, [live, projectKey]);
  return (
    <>
      <main class="page page-board" inert={task !== null}>
        <header class="bar">
          <h1 class="bar-title">{name}</h1>
          <span class="bar-people"><People people={[...members.value.values()].filter((one) => !one.placeholder)} /></span>
          {board.value && birthState() && <NewTask />}
        </header>
        <StatusBanner />
        {board.value && <FilterBar />}
        <Content projectKey={projectKey} />
      </main>
      {task !== null && <TaskPanel key={`${projectKey}-${task}`} projectKey={projectKey} number={task} />}
    </>
  );
}

function NewTask() {
  const start = () => {
    const wide = matchMedia("(min-width: 721px)").matches;
    // On a phone the column one looks at is meant, where it takes new tasks.
    const here = wide ? undefined : states.value[inView.value];
    const button = here && document.querySelector<HTMLElement>(`[data-state="${CSS.escape(here.id)}"] .column-head button:enabled`);
    composing.value = button && here ? here.id : (birthState()?.id ?? null);
  };
  return (
    <button type="button" class="button button-main new-task" aria-label={t.newTask} onClick={start}>
      <Plus class="icon" aria-hidden="true" />
      <span class="new-task-text">{t.newTask}</span>
    </button>
  );
}

function Content({ projectKey }: { projectKey: string }) {
  const trouble = failure.value;
  const slow = useSlow(board.value === null && trouble === null);
  if (trouble === "missing" || trouble === "gone") {
    return (
      <div class="empty" role="alert">
        <p>{trouble === "gone" ? t.projectGone : t.projectMissing(projectKey)}</p>
        <a class="button" href="/" onClick={(event) => follow(event, "/")}>{t.toProjects}</a>
      </div>
    );
  }
  if (trouble) {
    return (
      <div class="empty" role="alert">
        <p>{explain(trouble.error).text}</p>
        <button type="button" class="button" onClick={() => void load(projectKey)}>{t.tryAgain}</button>
      </div>
    );
  }
  if (board.value) return <BoardView />;
  return slow ? <Bones /> : null;
}

/** The shape of what comes. */
function Bones() {
  return (
    <div class="board" aria-hidden="true">
      {[4, 3, 3, 2].map((cards, column) => (
        <div key={column} class="column">
          <div class="column-head"><span class="bone bone-line" /></div>
          <div class="column-list">
            {Array.from({ length: cards }, (_, n) => (
              <div key={n} class="card bone-card"><span class="bone bone-short" /><span class="bone bone-line" /></div>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

