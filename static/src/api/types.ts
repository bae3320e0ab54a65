/** What the wire carries, as the contract's version 1 says it. */

export type Priority = "none" | "low" | "medium" | "high" | "urgent";
export type Category = "backlog" | "todo" | "doing" | "done" | "cancelled";
export type Role = "viewer" | "member" | "owner";

export const PRIORITIES: readonly Priority[] = ["none", "low", "medium", "high", "urgent"];

export interface Me {
  id: string;
  name: string;
  email: string;
}

export interface Project {
  key: string;
  name: string;
  role?: Role;
}

export interface Member {
  id: string;
  name: string;
  role: Role;
  /** Stands for somebody in imported history, who can't sign in. */
  placeholder: boolean;
}

export interface Label {
  id: string;
  name: string;
  color: string;
}

export interface State {
  id: string;
  name: string;
  category: Category;
  wip_limit: number | null;
}

export interface Transition {
  from: string;
  to: string;
  roles?: Role[] | null;
  /** What the task must have set: assignee, description, due, priority, checklist (all ticked). */
  requires?: Requirement[];
}

export type Requirement = "assignee" | "description" | "due" | "priority" | "checklist";

export interface Workflow {
  version: number;
  states: State[];
  /** null: any move is allowed. */
  transitions: Transition[] | null;
}

export interface Task {
  ref: string;
  project: string;
  number: number;
  title: string;
  description: string;
  state: string;
  /** Tasks of a state sort by it, byte by byte. */
  position: string;
  priority: Priority;
  /** YYYY-MM-DD or a moment in RFC 3339. */
  due: string | null;
  assignees: string[];
  labels: string[];
  archived: boolean;
  comment_count: number;
  checklist?: { done: number; total: number } | null;
  /** The seq of the last event that carried this task. */
  version: number;
  created_at: string;
  updated_at: string;
  created_by: string | null;
  description_html?: string;
}

export interface Comment {
  id: string;
  task: string;
  /** A user id. */
  author: string;
  body: string;
  body_html?: string;
  version: number;
  created_at: string;
  edited_at: string | null;
}

export interface BoardSnapshot {
  log: string;
  seq: number;
  project: Project;
  workflow: Workflow;
  members: Member[];
  labels: Label[];
  tasks: Task[];
}

export interface Actor {
  id: string;
  name: string;
}

export interface LogEvent {
  v: number;
  seq: number;
  type: string;
  at: string;
  actor: Actor;
  project: string | Project;
  command_id: string;
  changes: Record<string, [unknown, unknown]>;
  task?: Task;
  comment?: Comment;
  label?: Label;
  member?: Member;
  workflow?: Workflow;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
