import { useEffect } from "preact/hooks";
import { Plus } from "lucide-preact";
import { explain } from "../app/problems";
import { follow, projectPath } from "../app/router";
import { loadProjects, projects, projectsFailure } from "../app/session";
import { t } from "../app/text";
import { ProjectTile } from "../parts/signs";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { projectColour } from "../app/colours";
import { askForProject } from "./new";

export function ProjectsScreen() {
  useEffect(() => {
    document.title = `${t.projects.title} · TaskHub`;
  }, []);
  const list = projects.value;
  return (
    <main class="page">
      <header class="bar">
        <h1 class="bar-title">{t.projects.title}</h1>
        {list && list.length > 0 && <NewButton />}
      </header>
      <StatusBanner />
      <div class="page-body">
        <Body />
      </div>
    </main>
  );
}

function NewButton() {
  return (
    <button type="button" class="button button-main" onClick={askForProject}>
      <Plus class="icon" aria-hidden="true" />
      {t.projects.create}
    </button>
  );
}

function Body() {
  const list = projects.value;
  const slow = useSlow(list === null && !projectsFailure.value);
  if (projectsFailure.value && !list) {
    return (
      <div class="empty" role="alert">
        <p>{explain(projectsFailure.value).text}</p>
        <button type="button" class="button" onClick={() => void loadProjects()}>{t.tryAgain}</button>
      </div>
    );
  }
  if (!list) return slow ? <div class="project-grid" aria-hidden="true">{[0, 1, 2].map((n) => <div key={n} class="project bone" />)}</div> : null;
  if (list.length === 0) {
    return (
      <div class="empty">
        <p>{t.projects.empty}</p>
        <NewButton />
      </div>
    );
  }
  return (
    <ul class="project-grid">
      {list.map((project) => (
        <li key={project.key}>
          <a class="project" href={projectPath(project.key)} onClick={(event) => follow(event, projectPath(project.key))}>
            <ProjectTile name={project.name} colour={projectColour(project.key)} size="large" />
            <span class="project-text">
              <span class="project-name">{project.name}</span>
              <span class="project-key">{project.key}</span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
