import { signal } from "@preact/signals";
import { ChartNoAxesColumn, Inbox, ListChecks, PanelLeft, Plus, Search } from "lucide-preact";
import { open } from "../app/extras";
import { unread } from "../app/inbox";
import { follow, go, projectPath, route } from "../app/router";
import { me, projects, signOut, status } from "../app/session";
import { chooseLanguage, language, LANGUAGES, t } from "../app/text";
import { hint, pressed, shortcuts } from "../keys/table";
import { Menu } from "../parts/menu";
import { Avatar } from "../parts/person";
import { Mark, ProjectTile } from "../parts/signs";
import { askForProject } from "../projects/ask";
import { projectColour } from "../app/colours";
import { shortKeys } from "../store/key";
import { shortName } from "../store/people";
import { ChipPlace, statusWords } from "./chip";

const KEPT = "taskhub.rail";
const narrow = signal(localStorage.getItem(KEPT) === "narrow");

function toggle(): void {
  narrow.value = !narrow.value;
  localStorage.setItem(KEPT, narrow.value ? "narrow" : "wide");
}

const PLACES = [
  { at: "inbox", path: "/inbox", name: () => t.inbox.title, Icon: Inbox },
  { at: "mine", path: "/mine", name: () => t.places.mine, Icon: ListChecks },
  { at: "projects", path: "/", name: () => t.places.overview, Icon: ChartNoAxesColumn },
] as const;

export function Rail() {
  const here = route.value;
  const label = narrow.value ? t.rail.expand : t.rail.collapse;
  const short = narrow.value ? shortKeys(projects.value?.map((one) => one.key) ?? []) : null;
  return (
    <nav class={`rail ${narrow.value ? "rail-narrow" : ""}`} aria-label={t.rail.label}>
      <div class="rail-head">
        <a class="rail-mark" href="/" onClick={(event) => follow(event, "/")} aria-label="TaskHub">
          <Mark />
          <span class="rail-text">TaskHub</span>
        </a>
        <button type="button" class="icon-button rail-toggle" aria-label={label} title={label} aria-expanded={!narrow.value} onClick={toggle}>
          <PanelLeft class="icon" aria-hidden="true" />
        </button>
      </div>
      <div class="rail-list">
        <button
          type="button" class="rail-item" title={hint("palette")} aria-keyshortcuts={shortcuts("palette")} aria-haspopup="dialog"
          onClick={() => open("palette")}
        >
          <Search class="icon" aria-hidden="true" />
          <span class="rail-text rail-name">{t.work.search}</span>
          <kbd class="rail-text rail-key" aria-hidden="true">{pressed("palette")}</kbd>
        </button>
        {PLACES.map(({ at, path, name, Icon }) => (
          <a
            key={at} class="rail-item" href={path} title={name()} aria-current={here.at === at ? "page" : undefined}
            onClick={(event) => follow(event, path)}
          >
            <Icon class="icon" aria-hidden="true" />
            <span class="rail-text">{name()}</span>
            {at === "inbox" && <Unread />}
          </a>
        ))}
        <h2 class="rail-heading rail-text">{t.projects.title}</h2>
        {projects.value?.map((project, _, all) => (
          <a
            key={project.key} class="rail-item" href={projectPath(project.key)} title={`${project.name} (${project.key})`}
            aria-current={"key" in here && here.key === project.key ? "page" : undefined}
            onClick={(event) => follow(event, projectPath(project.key))}
          >
            <ProjectTile name={project.name} colour={projectColour(project.key)} letters={short?.get(project.key)} />
            <span class="rail-text rail-name">{project.name}</span>
            {all.some((one) => one.name === project.name && one.key !== project.key) && <span class="rail-text rail-same">{project.key}</span>}
          </a>
        ))}
        <button type="button" class="rail-item rail-quiet" title={t.projects.create} onClick={askForProject}>
          <Plus class="icon" aria-hidden="true" />
          <span class="rail-text">{t.projects.create}</span>
        </button>
      </div>
      <div class="rail-foot">
        <MeMenu />
        {!narrow.value && <ChipPlace />}
        {narrow.value && <span class={`chip-dot chip-${status.value.kind}`} title={statusWords()} />}
      </div>
    </nav>
  );
}

/** On a phone: what the rail has, within reach of a thumb. */
export function BottomBar() {
  const here = route.value;
  return (
    <nav class="bottom-bar" aria-label={t.rail.label}>
      {PLACES.map(({ at, path, name, Icon }) => (
        <a key={at} class="bottom-item" href={path} aria-current={here.at === at ? "page" : undefined} onClick={(event) => follow(event, path)}>
          <span class="bottom-icon">
            <Icon class="icon" aria-hidden="true" />
            {at === "inbox" && <Unread />}
          </span>
          {name()}
        </a>
      ))}
      <button type="button" class="bottom-item" aria-haspopup="dialog" onClick={() => open("palette")}>
        <Search class="icon" aria-hidden="true" />
        {t.work.search}
      </button>
      <MeMenu low />
    </nav>
  );
}

function Unread() {
  if (unread.value === 0) return null;
  return (
    <span class="badge">
      <span aria-hidden="true">{unread.value > 99 ? "99+" : unread.value}</span>
      <span class="unseen"> {t.inbox.unread(unread.value)}</span>
    </span>
  );
}

function MeMenu({ low = false }: { low?: boolean }) {
  const who = me.value;
  if (!who) return null;
  return (
    <Menu
      class={low ? "bottom-item" : "rail-me"}
      menuLabel={t.account(who.name)}
      side="above"
      kind="one"
      button={
        <>
          <Avatar who={who} size={24} quiet />
          <span class={low ? "" : "rail-text rail-name"}>{shortName(who.name)}</span>
          <span class="unseen">, {t.accountWord}</span>
        </>
      }
      choices={[
        ...LANGUAGES.map(({ id, name }, index) => ({
          id,
          name,
          ...(index === 0 ? { heading: t.language } : {}),
          content: <span lang={id}>{name}</span>,
          checked: id === language,
          choose: () => chooseLanguage(id),
        })),
        { id: "trial", name: t.line.test, content: t.line.test, heading: t.places.help, choose: () => open("trial") },
        ...(who.is_admin ? [{ id: "doctor", name: t.places.doctor, content: t.places.doctor, choose: () => go("/admin/doctor") }] : []),
        { id: "sign-out", name: t.signOut, content: t.signOut, heading: who.email, choose: () => void signOut() },
      ]}
    />
  );
}
