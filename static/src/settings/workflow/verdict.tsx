import { CircleCheck, TriangleAlert } from "lucide-preact";
import { faults, type Trap, traps } from "../../store/workflow/check";
import type { Draft } from "../../store/workflow/draft";
import { s } from "../words";
import { nameIn } from "./describe";

/** The check: what is wrong with the draft, by name, or that nothing is. */
export function Verdict({ draft }: { draft: Draft }) {
  const whole = faults(draft).flatMap((fault) => ("state" in fault ? [] : [s.workflow.faults[fault.kind]]));
  const caught = traps(draft);
  if (whole.length === 0 && caught.length === 0) {
    return (
      <p class="verdict verdict-fine" data-verdict="fine">
        <CircleCheck class="icon" aria-hidden="true" />
        {s.workflow.fine}
      </p>
    );
  }
  const words = (trap: Trap) => ("state" in trap ? s.workflow.traps[trap.kind](`“${nameIn(draft, trap.state)}”`) : s.workflow.traps[trap.kind]);
  return (
    <ul class="verdict" data-verdict="traps" aria-label={s.workflow.check}>
      {[...whole, ...caught.map(words)].map((text) => (
        <li key={text}>
          <TriangleAlert class="icon" aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
