import { useEffect, useState } from "preact/hooks";
import { role } from "../../app/board";
import { setAnyMove } from "../../store/workflow/draft";
import { ReadOnly, Sheet } from "../parts";
import { s } from "../words";
import { Dock } from "./bar";
import { change, draft } from "./desk";
import { Drawing } from "./drawing";
import { InUse } from "./inuse";
import { Matrix } from "./matrix";
import { States } from "./states";
import { Steps } from "./steps";
import { Verdict } from "./verdict";

export function WorkflowEditor() {
  const may = role.value === "owner";
  const narrow = useNarrow();
  const now = draft.value;
  if (!now) return null;
  return (
    <div class="settings-body settings-wide">
      {!may && <ReadOnly what="workflow" />}
      <States draft={now} may={may} />
      <Sheet title={s.workflow.moves} class="sheet-moves">
        {may ? (
          <label class="switch">
            <input type="checkbox" role="switch" checked={now.transitions === null} onChange={() => change((was) => setAnyMove(was, was.transitions !== null))} />
            <span>
              {s.workflow.any}
              {now.transitions === null && <small>{s.workflow.anyHelp}</small>}
            </span>
          </label>
        ) : (
          now.transitions === null && <p class="sheet-text">{s.workflow.any}</p>
        )}
        <div class="moves">
          <div class="moves-main">
            {now.transitions !== null && (narrow ? <Steps draft={now} may={may} /> : <Matrix draft={now} may={may} />)}
            {/* Below what is pressed: it comes and goes with each press. */}
            <Verdict draft={now} />
          </div>
          <Drawing draft={now} />
        </div>
      </Sheet>
      {may && <Dock />}
      {may && <InUse />}
    </div>
  );
}

const NARROW = "(max-width: 720px)";

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const follow = () => setNarrow(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return narrow;
}
