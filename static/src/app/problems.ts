/** Refusals in words a person can act on. */
import type { Requirement, State, Workflow } from "../api/types";
import { NoLine, Problem } from "../api/client";
import type { Verdict } from "../store/rules";
import { allOf, anyOf, language, t } from "./text";

export interface Words {
  text: string;
  /** What would work. */
  more: string | undefined;
}

export function explain(error: unknown, workflow?: Workflow): Words {
  if (error instanceof NoLine) return { text: t.problems.noLine, more: t.problems.noLineMore };
  if (!(error instanceof Problem)) throw error;
  const { body, code } = error;
  const known = t.problems.byCode[code as keyof typeof t.problems.byCode] as string | undefined;
  // The server explains in English, and more exactly than a catalogue can.
  const text = (language === "en" ? body.detail : known) || known || body.detail || body.title || t.problems.unknown;
  return { text, more: body.allowed ? whereTo(body.allowed, workflow) : undefined };
}

/** Why a task may not go from one state to another; "" where it may. */
export function whyNot(verdict: Verdict, from: State | undefined, to: State): string {
  if (verdict.ok) return "";
  switch (verdict.why) {
    case "viewer":
      return t.why.viewer;
    case "full":
      return t.why.full(to.name, verdict.limit);
    case "role":
      return t.why.role(anyOf(verdict.roles.map((role) => t.roles[role])));
    case "needs":
      return t.why.needs(allOf(verdict.needs.map(need)));
    case "transition":
      return t.why.transition(from?.name ?? "", to.name);
  }
}

function need(requirement: Requirement): string {
  return t.requirements[requirement];
}

function whereTo(allowed: readonly string[], workflow: Workflow | undefined): string | undefined {
  const names = allowed.map((id) => workflow?.states.find((state) => state.id === id)?.name ?? id);
  return names.length > 0 ? t.why.allowed(anyOf(names)) : t.why.nowhere;
}
