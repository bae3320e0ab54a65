/** Where in the window a place in a textarea is: a twin of the box, laid out the same, is measured. */

const COPIED = [
  "boxSizing", "width", "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "borderStyle",
  "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "font", "letterSpacing", "lineHeight", "tabSize",
] as const;

export function caretIn(box: HTMLTextAreaElement, index: number): { left: number; top: number; bottom: number } {
  const style = getComputedStyle(box);
  const twin = document.createElement("div");
  for (const name of COPIED) twin.style[name] = style[name];
  Object.assign(twin.style, { position: "fixed", top: "0", left: "0", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word" });
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  twin.append(box.value.slice(0, index), mark);
  document.body.append(twin);
  const at = { left: mark.offsetLeft, top: mark.offsetTop, height: mark.offsetHeight };
  twin.remove();
  const here = box.getBoundingClientRect();
  const top = Math.max(here.top, Math.min(here.bottom - at.height, here.top + at.top - box.scrollTop));
  return { left: here.left + at.left, top, bottom: top + at.height };
}
