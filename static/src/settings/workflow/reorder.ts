/** Rows that are put in another order: by pointer at their handle, or by keys on it. The list moves only when it is let go. */
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../app/notices";
import { s } from "../words";

interface Held {
  id: string;
  from: number;
  /** Where it would be put. */
  to: number;
  how: "pointer" | "keys";
  /** How far the pointer carried it, and how high a row is. */
  dy: number;
  pitch: number;
}

interface Reorder {
  held: Held | null;
  /** For the row of this id at this index. */
  style(id: string, index: number): { transform?: string } | undefined;
  press(event: PointerEvent, id: string, index: number): void;
  key(event: KeyboardEvent, id: string, index: number): void;
  /** The focus left the handle: what keys carry is put back. */
  blur(): void;
}

const EDGE = 72;
const STEP = 12;

export function useReorder(names: readonly string[], place: (id: string, to: number) => void): Reorder {
  const [held, setHeld] = useState<Held | null>(null);
  const now = useRef<Held | null>(null);
  const end = useRef<() => void>(() => {});
  const hold = (next: Held | null) => {
    now.current = next;
    setHeld(next);
  };
  useEffect(() => () => end.current(), []);
  const count = names.length;
  const nameOf = (index: number) => names[index] || s.workflow.unnamed;

  const drop = (take: boolean) => {
    const last = now.current;
    end.current();
    hold(null);
    if (!last) return;
    const name = nameOf(last.from);
    if (!take || last.to === last.from) {
      say(s.workflow.putBack(name));
      return;
    }
    place(last.id, last.to);
    say(s.workflow.droppedAt(name, last.to + 1, count));
  };

  const press = (event: PointerEvent, id: string, index: number) => {
    if (event.button !== 0 || now.current) return;
    const handle = event.currentTarget as HTMLElement;
    const row = handle.closest<HTMLElement>("[data-row]");
    const scroller = handle.closest<HTMLElement>(".settings-body");
    if (!row || !scroller) return;
    const startY = event.clientY;
    const startScroll = scroller.scrollTop;
    const pitch = row.offsetHeight;
    let y = startY;
    let frame = 0;
    const look = () => {
      const dy = y - startY + scroller.scrollTop - startScroll;
      const to = Math.max(0, Math.min(count - 1, index + Math.round(dy / pitch)));
      if (now.current && (now.current.dy !== dy || now.current.to !== to)) hold({ ...now.current, dy, to });
    };
    const follow = () => {
      const edges = scroller.getBoundingClientRect();
      if (y < edges.top + EDGE) scroller.scrollTop -= STEP;
      else if (y > edges.bottom - EDGE) scroller.scrollTop += STEP;
      look();
      frame = requestAnimationFrame(follow);
    };
    const off = new AbortController();
    const on = { signal: off.signal };
    end.current = () => {
      off.abort();
      cancelAnimationFrame(frame);
      end.current = () => {};
    };
    addEventListener("pointermove", (move) => {
      if (move.pointerId === event.pointerId) y = move.clientY;
    }, on);
    addEventListener("pointerup", (up) => {
      if (up.pointerId !== event.pointerId) return;
      y = up.clientY;
      look();
      drop(true);
    }, on);
    addEventListener("pointercancel", () => drop(false), on);
    addEventListener("keydown", (key) => {
      if (key.key !== "Escape") return;
      key.preventDefault();
      key.stopPropagation();
      drop(false);
    }, { ...on, capture: true });
    hold({ id, from: index, to: index, how: "pointer", dy: 0, pitch });
    frame = requestAnimationFrame(follow);
  };

  const key = (event: KeyboardEvent, id: string, index: number) => {
    const last = now.current;
    if (!last) {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      const row = (event.currentTarget as HTMLElement).closest<HTMLElement>("[data-row]");
      hold({ id, from: index, to: index, how: "keys", dy: 0, pitch: row?.offsetHeight ?? 44 });
      say(s.workflow.lifted(nameOf(index), index + 1, count));
      return;
    }
    if (last.how !== "keys") return;
    if (event.key === " " || event.key === "Enter") drop(true);
    else if (event.key === "Escape") drop(false);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const to = Math.max(0, Math.min(count - 1, last.to + (event.key === "ArrowUp" ? -1 : 1)));
      hold({ ...last, to, dy: (to - last.from) * last.pitch });
      say(s.workflow.carriedTo(to + 1, count));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return {
    held,
    press,
    key,
    blur: () => {
      if (now.current?.how === "keys") drop(false);
    },
    style: (id, index) => {
      if (!held) return undefined;
      if (id === held.id) return { transform: `translateY(${held.dy}px)` };
      const shift = index > held.from && index <= held.to ? -1 : index < held.from && index >= held.to ? 1 : 0;
      return { transform: `translateY(${shift * held.pitch}px)` };
    },
  };
}
