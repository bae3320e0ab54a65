/** Whether a new project is asked for, and from which template. The dialog itself comes when it is needed. */
import { signal } from "@preact/signals";

export const TEMPLATES = ["simple", "strict"] as const;
export type Template = (typeof TEMPLATES)[number];

export const asking = signal<Template | null>(null);

export function askForProject(template?: unknown): void {
  asking.value = template === "strict" ? "strict" : "simple";
}
