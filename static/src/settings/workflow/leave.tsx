import { useLayoutEffect, useState } from "preact/hooks";
import { guardRoute, parse } from "../../app/router";
import { s } from "../words";
import { Confirm } from "../parts";
import { dirty, discard, made } from "./desk";

/** Asks before an unsaved workflow is left: for another place here by a question, for another page by the browser's. */
export function LeaveGuard({ projectKey }: { projectKey: string }) {
  const [leave, setLeave] = useState<{ go(): void } | null>(null);
  const held = dirty.value;
  useLayoutEffect(
    () =>
      guardRoute((to, go) => {
        const there = parse(to);
        // Asked of the draft itself: what was drawn may be a moment behind it.
        if (!dirty.value || (there.at === "settings" && there.key === projectKey)) return false;
        setLeave({ go });
        return true;
      }),
    [projectKey],
  );
  useLayoutEffect(() => {
    if (!held) return;
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", unload);
    return () => removeEventListener("beforeunload", unload);
  }, [held]);
  if (!leave) return null;
  return (
    <Confirm
      title={s.workflow.leaveTitle} action={s.workflow.leaveDo} close={() => setLeave(null)}
      run={async () => {
        setLeave(null);
        discard();
        leave.go();
      }}
    >
      <p class="quiet">{s.workflow.leaveText(made.value.length)}</p>
    </Confirm>
  );
}
