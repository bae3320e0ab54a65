import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * What is being typed in stays where it is on the screen when something comes or goes above it; `above` tells when.
 */
export function useSteady(box: RefObject<HTMLElement | null>, above: boolean): void {
  const was = useRef(above);
  const top = useRef<number | null>(null);
  if (was.current !== above) {
    was.current = above;
    top.current = box.current?.getBoundingClientRect().top ?? null;
  }
  useLayoutEffect(() => {
    const wanted = top.current;
    top.current = null;
    if (wanted === null) return;
    const scrolled = box.current?.closest<HTMLElement>(".panel-body");
    const hold = () => {
      if (!box.current || !scrolled) return;
      const by = box.current.getBoundingClientRect().top - wanted;
      const missing = by - (scrolled.scrollHeight - scrolled.clientHeight - scrolled.scrollTop);
      // A text so short that nothing scrolls gets the room to.
      if (missing > 0) scrolled.style.paddingBottom = `${Number.parseFloat(getComputedStyle(scrolled).paddingBottom) + missing}px`;
      scrolled.scrollTop += by;
    };
    hold();
    // The browser may hold on to something by itself, a moment later.
    const frame = requestAnimationFrame(hold);
    return () => {
      cancelAnimationFrame(frame);
      if (scrolled) scrolled.style.paddingBottom = "";
    };
  }, [above]);
}
