import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../app/text";

interface Props {
  part: () => Promise<{ default: ComponentType }>;
  /** The page is about it: that it can't be fetched is said. */
  must?: boolean;
}

/** A part that is fetched when it is first shown; nothing until it is here. */
export function Later({ part, must = false }: Props) {
  const [Found, found] = useState<ComponentType | null>(null);
  const [tries, again] = useState(1);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let here = true;
    setFailed(false);
    part().then(
      (loaded) => here && found(() => loaded.default),
      () => here && setFailed(true),
    );
    return () => {
      here = false;
    };
  }, [tries]);
  if (failed && must) {
    return (
      <div class="empty" role="alert">
        <p>{t.problems.noLine}</p>
        <button type="button" class="button" onClick={() => again(tries + 1)}>{t.tryAgain}</button>
      </div>
    );
  }
  return Found && <Found />;
}
