/** Addresses: `/`, `/mine`, `/import`, `/p/KEY`, `/p/KEY/t/NUMBER`, `/p/KEY/settings/TAB`. The path is a signal; everything else follows from it. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { at: "projects" }
  | { at: "mine" }
  | { at: "import" }
  | { at: "board"; key: string; task: number | null }
  | { at: "settings"; key: string; tab: SettingsTab }
  | { at: "nowhere" };

export const SETTINGS_TABS = ["general", "members", "labels", "workflow"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

const path = signal(location.pathname);

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
  path.value = to;
});

export const route = computed<Route>(() => parse(path.value));

export function parse(pathname: string): Route {
  if (pathname === "/") return { at: "projects" };
  if (pathname === "/mine") return { at: "mine" };
  if (pathname === "/import") return { at: "import" };
  const settings = /^\/p\/([A-Z][A-Z0-9]{1,9})\/settings(?:\/(general|members|labels|workflow))?\/?$/.exec(pathname);
  if (settings?.[1]) return { at: "settings", key: settings[1], tab: (settings[2] ?? "general") as SettingsTab };
  const found = /^\/p\/([A-Z][A-Z0-9]{1,9})(?:\/t\/([1-9][0-9]{0,8}))?\/?$/.exec(pathname);
  if (!found?.[1]) return { at: "nowhere" };
  return { at: "board", key: found[1], task: found[2] ? Number(found[2]) : null };
}

export function go(to: string): void {
  if (to === path.value) return;
  if (guard?.(to, unguarded(() => go(to)))) return;
  history.pushState({ from: path.value }, "", to);
  path.value = to;
}

/** Leave a place for the one it stands on: Back if the person came from there, else straight to it. */
export function leaveFor(to: string): void {
  if ((history.state as { from?: string } | null)?.from === to) history.back();
  else {
    history.replaceState(null, "", to);
    path.value = to;
  }
}

/** Go beside where one is: Back leads where it led from there. */
export function stepTo(to: string): void {
  history.replaceState(history.state, "", to);
  path.value = to;
}

export const projectPath = (key: string): string => `/p/${key}`;
export const settingsPath = (key: string, tab: SettingsTab): string => `/p/${key}/settings/${tab}`;
export const taskPath = (key: string, number: number): string => `/p/${key}/t/${number}`;

/** For links that the app follows by itself, unless the person asks for a new tab or window. */
export function follow(event: MouseEvent, to: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  go(to);
}
