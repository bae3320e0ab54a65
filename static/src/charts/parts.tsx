/** What all charts have: a frame with a word on how it is computed and a table, their size, and the walk through days. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ChartNoAxesColumn, Info as InfoSign, Table2 } from "lucide-preact";
import { place, useDismissed } from "../parts/floating";
import { c } from "./words";

export interface Rows {
  head: readonly string[];
  /** The first cell of each is its heading. */
  rows: readonly (readonly (string | ComponentChildren)[])[];
}

interface FrameProps {
  title: string;
  name: string;
  aside?: ComponentChildren;
  how: string;
  /** Told whether it is for the eye, too. */
  table: Rows | ((shown: boolean) => Rows);
  class?: string;
  /** Without buttons: nobody can press them on a wall. */
  quiet?: boolean;
  /** What stands in the chart's place while there is nothing to draw. */
  empty?: string | undefined;
  children: ComponentChildren;
}

/** A chart in its card. Its table is always there for screen readers, and for the eye at a press of the button. */
export function Frame({ title, name, aside, how, table, class: className = "", quiet = false, empty, children }: FrameProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const label = asTable ? c.asChart(title) : c.asTable(title);
  return (
    <section class={`chart ${className}`} aria-labelledby={id} data-chart={name}>
      <header class="chart-head">
        <h2 id={id}>{title}</h2>
        {!quiet && <Info about={title} how={how} />}
        <span class="chart-aside">{aside}</span>
        {empty === undefined && !quiet && (
          <button type="button" class="icon-button chart-button" aria-pressed={asTable} aria-label={label} title={label} onClick={() => setAsTable(!asTable)}>
            {asTable ? <ChartNoAxesColumn class="icon" aria-hidden="true" /> : <Table2 class="icon" aria-hidden="true" />}
          </button>
        )}
      </header>
      <div class="chart-body">
        {empty !== undefined && <p class="chart-empty">{empty}</p>}
        {empty === undefined && !asTable && children}
        {empty === undefined && (
          <div class={asTable ? "chart-table" : "unseen"} role={asTable ? "region" : undefined} aria-label={asTable ? c.asTable(title) : undefined} tabIndex={asTable ? 0 : undefined}>
            <Table title={title} {...(typeof table === "function" ? table(asTable) : table)} />
          </div>
        )}
      </div>
    </section>
  );
}

function Table({ title, head, rows }: Rows & { title: string }) {
  return (
    <table>
      <caption class="unseen">{title}</caption>
      <thead><tr>{head.map((cell) => <th key={cell} scope="col">{cell}</th>)}</tr></thead>
      <tbody>
        {rows.map(([first, ...cells], n) => (
          <tr key={n}>
            <th scope="row">{first}</th>
            {cells.map((cell, m) => <td key={m}>{cell}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A button that says how something is computed. */
export function Info({ about, how }: { about: string; how: string }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const label = c.how(about);
  return (
    <span class="info">
      <button
        ref={button} type="button" class="icon-button chart-button" aria-label={label} title={open ? undefined : label} aria-expanded={open}
        onClick={() => setOpen(!open)} onBlur={() => setOpen(false)}
      >
        <InfoSign class="icon" aria-hidden="true" />
      </button>
      <span role="status">{open && button.current && <InfoBox how={how} anchor={button.current} close={() => setOpen(false)} />}</span>
    </span>
  );
}

function InfoBox({ how, anchor, close }: { how: string; anchor: HTMLElement; close(): void }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.showPopover();
    if (box.current) place(box.current, anchor, "below");
  }, [anchor]);
  useDismissed(box, anchor, close);
  // At once: who sees it may already press Escape.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      close();
    };
    addEventListener("keydown", pressed, true);
    addEventListener("scroll", close, true);
    return () => {
      removeEventListener("keydown", pressed, true);
      removeEventListener("scroll", close, true);
    };
  }, []);
  return <div ref={box} class="info-box" popover="manual">{how}</div>;
}

export interface Size {
  width: number;
  height: number;
}

interface PlotProps {
  children: (size: Size) => ComponentChildren;
  /** What lies over the drawing. */
  over?: (size: Size) => ComponentChildren;
  /** What stands below it. */
  below?: (size: Size) => ComponentChildren;
  /** Its least height in pixels, where its content needs more than others'. */
  least?: number | undefined;
}

/** A place for a drawing, which is told how large it is. On paper the drawing is scaled to what place there is. */
export function Plot({ children, over, below, least }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const here = box.current;
    if (!here) return;
    const measure = () => setSize((was) => (was?.width === here.clientWidth && was.height === here.clientHeight ? was : { width: here.clientWidth, height: here.clientHeight }));
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(here);
    return () => observer.disconnect();
  }, []);
  return (
    <>
      <div ref={box} class="plot" style={least === undefined ? undefined : { minHeight: `max(calc(var(--plot) * var(--u)), ${Math.round(least)}px)` }}>
        {size && size.width > 0 && (
          <>
            <svg class="plot-drawing" viewBox={`0 0 ${size.width} ${size.height}`} preserveAspectRatio="xMinYMid meet">{children(size)}</svg>
            {over?.(size)}
          </>
        )}
      </div>
      {size && size.width > 0 && below?.(size)}
    </>
  );
}

