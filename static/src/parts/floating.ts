/** What floats beside something: where it stands, and when it goes. */
import { useLayoutEffect } from "preact/hooks";

const GAP = 4;
const EDGE = 8;

/** Close what floats when somebody points elsewhere than at it and its anchor, or the window changes its size. */
export function useDismissed(box: { readonly current: HTMLElement | null }, anchor: HTMLElement | null, close: (refocus: boolean) => void): void {
  useLayoutEffect(() => {
    const outside = (event: PointerEvent) => {
      const at = event.target as Node;
      if (!box.current?.contains(at) && !anchor?.contains(at)) close(false);
    };
    const moved = () => close(false);
    document.addEventListener("pointerdown", outside, true);
    addEventListener("resize", moved);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", moved);
    };
  });
}

/** Put what floats below or above its anchor, inside the window; beside it where neither has room, so as not to lie on it. */
export function place(menu: HTMLElement, anchor: HTMLElement, side: "below" | "above"): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const fitsBelow = below + height <= innerHeight - EDGE;
  const fitsAbove = above >= EDGE;
  const beside = at.right + GAP + width <= innerWidth - EDGE ? at.right + GAP : at.left - GAP - width;
  const aside = !fitsBelow && !fitsAbove && beside >= EDGE;
  const top = aside ? at.top : (side === "below" && fitsBelow) || !fitsAbove ? below : above;
  menu.style.left = `${aside ? beside : Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE))}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  menu.style.minWidth = `${Math.min(at.width, 320)}px`;
}
