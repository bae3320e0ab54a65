/** Markdown as HTML. The server alone makes it and cleans it; what it made of a text is kept for as long as the page. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "../api/client";
import { tickHtml } from "./marks";

const MOST = 300;
const made = new Map<string, string>();
/** Grows with each text that was made. */
const news = signal(0);
/** Answers on their way that may bring HTML along: what they bring is not asked for. */
let coming: Promise<unknown> = Promise.resolve();

/** The server said what it makes of this text. */
export function remember(text: string, html: string): void {
  if (made.get(text) === html) return;
  made.delete(text);
  made.set(text, html);
  if (made.size > MOST) made.delete(made.keys().next().value as string);
  news.value++;
}

/** `after` is `before` with one box so: what the server makes of it is known without asking, also where it can't be asked. */
export function foresee(before: string, after: string, line: number, on: boolean): void {
  const known = made.get(before);
  const html = known === undefined || made.has(after) ? null : tickHtml(known, line, on);
  if (html !== null) remember(after, html);
}

/** This answer may bring HTML along. */
export function awaited(answer: Promise<unknown>): void {
  coming = Promise.allSettled([coming, answer]);
}

/** Have a text rendered. Throws what the server or the line said. */
export async function render(text: string): Promise<string> {
  const known = made.get(text);
  if (known !== undefined) return known;
  const { html } = await request<{ html: string }>("POST", "/markdown", { body: { text } });
  remember(text, html);
  return html;
}

export interface Rendered {
  /** Null where there is none: then the text itself has to do. */
  html: string | null;
  /** The text it was made of: while a new one is made it is that of the text before. */
  of: string;
  /** There will be some in a moment. */
  soon: boolean;
}

/** What to show of a text. */
export function useHtml(text: string): Rendered {
  void news.value;
  const shown = useRef<{ html: string; of: string } | null>(null);
  const [failed, fail] = useState<string | null>(null);
  const known = text.trim() === "" ? "" : made.get(text);
  if (known !== undefined) shown.current = { html: known, of: text };
  else if (failed === text) shown.current = null;
  useEffect(() => {
    if (known !== undefined) return;
    let here = true;
    coming
      .then(() => (here ? render(text) : ""))
      // Without a line the text as it was written has to do.
      .catch(() => here && fail(text));
    return () => {
      here = false;
    };
  }, [text, known === undefined]);
  return { ...(shown.current ?? { html: null, of: text }), soon: known === undefined && failed !== text };
}
