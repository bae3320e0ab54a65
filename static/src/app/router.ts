/**
 * Addresses: `/` (also as `/overview`), `/inbox`, `/mine`, `/import`, `/admin/doctor`, `/p/KEY`, `/p/KEY/t/NUMBER`, `/p/KEY/new/ID` (a task
 * that waits for its number), `/p/KEY/dashboard`, `/p/KEY/settings/TAB`. The path is a signal; everything else follows from it.
 */
import { batch, computed, signal } from "@preact/signals";
import { isNew } from "../queue/queue";

export type Route =
  | { at: "projects" }
  | { at: "inbox" }
  | { at: "mine" }
  | { at: "import" }
  | { at: "doctor" }
  /** `task`: its number, or its whole temporary reference. */
  | { at: "board"; key: string; task: number | string | null }
  | { at: "dashboard"; key: string }
  | { at: "settings"; key: string; tab: SettingsTab }
  | { at: "nowhere" };

export const SETTINGS_TABS = ["general", "members", "labels", "workflow"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

const path = signal(location.pathname);
/** A browser refuses too many addresses in a short time: what is being typed gets there after a pause. */
const PAUSE = 300;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The query of the address, with its `?`. */
export const search = signal(location.search);

let guard: ((to: string, leave: () => void) => boolean) | null = null;

/**
 * Be asked before the address changes, as a page does that holds what was not saved. The call answers true to stay for
 * now, and calls `leave` once the person said so. The answer takes the guard away.
 */
export function guardRoute(call: (to: string, leave: () => void) => boolean): () => void {
  guard = call;
  return () => {
    if (guard === call) guard = null;
  };
}

function unguarded(leave: () => void): () => void {
  return () => {
    guard = null;
    leave();
  };
}

addEventListener("popstate", () => {
  const here = path.value;
  const to = location.pathname;
  if (guard?.(to, unguarded(() => history.back()))) {
    // Back was taken already: stand where one was, one step above the place that was asked for.
    history.pushState({ from: to }, "", here);
    return;
  }
  clearTimeout(timer);
  timer = undefined;
  show(to, location.search);
});

export const route = computed<Route>(() => parse(path.value));

export function parse(pathname: string): Route {
  if (pathname === "/" || pathname === "/overview") return { at: "projects" };
  if (pathname === "/inbox") return { at: "inbox" };
  if (pathname === "/mine") return { at: "mine" };
  if (pathname === "/import") return { at: "import" };
  const dashboard = /^\/p\/([A-Z][A-Z0-9]{1,9})\/dashboard\/?$/.exec(pathname);
  if (dashboard?.[1]) return { at: "dashboard", key: dashboard[1] };
  if (pathname === "/admin/doctor") return { at: "doctor" };
  const settings = /^\/p\/([A-Z][A-Z0-9]{1,9})\/settings(?:\/(general|members|labels|workflow))?\/?$/.exec(pathname);
  if (settings?.[1]) return { at: "settings", key: settings[1], tab: (settings[2] ?? "general") as SettingsTab };
  const found = /^\/p\/([A-Z][A-Z0-9]{1,9})(?:\/t\/([1-9][0-9]{0,8}))?\/?$/.exec(pathname);
  const fresh = /^\/p\/([A-Z][A-Z0-9]{1,9})\/new\/([0-9a-f-]{32,36})$/.exec(pathname);
  if (fresh?.[1]) return { at: "board", key: fresh[1], task: `new:${fresh[2]}` };
  if (!found?.[1]) return { at: "nowhere" };
  return { at: "board", key: found[1], task: found[2] ? Number(found[2]) : null };
}

/** Go to a path, with its query. Within a project the query of the board goes along: its filter. */
export function go(to: string): void {
  const [pathname = "", asked] = to.split(/(?=\?)/);
  if (pathname === path.value && (asked === undefined || asked === search.value)) return;
  if (guard?.(to, unguarded(() => go(to)))) return;
  const query = asked ?? along(pathname);
  settle();
  history.pushState({ from: path.value }, "", pathname + query);
  show(pathname, query);
}

function show(pathname: string, query: string): void {
  batch(() => {
    path.value = pathname;
    search.value = query;
  });
}

function along(pathname: string): string {
  const [from, to] = [parse(path.value), parse(pathname)];
  return from.at === "board" && to.at === "board" && from.key === to.key ? search.value : "";
}

/** Put another query to the address one is at: as a place that Back comes from, or in its stead. */
export function setQuery(query: string, how: "push" | "replace"): void {
  if (query === search.value) return;
  if (how === "push") {
    settle();
    history.pushState({ from: path.value }, "", path.value + query);
  } else timer ??= setTimeout(settle, PAUSE);
  search.value = query;
}

function settle(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  history.replaceState(history.state, "", path.value + search.value);
}

/** Leave a place for the one it stands on: Back if the person came from there, else straight to it. */
export function leaveFor(to: string): void {
  settle();
  if ((history.state as { from?: string } | null)?.from === to) history.back();
  else {
    const query = along(to);
    history.replaceState(null, "", to + query);
    show(to, query);
  }
}

/** Go beside where one is: Back leads where it led from there. */
export function stepTo(to: string): void {
  settle();
  const query = along(to);
  history.replaceState(history.state, "", to + query);
  show(to, query);
}

export const projectPath = (key: string): string => `/p/${key}`;
export const dashboardPath = (key: string): string => `/p/${key}/dashboard`;
export const settingsPath = (key: string, tab: SettingsTab): string => `/p/${key}/settings/${tab}`;
export const taskPath = (key: string, number: number): string => `/p/${key}/t/${number}`;

/** The address of a task, also of one that waits for its number. */
export function pathOf({ project, ref, number }: { project: string; ref: string; number: number }): string {
  return isNew(ref) ? `/p/${project}/new/${ref.slice("new:".length)}` : taskPath(project, number);
}

/** For links that the app follows by itself, unless the person asks for a new tab or window. */
export function follow(event: MouseEvent, to: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  go(to);
}
