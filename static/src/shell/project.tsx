/** What the screens of one project share: its bar with the views as tabs, and what stands there when it can't be read. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ChartColumn, Columns3, Settings } from "lucide-preact";
import { failure, load, openProject, project } from "../app/board";
import { explain } from "../app/problems";
import { dashboardPath, follow, projectPath, route, settingsPath } from "../app/router";
import { projects, status } from "../app/session";
import { hint, type KeyId, shortcuts } from "../keys/table";
import { listOf, t } from "../app/text";
import { here } from "../board/present";
import type { Present } from "../live/presence";
import { People } from "../parts/person";

/** Follow a project while a screen of it is shown; its name, as far as it is known. */
export function useProject(key: string): string {
  useEffect(() => openProject(key), [key]);
  const live = status.value.kind === "live";
  // What failed for want of a line is tried again as soon as there is one.
  useEffect(() => {
    if (live && typeof failure.value === "object" && failure.value) void load(key);
  }, [live, key]);
  return project.value?.name ?? projects.value?.find((one) => one.key === key)?.name ?? key;
}

/** The views of a project; on a phone the others than this one, as signs. */
export function Views({ projectKey }: { projectKey: string }) {
  const { at } = route.value;
  // Of what is not there, there is nothing to view.
  if (failure.value === "missing" || failure.value === "gone") return null;
  return (
    <nav class="views" aria-label={t.settings.views}>
      <View to={projectPath(projectKey)} name={t.board} here={at === "board"} keys="board"><Columns3 class="icon" aria-hidden="true" /></View>
      <View to={dashboardPath(projectKey)} name={t.dashboard} here={at === "dashboard"} keys="dashboard"><ChartColumn class="icon" aria-hidden="true" /></View>
      <View to={settingsPath(projectKey, "general")} name={t.settings.title} here={at === "settings"}><Settings class="icon" aria-hidden="true" /></View>
    </nav>
  );
}

function View({ to, name, here, keys, children }: { to: string; name: string; here: boolean; keys?: KeyId; children: ComponentChildren }) {
  return (
    <a
      class="view" href={to} title={keys ? hint(keys) : name} aria-keyshortcuts={keys && shortcuts(keys)} aria-current={here ? "page" : undefined} onClick={(event) => follow(event, to)}
    >
      {children}
      <span class="view-name">{name}</span>
    </a>
  );
}

/** Who is here now. Before anybody is known to be, the place is empty rather than wrong. */
export function Here() {
  const people = here.value;
  if (people.length === 0) return null;
  const where = (one: Present) => (one.at.length > 0 ? t.work.atTask(listOf(one.at.map((at) => at.task))) : t.work.onBoard);
  return (
    <span class="bar-people" data-present={people.map((one) => one.id).join(" ")} title={people.map((one) => `${one.name} (${where(one)})`).join("\n")}>
      <span class="unseen">{t.work.hereNow(people.length)}: </span>
      <People people={people} />
    </span>
  );
}

/** Why there is no project to show; nothing while it is on its way or here. */
export function ProjectTrouble({ projectKey }: { projectKey: string }) {
  const trouble = failure.value;
  if (trouble === "missing" || trouble === "gone") {
    return (
      <div class="empty" role="alert">
        <p>{trouble === "gone" ? t.projectGone : t.projectMissing(projectKey)}</p>
        <a class="button" href="/" onClick={(event) => follow(event, "/")}>{t.toProjects}</a>
      </div>
    );
  }
  if (!trouble) return null;
  return (
    <div class="empty" role="alert">
      <p>{explain(trouble.error).text}</p>
      <button type="button" class="button" onClick={() => void load(projectKey)}>{t.tryAgain}</button>
    </div>
  );
}
