/** The tasks of all my projects that the server finds while somebody types. */
import { useEffect, useState } from "preact/hooks";
import { attempt } from "../api/client";
import type { Hit, Hits } from "../api/types";
import { status } from "../app/session";

export interface Elsewhere {
  hits: readonly Hit[];
  /** `asking`: an answer is awaited; `cut`: there is no line, or the server did not answer; more letters may find `more`. */
  state: "idle" | "asking" | "found" | "cut";
  more: boolean;
}

const NOTHING: Elsewhere = { hits: [], state: "idle", more: false };
/** Who types on within this time is not asked for. */
const PAUSE = 120;
/** Who got no answer asks again after this time. */
const AGAIN = 2_000;
const MOST = 40;

/** What the server finds for a query; what it found for the letters before stays until then. */
export function useElsewhere(query: string): Elsewhere {
  const [found, setFound] = useState<Elsewhere>(NOTHING);
  const asked = query.trim();
  const line = status.value.kind !== "offline";
  useEffect(() => {
    if (asked === "") {
      setFound(NOTHING);
      return;
    }
    if (!line) {
      setFound((now) => ({ ...now, state: "cut", more: false }));
      return;
    }
    setFound((now) => ({ ...now, state: "asking", more: false }));
    const given = new AbortController();
    const ask = async () => {
      try {
        const { items, has_more } = await attempt<Hits>("GET", `/search?limit=${MOST}&q=${encodeURIComponent(asked.slice(0, 200))}`, { signal: given.signal });
        if (given.signal.aborted) return;
        setFound({ hits: items, state: "found", more: has_more });
      } catch {
        if (given.signal.aborted) return;
        // What is here is found all the same, and the list says that the rest was not looked at.
        setFound((now) => ({ ...now, state: "cut" }));
        timer = setTimeout(ask, AGAIN);
      }
    };
    let timer = setTimeout(ask, PAUSE);
    return () => {
      clearTimeout(timer);
      given.abort();
    };
  }, [asked, line]);
  return found;
}
