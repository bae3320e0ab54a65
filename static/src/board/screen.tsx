import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Plus } from "lucide-preact";
import { board, failure, states } from "../app/board";
import { names } from "../app/queue";
import { projectPath, stepTo } from "../app/router";
import { t } from "../app/text";
import { setTitle } from "../app/title";
import { hint, shortcuts } from "../keys/table";
import { lazily, over } from "../parts/lazy";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { Here, ProjectTrouble, useProject, Views } from "../shell/project";
import { birthState } from "./birth";
import { BoardView } from "./board";
import { composing } from "./composer";
import { FilterBar } from "./filter";
import { inView } from "./tabs";

/** Fetched as soon as somebody may be about to open a task. */
const TaskPanel = lazily(async () => (await import("../task/panel")).TaskPanel, over());

export function BoardScreen({ projectKey, task }: { projectKey: string; task: number | string | null }) {
  const name = useProject(projectKey);
  useEffect(() => {
    if (task === null) setTitle(name);
  }, [name, task]);
  const open = useComputed(() => board.value !== null).value;
  // A task that waited for its number has one: go on at its own address.
  const named = typeof task === "string" ? names.value.get(task) : undefined;
  useEffect(() => {
    if (named) stepTo(`${projectPath(projectKey)}/t/${named.slice(named.lastIndexOf("-") + 1)}`);
  }, [named]);
  return (
    <>
      <main class="page page-board" inert={task !== null} onPointerOver={TaskPanel.fetch} onTouchStart={TaskPanel.fetch} onFocusIn={TaskPanel.fetch}>
        <header class="bar">
          <h1 class="bar-title">{name}</h1>
          <Views projectKey={projectKey} />
          <Here />
          {open && <NewTask />}
        </header>
        <StatusBanner />
        {open && <FilterBar />}
        <Content projectKey={projectKey} />
      </main>
      {task !== null && <TaskPanel key={projectKey} projectKey={projectKey} number={task} />}
    </>
  );
}

function NewTask() {
  if (!useComputed(() => birthState() !== undefined).value) return null;
  const start = () => {
    const wide = matchMedia("(min-width: 721px)").matches;
    // On a phone the column one looks at is meant, where it takes new tasks.
    const here = wide ? undefined : states.value[inView.value];
    const button = here && document.querySelector<HTMLElement>(`[data-state="${CSS.escape(here.id)}"] .column-head > button:not([aria-haspopup]):enabled`);
    composing.value = button && here ? here.id : (birthState()?.id ?? null);
  };
  return (
    <button type="button" class="button button-main new-task" aria-label={t.newTask} title={hint("create")} aria-keyshortcuts={shortcuts("create")} onClick={start}>
      <Plus class="icon" aria-hidden="true" />
      <span class="new-task-text">{t.newTask}</span>
    </button>
  );
}

function Content({ projectKey }: { projectKey: string }) {
  const trouble = failure.value;
  const there = useComputed(() => board.value !== null).value;
  const slow = useSlow(!there && trouble === null);
  if (trouble) return <ProjectTrouble projectKey={projectKey} />;
  if (there) return <BoardView />;
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

