/** Markdown as HTML. The server alone makes it and cleans it; what it made of a text is kept for as long as the page. */
import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "../api/client";

const MOST = 300;
const made = new Map<string, string>();

/** The server said what it makes of this text. */
export function remember(text: string, html: string): void {
  made.delete(text);
  made.set(text, html);
  if (made.size > MOST) made.delete(made.keys().next().value as string);
}

/** Have a text rendered. Throws what the server or the line said. */
export async function render(text: string): Promise<string> {
  const known = made.get(text);
  if (known !== undefined) return known;
  const { html } = await request<{ html: string }>("POST", "/markdown", { body: { text } });
  remember(text, html);
  return html;
}

/**
 * What to show of a text: its HTML; while that is made, the HTML of the text before it. Null where there is none: then
 * the text itself is to be shown.
 */
export function useHtml(text: string): { html: string | null; of: string } {
  const [, redraw] = useState(0);
  const shown = useRef<{ html: string; of: string } | null>(null);
  const known = text.trim() === "" ? "" : made.get(text);
  if (known !== undefined) shown.current = { html: known, of: text };
  useEffect(() => {
    if (known !== undefined) return;
    let here = true;
    render(text)
      .catch(() => {
        // Without a line the text as it was written has to do.
        shown.current = null;
      })
      .finally(() => here && redraw((n) => n + 1));
    return () => {
      here = false;
    };
  }, [text, known === undefined]);
  return shown.current ?? { html: null, of: text };
}
