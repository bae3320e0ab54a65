/** The figures as the charts see them; what each is, the server's own documents say. */
import type { Dashboard, DoneDay, FlowDay } from "../api/generated";

export type { CycleTask, DoneDay, FlowDay, Forecast, PastState, StateFigure } from "../api/generated";

export type Figures = Omit<Dashboard, "flow" | "throughput"> & { flow: readonly FlowDay[]; throughput: readonly DoneDay[] };
