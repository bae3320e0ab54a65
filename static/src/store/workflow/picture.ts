/**
 * Where states and arrows stand in the picture of a workflow: the states one below the other, as on the board from
 * left to right; moves on at the right side, moves back at the left, each in a lane of its own, so that no line runs
 * through a state or along another one.
 */
import type { State, Transition } from "../../api/types";
import type { Rules } from "./draft";

export interface Box {
  state: State;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Arrow {
  step: Transition;
  /** An SVG path whose end is the arrow's head. */
  path: string;
}

export interface Picture {
  width: number;
  height: number;
  boxes: Box[];
  arrows: Arrow[];
}

const EDGE = 4;
const WIDTH = 176;
const LOW = 36;
const GAP = 30;
const LANE = 16;
const FIRST_LANE = 20;
/** Between two lines that meet the same side of a box. */
const PORT = 9;
const MARGIN = 9;
const ROUND = 8;

interface Line {
  step: Transition;
  from: number;
  to: number;
  side: "left" | "right";
  lane: number;
}

/** The picture of these rules; without moves only its states. */
export function picture({ states, transitions }: Rules): Picture {
  const at = new Map(states.map((state, index) => [state.id, index]));
  const all = (transitions ?? []).flatMap((step): Line[] => {
    const [from, to] = [at.get(step.from), at.get(step.to)];
    return from === undefined || to === undefined || from === to ? [] : [{ step, from, to, side: from < to ? "right" : "left", lane: 0 }];
  });
  const short = all.filter((line) => Math.abs(line.from - line.to) === 1);
  const long = all.filter((line) => Math.abs(line.from - line.to) > 1);
  const lanes = { left: giveLanes(long.filter((line) => line.side === "left")), right: giveLanes(long.filter((line) => line.side === "right")) };
  const left = EDGE + (lanes.left > 0 ? FIRST_LANE + lanes.left * LANE : 0);
  const right = lanes.right > 0 ? FIRST_LANE + lanes.right * LANE : 0;

  const ports = states.map((_, index) => ({ left: portsOf(long, index, "left"), right: portsOf(long, index, "right") }));
  const boxes: Box[] = [];
  let y = EDGE;
  states.forEach((state, index) => {
    const most = Math.max(ports[index]?.left.length ?? 0, ports[index]?.right.length ?? 0);
    const height = Math.max(LOW, most * PORT + 2 * MARGIN - PORT);
    boxes.push({ state, x: left, y, width: WIDTH, height });
    y += height + GAP;
  });

  const portY = (index: number, side: "left" | "right", line: Line): number => {
    const list = ports[index]?.[side] ?? [];
    const box = boxes[index] as Box;
    return box.y + box.height / 2 + (list.indexOf(line) - (list.length - 1) / 2) * PORT;
  };
  const arrows = [
    ...short.map((line) => ({ step: line.step, path: straight(boxes[line.from] as Box, boxes[line.to] as Box, line.side) })),
    ...long.map((line) => ({
      step: line.step,
      path: around(boxes[line.from] as Box, portY(line.from, line.side, line), portY(line.to, line.side, line), line),
    })),
  ];
  return { width: left + WIDTH + right + EDGE, height: Math.max(0, y - GAP) + EDGE, boxes, arrows };
}

/** Between neighbours: down at the left of the middle, up at the right of it. */
function straight(from: Box, to: Box, side: "left" | "right"): string {
  const x = from.x + from.width / 2 + (side === "right" ? -12 : 12);
  return side === "right" ? `M${x} ${from.y + from.height}V${to.y}` : `M${x} ${from.y}V${to.y + to.height}`;
}

function around(box: Box, start: number, end: number, { side, lane }: Line): string {
  const way = side === "right" ? 1 : -1;
  const edge = side === "right" ? box.x + box.width : box.x;
  const x = edge + way * (FIRST_LANE + lane * LANE);
  const down = end > start ? 1 : -1;
  return (
    `M${edge} ${start}H${x - way * ROUND}Q${x} ${start} ${x} ${start + down * ROUND}` +
    `V${end - down * ROUND}Q${x} ${end} ${x - way * ROUND} ${end}H${edge}`
  );
}

/** Give each line the innermost lane where it meets no other; short ones first. The number of lanes. */
function giveLanes(lines: Line[]): number {
  const span = (line: Line): [number, number] => [Math.min(line.from, line.to), Math.max(line.from, line.to)];
  const taken: [number, number][][] = [];
  const length = (line: Line) => Math.abs(line.from - line.to);
  for (const line of [...lines].sort((a, b) => length(a) - length(b) || a.from - b.from)) {
    const [low, high] = span(line);
    // Touching at a state counts: both have an end there.
    const lane = taken.findIndex((spans) => spans.every(([from, to]) => to < low || from > high));
    line.lane = lane < 0 ? taken.length : lane;
    (taken[line.lane] ??= []).push([low, high]);
  }
  return taken.length;
}

/**
 * The lines that meet a side of a box, from top to bottom so that none crosses another there: those to what is above
 * it, the innermost first, then those to what is below, the innermost last.
 */
function portsOf(lines: readonly Line[], index: number, side: "left" | "right"): Line[] {
  const here = lines.filter((line) => line.side === side && (line.from === index || line.to === index));
  const other = (line: Line) => (line.from === index ? line.to : line.from);
  const above = here.filter((line) => other(line) < index).sort((a, b) => a.lane - b.lane);
  const below = here.filter((line) => other(line) > index).sort((a, b) => b.lane - a.lane);
  return [...above, ...below];
}
