/** On a phone one column is seen at a time: a tab for each, and a swipe goes to the next. */
import { signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { filtered, states } from "../app/board";
import { count } from "../app/text";
import { type Look, StateRing } from "../parts/signs";

/** The column in view, by index. */
export const inView = signal(0);

export function followScroll(board: HTMLElement): void {
  const first = board.querySelector<HTMLElement>("[data-state]");
  if (first) inView.value = Math.round(board.scrollLeft / first.offsetWidth);
}

export function Tabs({ look, board }: { look: ReadonlyMap<string, Look>; board: RefObject<HTMLDivElement | null> }) {
  const bar = useRef<HTMLElement>(null);
  const at = inView.value;
  useLayoutEffect(() => {
    const tab = bar.current?.querySelectorAll<HTMLElement>("button")[at];
    if (bar.current && tab) bar.current.scrollLeft = tab.offsetLeft - (bar.current.clientWidth - tab.offsetWidth) / 2;
  }, [at]);
  const show = (index: number) => {
    const columns = board.current?.querySelectorAll<HTMLElement>("[data-state]");
    columns?.[index]?.scrollIntoView({ inline: "center", block: "nearest" });
  };
  return (
    <nav class="tabs" ref={bar}>
      {states.value.map((state, index) => (
        <button key={state.id} type="button" class="tab" aria-current={index === at ? "true" : undefined} onClick={() => show(index)}>
          <StateRing look={look.get(state.id)} />
          {state.name} <span class="tab-count">{count(filtered.value?.columns.get(state.id)?.length ?? 0)}</span>
        </button>
      ))}
    </nav>
  );
}
