import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { toast } from "../app/notices";
import { t } from "../app/text";

interface Props {
  projectKey: string;
  number: number | string;
}

const panel = signal<ComponentType<Props> | null>(null);
let asked: Promise<void> | null = null;

/** Fetch what shows a task, once: to be called when somebody may be about to open one. */
export function fetchPanel(): void {
  asked ??= import("./panel").then(
    (fetched) => {
      panel.value = fetched.TaskPanel;
    },
    () => {
      asked = null;
    },
  );
}

/** The open task, as soon as what shows it is here. */
export function LazyPanel(props: Props) {
  useEffect(() => {
    fetchPanel();
    void asked?.then(() => {
      if (!panel.peek()) toast(t.problems.noLine, "refused", t.problems.noLineMore);
    });
  }, [props.number]);
  const Panel = panel.value;
  return Panel ? <Panel {...props} /> : null;
}
