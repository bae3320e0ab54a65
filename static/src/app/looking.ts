/** What streams of figures need of the window they are in. */
import type { Follower, Surroundings } from "../live/follow";

export const surroundings: Surroundings = {
  fetch: (path, init) => fetch(path, init),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** Open a stream while the window is seen; answers how to end that. */
export function whileLookedAt(follower: Follower): () => void {
  const look = () => (document.hidden ? follower.rest() : follower.wake());
  const leave = () => follower.rest();
  const interrupt = () => follower.interrupted();
  look();
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  addEventListener("offline", interrupt);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    removeEventListener("online", look);
    removeEventListener("offline", interrupt);
    removeEventListener("pagehide", leave);
    removeEventListener("pageshow", look);
  };
}
