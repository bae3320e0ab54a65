/** Lists that the server gives in pages. */
import { request } from "./client";
import type { Page } from "./types";

/** All items of a list, page by page; `path` may carry a query of its own. Throws as `request` does. */
export async function allOf<T>(path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page: Page<T> = await request("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200${from}`);
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}
