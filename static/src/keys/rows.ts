/** A list by keyboard: arrows, J and K lead from row to row, Home and End to the ends; Enter is the row's own. */
import { signOf } from "./letter";
import { letters } from "./table";

interface Box {
  readonly current: HTMLElement | null;
}

/** Which row of which kind had the focus last; who comes back goes on from there. */
const visited = new Map<string, string>();

/**
 * Lead the focus between what `row` selects within the box, until the answer is called. Keys are heard wherever the
 * focus is but in fields, menus and dialogs, and outside the page's main part.
 */
export function walkRows(box: Box, row: string): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const sign = signOf(event);
    if ((sign === "j" || sign === "k") && !letters.value) return;
    const at = document.activeElement;
    const elsewhere = at !== null && at !== document.body && !at.closest("main");
    if (elsewhere || at?.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open], [role=menu]")) return;
    const rows = [...(box.current?.querySelectorAll<HTMLElement>(row) ?? [])];
    const held = rows.findIndex((one) => one === at || one.closest("li") === at?.closest("li"));
    const to = step(sign, held, rows);
    if (to === undefined) return;
    event.preventDefault();
    const found = rows[Math.max(0, Math.min(rows.length - 1, to))];
    found?.focus();
    found?.scrollIntoView({ block: "nearest" });
  };
  const step = (sign: string, held: number, rows: readonly HTMLElement[]): number | undefined => {
    const way = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[sign];
    if (way !== undefined) return held < 0 ? Math.max(0, rows.findIndex((one) => one.getAttribute("href") === visited.get(row))) : held + way;
    if (held < 0) return undefined;
    return sign === "Home" ? 0 : sign === "End" ? rows.length - 1 : undefined;
  };
  const focused = (event: FocusEvent) => {
    const found = (event.target as Element).closest(row);
    if (found && box.current?.contains(found)) visited.set(row, found.getAttribute("href") ?? "");
  };
  addEventListener("keydown", pressed);
  addEventListener("focusin", focused);
  return () => {
    removeEventListener("keydown", pressed);
    removeEventListener("focusin", focused);
  };
}
