/** What can be done from where one is, as the palette offers it. */
import { board, counts, openKey, role, shown, states } from "../app/board";
import { move, set } from "../app/commands";
import { redo, undo } from "../app/deeds";
import { open } from "../app/extras";
import { clearFilter, filter, setFilter } from "../app/filter";
import { toast } from "../app/notices";
import { go, route, settingsPath, SETTINGS_TABS, taskPath } from "../app/router";
import { me, signOut } from "../app/session";
import { chooseLanguage, language, LANGUAGES, t } from "../app/text";
import { cardOf } from "../board/motion";
import { changeOf, meant, press } from "../keys/listen";
import { type KeyId, pressed } from "../keys/table";
import { askForProject } from "../projects/ask";
import { isActive, toggled } from "../store/filter";
import { mayMove } from "../store/rules";
import type { QuickField } from "../board/quick";
import type { Thing } from "./rank";

export interface Entry extends Thing {
  kind: "action" | "project" | "task";
  /** What stands at its end: a key, a project. */
  note: string | undefined;
  run(): void;
}

/** What can be done where one is, the task that is meant first; and what can be done everywhere. */
export function actions(): { here: Entry[]; anywhere: Entry[] } {
  return { here: [...ofTask(), ...ofBoard(), ...ofProject()], anywhere: ofTaskHub() };
}

function byKey(id: KeyId): Entry {
  return { id: `key:${id}`, kind: "action", here: true, text: t.work.keys[id], note: pressed(id), run: () => void press(id) };
}

function action(id: string, text: string, run: () => void, note?: string, also?: string): Entry {
  return { id, kind: "action", here: true, text, note, run, ...(also ? { also } : {}) };
}

const FIELDS: readonly (readonly [KeyId, QuickField])[] = [["assign", "assignees"], ["move", "state"], ["label", "labels"], ["priority", "priority"], ["due", "due"]];

function ofTask(): Entry[] {
  const here = route.value;
  const ref = here.at === "board" && here.task !== null ? `${here.key}-${here.task}` : meant();
  const task = shown.value?.tasks.get(ref ?? "");
  const workflow = board.value?.workflow;
  if (!task || !workflow || role.value === "viewer") return [];
  const mine = me.value?.id ?? "";
  const entries = FIELDS.map(([key, field]) =>
    action(`task-${key}`, t.work.ofTask(task.ref, t.work.keys[key]), () => {
      if (here.at === "board" && here.task !== null) press(key);
      else {
        cardOf(task.ref)?.focus();
        changeOf(task.ref, field);
      }
    }, pressed(key)),
  );
  entries.push(
    action("task-mine", task.assignees.includes(mine) ? t.work.unassignMe(task.ref) : t.work.assignMe(task.ref), () =>
      void set(task.ref, { assignees: toggled(task.assignees, mine) })),
  );
  for (const state of states.value) {
    if (state.id !== task.state && mayMove(workflow, role.value, counts, task, state).ok) {
      entries.push(action(`task-to-${state.id}`, t.work.moveTo(task.ref, state.name), () => void move(task.ref, { state: state.id })));
    }
  }
  if ("clipboard" in navigator) {
    entries.push(action("task-link", t.work.copyLinkOf(task.ref), () => {
      void navigator.clipboard.writeText(location.origin + taskPath(task.project, task.number)).then(() => toast(t.linkCopied));
    }));
  }
  return entries;
}

function ofBoard(): Entry[] {
  const here = route.value;
  if (here.at !== "board" || here.task !== null || openKey.value === null) return [];
  const entries: Entry[] = [];
  if (role.value !== "viewer") entries.push(byKey("create"));
  entries.push(byKey("filter"), byKey("mine"));
  for (const due of ["late", "week", "none"] as const) {
    if (filter.value.due !== due) entries.push(action(`due-${due}`, t.work.filterBy(t.work.dueIs[due]), () => setFilter({ due })));
  }
  if (isActive(filter.value)) entries.push(action("clear", t.work.clearFilter, clearFilter));
  entries.push(action("archived", t.work.archivedTasks, () => open("archived")));
  return entries;
}

function ofProject(): Entry[] {
  const key = openKey.value;
  if (key === null) return [];
  const here = route.value;
  return [
    ...(here.at === "board" && here.task === null ? [] : [byKey("board")]),
    ...(here.at === "dashboard" ? [] : [byKey("dashboard")]),
    ...SETTINGS_TABS.map((tab) => action(`settings-${tab}`, t.settings.at(t.settings.tabs[tab]), () => go(settingsPath(key, tab)))),
  ];
}

function ofTaskHub(): Entry[] {
  return [
    { ...byKey("undo"), run: () => undo() },
    { ...byKey("redo"), run: redo },
    action("inbox", t.inbox.title, () => go("/inbox")),
    action("mine", t.places.mine, () => go("/mine")),
    action("projects", t.places.overview, () => go("/")),
    action("new-project", t.projects.create, askForProject),
    action("import", t.places.import, () => go("/import"), undefined, "Trello"),
    { ...byKey("help"), text: t.work.keysTitle },
    action("trial", t.line.test, () => open("trial")),
    ...(me.value?.is_admin ? [action("doctor", t.places.doctor, () => go("/admin/doctor"))] : []),
    ...LANGUAGES.filter(({ id }) => id !== language).map(({ id, name }) => action(`language-${id}`, `${t.language}: ${name}`, () => chooseLanguage(id))),
    action("sign-out", t.signOut, signOut),
  ];
}

