/** Changes of a workflow in words. */
import type { Rules } from "../../store/workflow/draft";
import type { Change, Clash } from "../../store/workflow/changes";
import { s } from "../words";

export function changeWords(change: Change): string {
  const w = s.workflow.change;
  const named = (name: string) => name.trim() || s.workflow.unnamed;
  switch (change.kind) {
    case "added":
    case "dropped":
      return w[change.kind](named(change.name));
    case "renamed":
      return w.renamed(change.from, named(change.name));
    case "category":
      return w.category(named(change.name), s.workflow.categories[change.to]);
    case "limit":
      return change.to === null || Number.isNaN(change.to) ? w.noLimit(named(change.name)) : w.limit(named(change.name), change.to);
    case "order":
    case "any":
    case "enforced":
      return w[change.kind];
    default:
      return w[change.kind](named(change.names[0]), named(change.names[1]));
  }
}

export function clashWords(clash: Clash): string {
  const w = s.workflow.clash;
  const limit = (n: number | null) => (n === null ? s.workflow.noLimit : String(n));
  switch (clash.kind) {
    case "name":
      return w.name(clash.mine, clash.theirs);
    case "category":
      return w.category(clash.name, s.workflow.categories[clash.mine], s.workflow.categories[clash.theirs]);
    case "limit":
      return w.limit(clash.name, limit(clash.mine), limit(clash.theirs));
    case "dropped":
      return w.dropped(clash.name);
    case "order":
      return w.order;
    case "move":
      return w.move(...clash.names);
  }
}

export function nameIn(rules: Rules, id: string): string {
  return rules.states.find((state) => state.id === id)?.name || s.workflow.unnamed;
}
