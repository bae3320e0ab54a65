/** What the server put into the page, so that nothing has to be fetched before the first paint. */
import type { BoardSnapshot, InboxPage, Me, Page, Project } from "../api/types";

interface Given {
  me: Me;
  /** The first page of them. */
  projects: Page<Project>;
  board: BoardSnapshot;
  /** How far my inbox is. */
  inbox: Pick<InboxPage, "log" | "seq" | "unread">;
}

/** A part of it, as the API answers; null where the page has none. It is there once: what came later is newer. */
export function given<K extends keyof Given>(name: K): Given[K] | null {
  const element = document.getElementById(`given-${name}`);
  element?.remove();
  return element?.textContent ? (JSON.parse(element.textContent) as Given[K]) : null;
}

/** The build of TaskHub that this page came from. */
export const build = document.querySelector<HTMLMetaElement>('meta[name="taskhub-build"]')?.content ?? "";
