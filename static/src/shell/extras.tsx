import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { close, type Extra, extra } from "../app/extras";
import { toast } from "../app/notices";
import { t } from "../app/text";

const LOAD: Record<Extra, () => Promise<{ default: ComponentType }>> = {
  palette: () => import("../palette/palette"),
  keys: () => import("../keys/list"),
  archived: () => import("../board/archived"),
};

const loaded = new Map<Extra, ComponentType>();

/** Fetches a part when it is first asked for; it is there at once from then on. */
export function Extras() {
  const which = extra.value;
  const [, again] = useState(0);
  useEffect(() => {
    if (which === null || loaded.has(which)) return;
    LOAD[which]().then(
      (part) => {
        loaded.set(which, part.default);
        again((n) => n + 1);
      },
      () => {
        close();
        toast(t.work.notLoaded, "refused", t.problems.noLineMore);
      },
    );
  }, [which]);
  const Part = which === null ? undefined : loaded.get(which);
  return Part ? <Part /> : null;
}
