/** What an event says, in words: the one place where each type and each changed field gets its sentence. */
import type { LogEvent } from "../api/types";
import type { Messages } from "../messages/en";
import { tickedBetween } from "../writing/marks";

/** What the sentence needs to know of the project and the language. */
export interface Names {
  t: Messages["task"]["activity"];
  priorities: Messages["priorities"];
  state(id: string): string;
  person(id: string): string;
  label(id: string): string;
  due(due: string): string;
  all(items: readonly string[]): string;
  /** What one event says of several fields, put together. */
  clauses(items: readonly string[]): string;
}

type Change = readonly [unknown, unknown];
type Changes = Readonly<Record<string, Change>>;

/** What the actor of an event did, as the rest of a sentence that begins with their name. */
export function said(event: LogEvent, names: Names): string {
  const { t } = names;
  const changes = event.changes as Changes;
  const label = event.label?.name ?? "";
  const person = event.member?.name ?? "";
  switch (event.type) {
    case "task.created":
      return t.created;
    case "task.edited":
    case "task.moved":
      return fields(changes, event, names) || t.edited;
    case "task.archived":
      return t.archived;
    case "task.restored":
      return "archived" in changes ? t.unarchived : t.undeleted;
    case "task.deleted":
      return t.deleted;
    case "comment.created":
      return event.comment && event.comment.created_at !== event.at ? t.commentBack : t.commented;
    case "comment.edited":
      return t.commentEdited;
    case "comment.deleted":
      return event.comment && event.comment.author !== event.actor.id ? t.commentOfDeleted(names.person(event.comment.author)) : t.commentDeleted;
    case "label.created":
      return t.labelCreated(label);
    case "label.edited":
      return named(changes, (old, fresh) => t.labelRenamed(old, fresh)) ?? t.labelColoured(label);
    case "label.deleted":
      return t.labelDeleted(label);
    case "member.added":
      return person && event.member?.id === event.actor.id ? t.joined : t.memberAdded(person);
    case "member.changed":
      return member(event, changes, names);
    case "member.removed":
      return event.member?.id === event.actor.id ? t.left : t.memberRemoved(person);
    case "workflow.changed":
      return workflow(changes, names);
    case "project.created":
      return t.projectCreated;
    case "project.edited":
      return named(changes, (old, fresh) => t.projectRenamed(old, fresh)) ?? t.projectEdited;
    case "project.deleted":
      return t.projectDeleted;
    default:
      return t.unknown(event.type);
  }
}

function member(event: LogEvent, changes: Changes, { t, clauses: together }: Names): string {
  const self = event.member?.id === event.actor.id;
  const renamed = named(changes, self ? t.renamedSelf : t.memberRenamed);
  const role = "role" in changes && event.member ? t.memberRole(event.member.name, t.as[event.member.role]) : null;
  const clauses = [renamed, role].filter((clause) => clause !== null);
  return clauses.length > 0 ? together(clauses) : t.memberChanged(event.member?.name ?? "");
}

function named(changes: Changes, say: (old: string, fresh: string) => string): string | null {
  const change = changes["name"];
  return change && typeof change[0] === "string" ? say(change[0], String(change[1])) : null;
}

/** One clause for each field, in the order in which a task shows them. */
const ORDER = ["title", "state", "position", "description", "assignees", "labels", "priority", "due", "archived"];

function fields(changes: Changes, event: LogEvent, names: Names): string {
  const order = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const changed = Object.keys(changes)
    .filter((name) => name !== "position" || !("state" in changes))
    .sort((a, b) => order(a) - order(b));
  return names.clauses(changed.flatMap((name) => field(name, changes[name] ?? [null, null], event, names)));
}

function field(name: string, [old, fresh]: Change, event: LogEvent, names: Names): string[] {
  const { t } = names;
  switch (name) {
    case "title":
      return [t.title(String(old ?? ""), String(fresh ?? ""))];
    case "state":
      return [t.moved(names.state(String(old)), names.state(String(fresh)))];
    case "position":
      return [t.reordered(names.state(event.task?.state ?? ""))];
    case "description":
      return [description(String(old ?? ""), String(fresh ?? ""), names)];
    case "assignees":
      return lists(old, fresh, (id) => (id === event.actor.id ? t.themselves : names.person(id)), t.assigned, t.unassigned, names);
    case "labels":
      return lists(old, fresh, names.label, t.labelled, t.unlabelled, names);
    case "priority":
      return [fresh === "none" ? t.noPriority : t.priority(names.priorities[fresh as keyof typeof names.priorities] ?? String(fresh))];
    case "due":
      return [typeof fresh === "string" ? t.due(names.due(fresh)) : t.noDue];
    case "archived":
      return [fresh ? t.archived : t.unarchived];
    default:
      return [t.field(name)];
  }
}

function description(old: string, fresh: string, { t }: Names): string {
  const ticked = tickedBetween(old, fresh);
  if (ticked) return ticked.on ? t.ticked(ticked.item) : t.unticked(ticked.item);
  if (old.trim() === "") return t.described;
  return fresh.trim() === "" ? t.undescribed : t.description;
}

type Say = (names: string, n: number) => string;

function lists(old: unknown, fresh: unknown, name: (id: string) => string, added: Say, taken: Say, { all, t }: Names): string[] {
  const [was, is] = [ids(old), ids(fresh)];
  const came = is.filter((id) => !was.includes(id)).map(name);
  const went = was.filter((id) => !is.includes(id)).map(name);
  const clauses = [
    ...(came.length > 0 ? [added(all(came), came.length)] : []),
    ...(went.length > 0 ? [taken(all(went), went.length)] : []),
  ];
  return clauses.length > 0 ? clauses : [t.sorted];
}

const ids = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

function workflow(changes: Changes, { t, clauses: together }: Names): string {
  const clauses = [...("states" in changes ? [t.states] : []), ...("transitions" in changes ? [t.transitions] : [])];
  return clauses.length > 0 ? together(clauses) : t.workflow;
}
