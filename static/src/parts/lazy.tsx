/** Parts of the app whose code is fetched when it is first needed. */
import { signal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toast } from "../app/notices";
import { t } from "../app/text";
import { useSlow } from "./waiting";

/** What stands there without the part; nothing, unless said. */
interface Instead {
  /** While it takes long. */
  slow?: () => ComponentChildren;
  /** Where it could not be fetched. */
  failed?: () => ComponentChildren;
  /** It could not be fetched: who asked for it is to be told. */
  gaveUp?: () => void;
}

/** A part, and `fetch` to have it here before it is shown. */
export type Lazy<P> = ComponentType<P> & { fetch(): void };

/** `load` is called once, and again after it failed. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>, { slow, failed, gaveUp }: Instead = {}): Lazy<P> {
  const found = signal<ComponentType<P> | null>(null);
  let asked: Promise<boolean> | null = null;
  const fetch = (): Promise<boolean> =>
    (asked ??= load().then(
      (part) => {
        found.value = part;
        return true;
      },
      () => {
        asked = null;
        return false;
      },
    ));
  function Part(props: P) {
    const Found = found.value;
    const [lost, setLost] = useState(false);
    const late = useSlow(slow !== undefined && Found === null && !lost);
    useEffect(() => {
      let here = true;
      void fetch().then((well) => {
        if (well || !here) return;
        setLost(true);
        gaveUp?.();
      });
      return () => {
        here = false;
      };
    }, []);
    if (Found) return <Found {...props} />;
    if (lost) return failed?.() ?? null;
    return late ? slow?.() : null;
  }
  return Object.assign(Part, { fetch: () => void fetch() });
}

/** In the middle of a page that is about it: that it can't be fetched is said. */
export const inPage: Instead = {
  failed: () => (
    <div class="empty" role="alert">
      <p>{t.problems.noLine}</p>
      {/* Browsers remember an import that failed: only a new page asks again. */}
      <button type="button" class="button" onClick={() => location.reload()}>{t.tryAgain}</button>
    </div>
  ),
};

/** A whole screen. */
export const asScreen: Instead = {
  slow: () => (
    <main class="page">
      <div class="page-body" aria-hidden="true">
        <span class="bone bone-title" />
        <span class="bone bone-line" />
      </div>
    </main>
  ),
  failed: () => <main class="page">{inPage.failed?.()}</main>,
};

/** Over what is there: where it can't be fetched, a toast says so. */
export const over = (close: () => void = () => {}): Instead => ({
  gaveUp: () => {
    close();
    toast(t.work.notLoaded, "refused", t.problems.noLineMore);
  },
});
