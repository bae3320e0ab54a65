import { useEffect } from "preact/hooks";
import { Dialog } from "../parts/dialog";
import { loadMutes, mutes, unmute } from "./muting";
import { w } from "./words";

/** What I muted, each with a way back. */
export function Mutes({ close }: { close(): void }) {
  useEffect(() => void loadMutes(), []);
  const all = mutes.value;
  return (
    <Dialog title={w.muted} close={close}>
      {all?.length === 0 && <p class="inbox-about">{w.nothingMuted}</p>}
      {all !== null && all.length > 0 && (
        <>
          <p class="inbox-about">{w.mutedAbout}</p>
          <ul class="inbox-mutes">
            {all.map(({ reason, project, project_name }) => {
              const where = project_name ?? w.everywhere;
              return (
                <li key={`${project}:${reason}`} class="inbox-muted">
                  <span class="inbox-kind">{w.kinds[reason]}</span>
                  <span class="inbox-where">{where}</span>
                  <button type="button" class="button button-small" aria-label={w.unmuteOf(w.kinds[reason], where)} onClick={() => void unmute(reason, project)}>
                    {w.unmute}
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Dialog>
  );
}
