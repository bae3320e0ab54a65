/** What a wallboard shows and how it stays alive for months: its stream, its size, the light of its screen, new builds. */
import { signal } from "@preact/signals";
import { surroundings, whileLookedAt } from "../app/looking";
import { build } from "../app/page";
import { Follower, type Following } from "../live/follow";
import type { Figures } from "../charts/shape";

export const seen = signal<Figures | null>(null);
export const now = signal<Following>({ kind: "connecting" });
/** A pixel of the drawings, which are 1280 by 720, upright 660 by 1360, in pixels of this screen. */
export const pixel = signal(1);

export function watchWall(secret: string): () => void {
  let first = true;
  const follower = new Follower(`/api/v1/wallboards/${encodeURIComponent(secret)}/stream`, surroundings, {
    opened: () => {
      if (!first) void takeNewBuild();
      first = false;
    },
    message: (event, data) => {
      if (event === "dashboard") seen.value = data as Figures;
    },
    state: (state) => {
      now.value = state;
      // What was taken back is no longer shown.
      if (state.kind === "over") seen.value = null;
    },
  });
  const stop = whileLookedAt(follower);
  return () => {
    stop();
    follower.stop();
  };
}

/** The server was away: if it is another build now, so should this page be. */
async function takeNewBuild(): Promise<void> {
  try {
    const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    const its = /<meta name="taskhub-build" content="([^"]*)"/.exec(await answer.text())?.[1];
    if (answer.ok && its !== undefined && its !== build) location.reload();
  } catch {
    // The line is gone again: the next time it is back this is asked again.
  }
}

/** Fill the screen, whatever its size. */
export function fit(): () => void {
  const measure = () => {
    const [width, height] = innerHeight >= innerWidth ? [660, 1360] : [1280, 720];
    pixel.value = Math.max(0.5, Math.min(innerWidth / width, innerHeight / height));
  };
  measure();
  addEventListener("resize", measure);
  return () => removeEventListener("resize", measure);
}

/** Keep the screen from going dark, where the browser can (Screen Wake Lock, W3C); it lets go when it is hidden. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async () => {
    if (document.hidden || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (over) void lock.release();
    } catch {
      // A low battery or a policy forbids it: then the screen's own settings rule.
    }
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
