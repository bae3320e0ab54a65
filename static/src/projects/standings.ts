/** The figures of all my projects in short, over one stream while the overview is looked at. */
import { signal } from "@preact/signals";
import type { ShortFigures, Standings } from "../api/generated";
import { surroundings, whileLookedAt } from "../app/looking";
import { load, mine } from "../app/mine";
import { Follower } from "../live/follow";

/** By the project's key; what the stream has not told yet stands in its summary. */
export const standings = signal<ReadonlyMap<string, ShortFigures>>(new Map());

/** Keep them live until the answer is called. */
export function watchStandings(): () => void {
  const follower = new Follower("/api/v1/me/overview/stream", surroundings, {
    message: (event, data) => {
      if (event !== "overview") return;
      const { items } = data as Standings;
      standings.value = new Map(items.map(({ key, figures }) => [key, figures]));
      // Somebody took me into a project.
      if (mine.value && items.some(({ key }) => !mine.value?.projects.has(key))) void load();
    },
    state: () => {},
  });
  const stop = whileLookedAt(follower);
  return () => {
    stop();
    follower.stop();
  };
}
