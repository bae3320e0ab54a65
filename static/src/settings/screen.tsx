import "../styles/settings.css";
import "../styles/workflow.css";
import { useEffect } from "preact/hooks";
import { board, failure, onEvents } from "../app/board";
import { mention } from "../app/notices";
import { inShort } from "../app/others";
import { follow, type SettingsTab, SETTINGS_TABS, settingsPath } from "../app/router";
import { me, status } from "../app/session";
import { t } from "../app/text";
import { setTitle } from "../app/title";
import { useSlow } from "../parts/waiting";
import { StatusBanner } from "../shell/chip";
import { Here, ProjectTrouble, useProject, Views } from "../shell/project";
import { shortName } from "../store/people";
import { General } from "./general";
import { Labels } from "./labels";
import { Members } from "./members";
import { s } from "./words";
import { dirty } from "./workflow/desk";
import { LeaveGuard } from "./workflow/leave";
import { WorkflowEditor } from "./workflow/editor";

const TABS = { general: General, members: Members, labels: Labels, workflow: WorkflowEditor };

export function SettingsScreen({ projectKey, tab }: { projectKey: string; tab: SettingsTab }) {
  const name = useProject(projectKey);
  useEffect(() => {
    setTitle(t.settings.tabs[tab], name);
  }, [name, tab]);
  useEffect(tellOfOthers, []);
  const Tab = TABS[tab];
  return (
    <main class="page page-settings">
      <header class="bar">
        <h1 class="bar-title">{name}</h1>
        <Views projectKey={projectKey} />
        <Here />
      </header>
      <StatusBanner />
      <nav class="settings-tabs" aria-label={s.tabsLabel}>
        {SETTINGS_TABS.map((id) => (
          <a
            key={id} class="settings-tab" href={settingsPath(projectKey, id)} aria-current={id === tab ? "page" : undefined}
            onClick={(event) => follow(event, settingsPath(projectKey, id))}
          >
            {t.settings.tabs[id]}
            {id === "workflow" && dirty.value && <span class="settings-mark"><span class="unseen"> ({s.unsavedMark})</span></span>}
          </a>
        ))}
      </nav>
      {status.value.kind === "offline" && <p class="settings-offline" role="status">{s.offline}</p>}
      {board.value && board.value.project.key === projectKey ? <Tab key={projectKey} /> : <Waiting projectKey={projectKey} />}
      <LeaveGuard projectKey={projectKey} />
    </main>
  );
}

function Waiting({ projectKey }: { projectKey: string }) {
  const slow = useSlow(failure.value === null);
  if (failure.value) return <ProjectTrouble projectKey={projectKey} />;
  if (!slow) return null;
  return (
    <div class="settings-body" aria-hidden="true">
      <div class="sheet"><span class="bone bone-title" /><span class="bone bone-line" /></div>
    </div>
  );
}

/** What other owners change here, for screen readers; the eye sees it happen. */
function tellOfOthers(): () => void {
  return onEvents((events) => {
    for (const { type, actor } of events) {
      if (actor.id === me.value?.id) continue;
      const who = shortName(actor.name);
      if (type === "workflow.changed") mention(s.others.workflow(who), [actor], inShort);
      else if (type === "project.edited") mention(s.others.project(who), [actor], inShort);
      else if (type.startsWith("member.")) mention(s.others.members(who), [actor], inShort);
      else if (type.startsWith("label.")) mention(s.others.labels(who), [actor], inShort);
    }
  });
}
