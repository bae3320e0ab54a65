import type { ComponentChildren, ComponentType } from "preact";
import { load, mine, mineFailure } from "../app/mine";
import { explain } from "../app/problems";
import { t } from "../app/text";
import { useSlow } from "../parts/waiting";

/** What is shown of my work and my projects once they were read; until then the shape of it, or why they could not be. */
export function WhenRead({ bones, shown: Shown }: { bones: () => ComponentChildren; shown: ComponentType }) {
  const slow = useSlow(mine.value === null && !mineFailure.value);
  if (mine.value) return <Shown />;
  if (!mineFailure.value) return <>{slow && bones()}</>;
  return (
    <div class="empty" role="alert">
      <p>{explain(mineFailure.value).text}</p>
      <button type="button" class="button" onClick={() => void load()}>{t.tryAgain}</button>
    </div>
  );
}
