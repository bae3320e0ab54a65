import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../app/text";
import { useSlow } from "./waiting";

/** A screen whose code is fetched when it is first shown. `load` is called once, and again after it failed. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, drawn] = useState(0);
    const [failed, setFailed] = useState(false);
    const slow = useSlow(Loaded === null && !failed);
    useEffect(() => {
      if (Loaded) return;
      let gone = false;
      load().then(
        (found) => {
          Loaded = found;
          if (!gone) drawn(1);
        },
        () => {
          if (!gone) setFailed(true);
        },
      );
      return () => {
        gone = true;
      };
    }, []);
    if (Loaded) return <Loaded {...props} />;
    return (
      <main class="page">
        {failed && (
          <div class="empty" role="alert">
            <p>{t.problems.noLine}</p>
            {/* Browsers remember an import that failed: only a new page asks again. */}
            <button type="button" class="button" onClick={() => location.reload()}>{t.tryAgain}</button>
          </div>
        )}
        {slow && (
          <div class="page-body" aria-hidden="true">
            <span class="bone bone-title" />
            <span class="bone bone-line" />
          </div>
        )}
      </main>
    );
  };
}
