import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A part that is fetched when it is first shown; nothing until it is here. */
export function Later({ part }: { part: () => Promise<{ default: ComponentType }> }) {
  const [Found, found] = useState<ComponentType | null>(null);
  useEffect(() => {
    let here = true;
    void part().then((loaded) => here && found(() => loaded.default));
    return () => {
      here = false;
    };
  }, []);
  return Found && <Found />;
}