interface WalkProps {
  label: string;
  count: number;
  at: number | null;
  set(at: number | null): void;
  /** What is at a place, in words. */
  words(at: number): string;
  /** Where the first and the last place are, in pixels of the drawing; for bars: where the first begins and the last ends. */
  from: number;
  to: number;
  bands?: boolean;
  height: number;
}

/** Lies over a chart: by pointer, touch and arrow keys from day to day. */
export function Walk({ label, count, at, set, words, from, to, bands = false, height }: WalkProps) {
  const box = useRef<HTMLInputElement>(null);
  const here = at ?? count - 1;
  const move = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (!rect) return;
    const part = (event.clientX - rect.left) / rect.width;
    const place = bands ? Math.floor(part * count) : Math.round(part * (count - 1));
    set(Math.max(0, Math.min(count - 1, place)));
  };
  return (
    <input
      ref={box} type="range" class="walk" min={0} max={count - 1} step={1} value={here} aria-label={label} aria-valuetext={words(here)}
      style={{ left: `${from}px`, width: `${to - from}px`, height: `${height}px` }}
      onInput={(event) => set(Number(event.currentTarget.value))}
      onPointerDown={(event) => {
        // The pointer is where it is: the browser would put the value where its own thumb would be.
        if (event.pointerType === "mouse") event.preventDefault();
        move(event);
      }}
      onPointerMove={move}
      // A finger that was lifted still wants to read.
      onPointerLeave={(event) => event.pointerType === "mouse" && set(null)}
      onFocus={(event) => event.currentTarget.matches(":focus-visible") && set(here)}
      onBlur={() => set(null)}
      onKeyDown={(event) => {
        if (event.key === "Escape") set(null);
      }}
    />
  );
}

interface TipProps {
  x: number;
  width: number;
  title: string;
  children: ComponentChildren;
  y?: number;
  /** Whether it has much to say. */
  wide?: boolean;
}

/** What is at a place of a chart, beside it. Screen readers hear it from the walk. */
export function Tip({ x, y = 8, width, title, children, wide = false }: TipProps) {
  const right = x < width / 2;
  // Beside the place, on the side where there is more room, and never beyond the chart.
  const room = Math.min(wide ? 420 : 260, (right ? width - x : x) - 4);
  return (
    <div class={`tip ${right ? "" : "tip-left"}`} style={{ left: `${x}px`, top: `${y}px`, maxWidth: `${room}px` }} aria-hidden="true">
      <b>{title}</b>
      {children}
    </div>
  );
}

/** Text that moves a little when it changes, not when it appears. */
export function Moving({ children }: { children: string }) {
  const before = useRef(children);
  const changed = useRef(0);
  if (before.current !== children) {
    before.current = children;
    changed.current++;
  }
  return <span key={changed.current} class={changed.current > 0 ? "moving" : undefined}>{children}</span>;
}
