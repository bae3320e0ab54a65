import { useEffect, useState } from "preact/hooks";
import { guardRoute, parse } from "../../app/router";
import { s } from "../words";
import { Confirm } from "../parts";
import { dirty, discard, made } from "./desk";

/** Asks before an unsaved workflow is left: for another place here by a question, for another page by the browser's. */
export function LeaveGuard({ projectKey }: { projectKey: string }) {
  const [leave, setLeave] = useState<{ go(): void } | null>(null);
  const held = dirty.value;
  useEffect(() => {
    if (!held) return;
    const unguard = guardRoute((to, go) => {
      const there = parse(to);
      if (there.at === "settings" && there.key === projectKey) return false;
      setLeave({ go });
      return true;
    });
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", unload);
    return () => {
      unguard();
      removeEventListener("beforeunload", unload);
    };
  }, [held, projectKey]);
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
