/** Addresses: `/`, `/mine`, `/import`, `/p/KEY`, `/p/KEY/t/NUMBER`. The path is a signal; everything else follows from it. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { at: "projects" }
  | { at: "mine" }
  | { at: "import" }
  | { at: "board"; key: string; task: number | null }
  | { at: "nowhere" };

const path = signal(location.pathname);

addEventListener("popstate", () => {
  path.value = location.pathname;
});

export const route = computed<Route>(() => parse(path.value));

export function parse(pathname: string): Route {
  if (pathname === "/") return { at: "projects" };
  if (pathname === "/mine") return { at: "mine" };
  if (pathname === "/import") return { at: "import" };
  const found = /^\/p\/([A-Z][A-Z0-9]{1,9})(?:\/t\/([1-9][0-9]{0,8}))?\/?$/.exec(pathname);
  if (!found?.[1]) return { at: "nowhere" };
  return { at: "board", key: found[1], task: found[2] ? Number(found[2]) : null };
}

export function go(to: string): void {
  if (to === path.value) return;
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

export const projectPath = (key: string): string => `/p/${key}`;
export const taskPath = (key: string, number: number): string => `/p/${key}/t/${number}`;

/** For links that the app follows by itself, unless the person asks for a new tab or window. */
export function follow(event: MouseEvent, to: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  go(to);
}
