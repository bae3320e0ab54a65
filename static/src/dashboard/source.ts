/** The figures of the project that is shown, kept live over a stream of their own while somebody looks. */
import { effect, signal } from "@preact/signals";
import { surroundings, whileLookedAt } from "../app/looking";
import { status } from "../app/session";
import { Follower, type Following } from "../live/follow";
import type { Figures } from "../charts/shape";

interface Seen {
  key: string;
  figures: Figures;
  /** When they came, in milliseconds since 1970. */
  at: number;
}

export const seen = signal<Seen | null>(null);
export const following = signal<Following>({ kind: "connecting" });

/** Follow the figures of a project until the answer is called. Nobody needs them in a window that is not looked at. */
export function watchFigures(key: string): () => void {
  if (seen.value?.key !== key) seen.value = null;
  following.value = { kind: "connecting" };
  const follower = new Follower(`/api/v1/projects/${key}/dashboard/stream`, surroundings, {
    message: (event, data) => {
      if (event === "dashboard") seen.value = { key, figures: data as Figures, at: Date.now() };
    },
    state: (now) => (following.value = now),
  });
  const stop = whileLookedAt(follower);
  // The line found the server again: so will the stream.
  const stopWaking = effect(() => {
    if (status.value.kind === "live" && !document.hidden) follower.wake();
  });
  return () => {
    stop();
    stopWaking();
    follower.stop();
  };
}
