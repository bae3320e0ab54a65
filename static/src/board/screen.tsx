import { useEffect } from "preact/hooks";
import { Plus } from "lucide-preact";
import { board, failure, members, states } from "../app/board";
import { t } from "../app/text";
import { People } from "../parts/person";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { ProjectTrouble, useProject, Views } from "../shell/project";
import { fetchPanel, LazyPanel } from "../task/lazy";
import { birthState, BoardView } from "./board";
import { composing } from "./composer";
import { FilterBar } from "./filter";
import { inView } from "./tabs";

export function BoardScreen({ projectKey, task }: { projectKey: string; task: number | null }) {
  const name = useProject(projectKey);
  useEffect(() => {
    if (task === null) document.title = `${name} · TaskHub`;
  }, [name, task]);
  return (
    <>
      <main class="page page-board" inert={task !== null} onPointerOver={fetchPanel} onTouchStart={fetchPanel} onFocusIn={fetchPanel}>
        <header class="bar">
          <h1 class="bar-title">{name}</h1>
          <Views projectKey={projectKey} />
          <span class="bar-people"><People people={[...members.value.values()].filter((one) => !one.placeholder)} /></span>
          {board.value && birthState() && <NewTask />}
        </header>
        <StatusBanner />
        {board.value && <FilterBar />}
        <Content projectKey={projectKey} />
      </main>
      {task !== null && <LazyPanel key={projectKey} projectKey={projectKey} number={task} />}
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
  if (trouble) return <ProjectTrouble projectKey={projectKey} />;
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

