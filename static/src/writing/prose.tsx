import { useLayoutEffect, useRef } from "preact/hooks";
import { members, shown } from "../app/board";
import { follow, taskPath } from "../app/router";
import { me, projects } from "../app/session";
import { t } from "../app/text";
import { useSlow } from "../parts/waiting";
import { useHtml } from "./html";
import { pieces } from "./marks";

interface Props {
  /** Markdown. */
  text: string;
  class?: string;
  /** Tick or empty the box in a line (from 0) of the text; without it boxes can't be ticked. */
  tick?: ((line: number, on: boolean) => void) | undefined;
}

/** Markdown as it is read: references to tasks are links, members' names stand out, boxes can be ticked. */
export function Prose({ text, class: className = "", tick }: Props) {
  const { html, of, soon } = useHtml(text);
  const slow = useSlow(html === null && soon);
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef(html);
  /** The line of the box that has the focus: what is drawn anew gives it back. */
  const focused = useRef<string | null>(null);
  if (drawn.current !== html) {
    drawn.current = html;
    const { activeElement: active } = document;
    focused.current = box.current?.contains(active) ? lineOf(active) : null;
  }

  const may = tick !== undefined && of === text;
  useLayoutEffect(() => {
    for (const input of box.current?.querySelectorAll<HTMLInputElement>("li[data-line] > label > input, li[data-line] > p > label > input") ?? []) {
      input.disabled = tick === undefined;
    }
  }, [html, tick === undefined]);

  useLayoutEffect(() => {
    const prose = box.current;
    if (!prose || html === null) return;
    decorate(prose);
    const line = focused.current;
    if (line !== null) {
      prose.querySelector<HTMLElement>(`li[data-line="${CSS.escape(line)}"] input`)?.focus({ preventScroll: true });
    }
  }, [html]);
  if (html === null) return <div key="text" class={`prose prose-plain ${soon && !slow ? "prose-soon" : ""} ${className}`}>{text}</div>;
  return (
    <div
      key="html" ref={box} class={`prose ${className}`} dangerouslySetInnerHTML={{ __html: html }}
      onClick={(event) => {
        const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-task]");
        if (link) follow(event, link.pathname);
      }}
      onChange={(event) => {
        const input = event.target as HTMLInputElement;
        const line = lineOf(input);
        if (line === null) return;
        if (may) tick(Number(line), input.checked);
        else input.checked = !input.checked;
      }}
    />
  );
}

function lineOf(element: Element | null): string | null {
  return element?.closest<HTMLElement>("li[data-line]")?.dataset["line"] ?? null;
}

function decorate(prose: HTMLElement): void {
  const keys = (projects.value ?? []).map((project) => project.key);
  const walker = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement?.closest("a, code, pre")) found.push(node as Text);
  }
  for (const node of found) {
    const parts = pieces(node.data, keys, members.value.values());
    if (parts.length === 1 && parts[0]?.kind === "text") continue;
    node.replaceWith(
      ...parts.map((part) => {
        if (part.kind === "text") return part.text;
        return part.kind === "task" ? reference(part.text, part.key, part.number) : mention(part.text, part.id);
      }),
    );
  }
  for (const link of prose.querySelectorAll<HTMLAnchorElement>("a[href]:not([data-task])")) link.target = "_blank";
}

function reference(text: string, key: string, number: number): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = taskPath(key, number);
  link.dataset["task"] = text;
  link.textContent = text;
  const title = shown.value?.tasks.get(text)?.title;
  if (title) link.title = title;
  return link;
}

function mention(text: string, id: string): HTMLElement {
  const span = document.createElement("span");
  span.className = id === me.value?.id ? "mention mention-me" : "mention";
  span.textContent = text;
  if (id === me.value?.id) span.title = t.task.you;
  return span;
}
