import { CircleCheck, TriangleAlert } from "lucide-preact";
import { faults, type Trap, traps } from "../../store/workflow/check";
import type { Draft } from "../../store/workflow/draft";
import { s } from "../words";
import { nameIn } from "./describe";

/** The check: what is wrong with the draft, by name, or that nothing is. */
export function Verdict({ draft }: { draft: Draft }) {
  const whole = faults(draft).flatMap((fault) => ("state" in fault ? [] : [s.workflow.faults[fault.kind]]));
  const caught = traps(draft);
  const words = (trap: Trap) => ("state" in trap ? s.workflow.traps[trap.kind](`“${nameIn(draft, trap.state)}”`) : s.workflow.traps[trap.kind]);
  const lines = [...whole, ...caught.map(words)];
  return (
    <div role="status" class="verdict" aria-label={s.workflow.check} data-verdict={lines.length > 0 ? "traps" : "fine"}>
      {lines.length === 0 && (
        <p class="verdict-fine">
          <CircleCheck class="icon" aria-hidden="true" />
          {s.workflow.fine}
        </p>
      )}
      {lines.map((text) => (
        <p key={text}>
          <TriangleAlert class="icon" aria-hidden="true" />
          {text}
        </p>
      ))}
    </div>
  );
}
