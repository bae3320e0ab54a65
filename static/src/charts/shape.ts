/** What the server says of a project's figures. */
import type { Category } from "../api/types";

export interface StateFigure { id: string; name: string; category: Category; count: number; wip_limit: number | null }
/** A state that the workflow lost, and that tasks were in. */
export interface PastState { id: string; name: string; category: Category }
export interface PersonFigure { id: string | null; name: string | null; open: number; doing: number; todo: number; backlog: number }
export interface FlowDay { day: string; counts: Record<string, number> }
export interface ThroughputDay { day: string; done: number }
export interface Month { days: number; of: number; p85: number | null }
export interface CycleTask { ref: string | null; title: string | null; at: string; days: number }
export interface Cycle { days: number; tasks: CycleTask[]; of: number; without: number; p50: number | null; p85: number | null; p95: number | null; recent: Month; before: Month }
export type Reason =
  | "nothing_open" | "no_day_yet" | "nothing_done" | "too_far" | "few_days" | "few_done" | "trend" | "spread" | "not_many" | "steady";

export interface Forecast {
  open: number; p50: string | null; p85: string | null; p95: string | null; days: number; samples: number;
  sure: "no" | "little" | "fair" | "good"; reason: Reason;
}

export interface Figures {
  log: string;
  seq: number;
  at: string;
  states: StateFigure[];
  past_states: PastState[];
  wip: { count: number; limit: number | null };
  people: PersonFigure[];
  flow: FlowDay[];
  throughput: ThroughputDay[];
  week: { done: number; mean: number | null; weeks: number };
  cycle: Cycle;
  forecast: Forecast;
}

/** What a wallboard shows. */
export interface WallFigures extends Figures {
  project: { key: string; name: string };
}
