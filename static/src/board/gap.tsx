/**
 * The part of a long column that is not drawn. It holds the words of its cards for the browser's own search
 * (`hidden="until-found"`: neither painted nor read out before a search meets them); what is found is drawn and shown.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Task } from "../api/types";
import { showCard } from "../drag/keys";

/** The words follow the board when it has been still for so long: nobody searches between two changes. */
const STILL = 400;
/** How many words are written before the browser may do something else. */
const AT_ONCE = 100;

const wanted = new Map<HTMLElement, readonly Task[]>();
let waiting: ReturnType<typeof setTimeout> | undefined;

export function Gap({ height, tasks }: { height: number; tasks: readonly Task[] }) {
  const box = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const here = box.current as HTMLElement;
    wanted.set(here, tasks);
    waiting ??= setTimeout(whenIdle, STILL);
  });
  useLayoutEffect(() => {
    const here = box.current as HTMLElement;
    const met = (event: Event) => {
      const ref = (event.target as HTMLElement).dataset["words"];
      if (ref) showCard(ref);
    };
    here.addEventListener("beforematch", met);
    return () => {
      here.removeEventListener("beforematch", met);
      wanted.delete(here);
    };
  }, []);
  return <li ref={box} class="gap" role="presentation" style={{ height: `${height}px` }} />;
}

function whenIdle(): void {
  const write = () => {
    waiting = undefined;
    for (const [box, tasks] of wanted) {
      if (fill(box, tasks)) wanted.delete(box);
      else {
        waiting = setTimeout(whenIdle);
        return;
      }
    }
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(write, { timeout: 2_000 });
  else write();
}

/** Bring the words in a gap to what they are to be; some of them: answers whether that is all. */
function fill(box: HTMLElement, tasks: readonly Task[]): boolean {
  // All of them in one that is hidden as a whole: so they cost no layout.
  const all = box.firstElementChild ?? hidden("div");
  if (!all.parentNode) box.append(all);
  else if (!all.hasAttribute("hidden")) all.setAttribute("hidden", "until-found");
  const there = new Map<string, HTMLElement>();
  for (const one of all.children) there.set((one as HTMLElement).dataset["words"] ?? "", one as HTMLElement);
  let left = AT_ONCE;
  let before: Element | null = null;
  for (const { ref, title } of tasks) {
    const text = `${ref} ${title}`;
    let one = there.get(ref);
    there.delete(ref);
    if (!one) {
      if (left-- === 0) return false;
      one = hidden("p");
      one.dataset["words"] = ref;
    }
    if (one.textContent !== text) one.textContent = text;
    if (one.previousElementSibling !== before || one.parentNode !== all) all.insertBefore(one, before ? before.nextSibling : all.firstChild);
    before = one;
  }
  for (const one of there.values()) one.remove();
  return true;
}

function hidden(name: "div" | "p"): HTMLElement {
  const one = document.createElement(name);
  one.setAttribute("hidden", "until-found");
  return one;
}
