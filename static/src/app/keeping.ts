/** Keeps what is seen for a time without a line: the open board, and the app itself by its service worker. */
import { effect } from "@preact/signals";
import { board, keepBoard } from "./board";
import { status } from "./session";

/** Boards are large: they are kept when there is time, and when there may be none later. */
const EVERY = 60_000;

export function startKeeping(): void {
  const later = (call: () => void) => ("requestIdleCallback" in window ? requestIdleCallback(call, { timeout: 5_000 }) : setTimeout(call, 1_000));
  const keep = () => void keepBoard();
  let first: string | null = null;
  effect(() => {
    const key = board.value?.project.key ?? null;
    if (key !== first && key !== null) later(keep);
    first = key;
  });
  effect(() => {
    if (status.value.kind === "offline") later(keep);
  });
  setInterval(() => later(keep), EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) keep();
  });
  addEventListener("pagehide", keep);
  if ("serviceWorker" in navigator) {
    // Where the line has gone meanwhile the next page does it.
    later(() => void navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" }).catch(() => {}));
  }
}
