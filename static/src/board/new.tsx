import { useComputed } from "@preact/signals";
import { Plus } from "lucide-preact";
import { states } from "../app/board";
import { go, projectPath } from "../app/router";
import { t } from "../app/text";
import { hint, shortcuts } from "../keys/table";
import { birthState } from "./birth";
import { composing } from "./composer";
import { inView } from "./tabs";

/** Begins a task in the first column that takes one; from elsewhere in the project it leads to the board. */
export function NewTask({ projectKey, elsewhere = false }: { projectKey: string; elsewhere?: boolean }) {
  if (!useComputed(() => birthState() !== undefined).value) return null;
  const start = () => {
    const wide = matchMedia("(min-width: 721px)").matches;
    // On a phone the column one looks at is meant, where it takes new tasks.
    const here = wide ? undefined : states.value[inView.value];
    const button = here && document.querySelector<HTMLElement>(`[data-state="${CSS.escape(here.id)}"] .column-head > button:not([aria-haspopup]):enabled`);
    if (elsewhere) go(projectPath(projectKey));
    composing.value = button && here ? here.id : (birthState()?.id ?? null);
  };
  return (
    <button type="button" class="button button-main new-task" aria-label={t.newTask} title={elsewhere ? undefined : hint("create")} aria-keyshortcuts={elsewhere ? undefined : shortcuts("create")} onClick={start}>
      <Plus class="icon" aria-hidden="true" />
      <span class="new-task-text">{t.newTask}</span>
    </button>
  );
}
