/** Small drawings that carry a meaning: states, priorities, labels, TaskHub's own mark. */
import type { Label, Priority, State } from "../api/types";
import { t } from "../app/text";

export interface Look {
  category: State["category"];
  /** How full the ring is, for states in which work is being done. */
  part: number;
  colour: string;
}

/** How each state's ring looks: the doing states fill up one after the other. */
export function looks(states: readonly State[]): ReadonlyMap<string, Look> {
  const doing = states.filter((state) => state.category === "doing");
  return new Map(
    states.map((state) => {
      const nth = doing.indexOf(state);
      const last = doing.length > 1 && nth === doing.length - 1;
      const part = nth < 0 ? 0 : 0.5 + (0.5 * nth) / doing.length;
      const colour = last ? "var(--review)" : `var(--${state.category})`;
      return [state.id, { category: state.category, part, colour }];
    }),
  );
}

const ROUND = 2 * Math.PI;

export function StateRing({ look }: { look: Look | undefined }) {
  const { category, part, colour } = look ?? { category: "todo", part: 0, colour: "var(--todo)" };
  if (category === "done" || category === "cancelled") {
    return (
      <svg class="ring" viewBox="0 0 14 14" style={{ color: colour }} aria-hidden="true">
        <circle cx="7" cy="7" r="6.5" fill="currentColor" />
        <path
          d={category === "done" ? "M4.2 7.2 6.2 9.2 9.9 5.2" : "M4.8 4.8 9.2 9.2 M9.2 4.8 4.8 9.2"}
          fill="none" stroke="var(--surface)" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"
        />
      </svg>
    );
  }
  return (
    <svg class="ring" viewBox="0 0 14 14" style={{ color: colour }} aria-hidden="true">
      <circle
        cx="7" cy="7" r="5.8" fill="none" stroke="currentColor" stroke-width="1.5"
        stroke-dasharray={category === "backlog" ? "2 1.644" : undefined}
      />
      {part > 0 && (
        <circle
          cx="7" cy="7" r="1.75" fill="none" stroke="currentColor" stroke-width="3.5"
          stroke-dasharray={`${ROUND * 1.75 * part} 20`} transform="rotate(-90 7 7)"
        />
      )}
    </svg>
  );
}

const BARS: Record<Priority, number> = { none: 0, low: 1, medium: 2, high: 3, urgent: 3 };

export function PriorityBars({ priority, quiet = false }: { priority: Priority; quiet?: boolean }) {
  return (
    <span class={`bars ${priority === "urgent" ? "bars-urgent" : ""}`} title={quiet ? undefined : t.priorities[priority]}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {[0, 1, 2].map((n) => (
          <rect key={n} x={n * 4} y={7 - n * 3} width="3" height={5 + n * 3} rx="1" opacity={n < BARS[priority] ? 1 : 0.28} />
        ))}
      </svg>
      {!quiet && <span class="unseen">{t.priorityIs(t.priorities[priority])} </span>}
    </span>
  );
}

export function LabelPill({ label }: { label: Label }) {
  return (
    <span class="label" style={{ "--c": label.color }}>
      {label.name}{" "}
    </span>
  );
}

/** A project's tile: its first letter on a colour of its own; where its name does not stand beside it, its `key` in short. */
export function ProjectTile({ name, colour, size = "small", letters }: { name: string; colour: string; size?: "small" | "large"; letters?: string | undefined }) {
  return (
    <span class={`tile tile-${letters ? "key" : size}`} style={{ background: colour }} aria-hidden="true">
      {letters ?? [...name.trim()][0]?.toUpperCase() ?? "?"}
    </span>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6" fill="var(--accent)" />
      <path d="M6 7h7M6 11h10M6 15h5" stroke="var(--accent-ink)" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}
