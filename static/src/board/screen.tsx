import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { board, failure } from "../app/board";
import { names } from "../app/answered";
import { projectPath, stepTo } from "../app/router";
import { setTitle } from "../app/title";
import { lazily, over } from "../parts/lazy";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { Here, ProjectTrouble, useProject, Views } from "../shell/project";
import { BoardView } from "./board";
import { FilterBar } from "./filter";
import { NewTask } from "./new";

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
          {open && <NewTask projectKey={projectKey} />}
        </header>
        <StatusBanner />
        {open && <FilterBar />}
        <Content projectKey={projectKey} />
      </main>
      {task !== null && <TaskPanel key={projectKey} projectKey={projectKey} number={task} />}
    </>
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

