/**
 * What the wire carries. Written by tools/wire_types.py from the server's OpenAPI and AsyncAPI documents:
 * change the server's models, then run `make types`.
 */

/** The secret at the end of an invite's link. */
export interface Acceptance {
  invite: string;
}

/** Who did it. */
export interface Actor {
  id: string;
  name: string;
}

/** The member, where there is an account of that address; else an invite for it. */
export type AddedOrInvited = Member | Invited;

/** A place in a project: a task, one of its fields or none, and whether somebody types there. */
export interface At {
  task: string;
  field?: string | null;
  typing?: boolean;
}

/** The snapshot of a board at one moment: with the events after `seq` it gives every later one. */
export interface Board {
  log: string;
  seq: number;
  project: Project;
  workflow: Workflow;
  members: Member[];
  labels: Label[];
  tasks: Task[];
}

/** The Markdown task lists of the description, counted. */
export interface Checklist {
  done: number;
  total: number;
}

/** A comment, with its text as sanitised HTML. */
export interface Comment {
  id: string;
  task: string;
  author: string;
  body: string;
  version: number;
  created_at: string;
  edited_at: string | null;
  body_html: string;
}

/** What is said, in Markdown. */
export interface CommentBody {
  body: string;
}

/** What is to be said instead. */
export interface CommentEdit {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  body: string;
}

/** A page of comments. */
export interface Comments {
  items: Comment[];
  next_cursor: string | null;
}

/** So many of one kind; `words` say it in English. */
export interface Counted {
  what: string;
  count: number;
  words: string;
}

/** Who signs in. */
export interface Credentials {
  email: string;
  password: string;
}

/** How long tasks took that became done in the last `days` days, today among them: the latest 1,000 of them. `of` have a cycle time, `without` were never in a state of the category `doing`; `tasks` are the latest 500 with one, oldest first. 50, 85 and 95 of a hundred took at most `p50`, `p85` and `p95` days; null without any. `recent` are the last 30 days, `before` the 30 before them. */
export interface Cycle {
  days: number;
  of: number;
  without: number;
  p50: number | null;
  p85: number | null;
  p95: number | null;
  recent: CyclePart;
  before: CyclePart;
  tasks: CycleTask[];
}

/** So many of the `days`: of how many tasks 85 of a hundred took at most `p85` days. */
export interface CyclePart {
  days: number;
  of: number;
  p85: number | null;
}

/** A task that became done at `at`, so many days after it was first in a state of the category `doing`. */
export interface CycleTask {
  ref: string;
  title: string;
  at: string;
  days: number;
}

/** A project's figures as of `seq` of its log, at the moment `at`. Days are UTC's and end with today. `flow` has 60 of them, `throughput` 63: nine weeks. */
export interface Dashboard {
  log: string;
  seq: number;
  at: string;
  project: NamedProject;
  states: StateFigure[];
  past_states: PastState[];
  wip: Wip;
  people: Load[];
  flow: [FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay];
  throughput: [DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay];
  week: Week;
  forecast: Forecast;
  cycle: Cycle;
}

/** How many of the tasks that are done now became so on a day. */
export interface DoneDay {
  day: string;
  done: number;
}

/** A part of the log; `seq` is its head. Ask on from the last event's `seq` while `has_more`. */
export interface Events {
  log: string;
  events: LogEvent[];
  seq: number;
  has_more: boolean;
}

/** All findings, in order, and the worst level among them. */
export interface Examination {
  level: "ok" | "warning" | "problem";
  findings: Found[];
}

/** How many tasks were in each state at the end of a day (today: now), by the id of the state. Archived tasks stay counted in their state, deleted ones leave. */
export interface FlowDay {
  day: string;
  counts: Record<string, number>;
}

/** By which day all `open` tasks on the board are done, in 50, 85 and 95 of a hundred simulated courses. 10,000 courses, each day of which is one of the past `days` (at most 30, without today), drawn by chance; `samples` tasks were done in those. Nothing new comes in. A day is null where it is more than a year away, and all are where there is nothing to go by. `sure` says how far to trust it, `reason` why not further: nothing is open, there is no past day, nothing was done, the end is too far, there are few days (below 14) or few done (below 10), one half of the days has twice as many done as the other (trend), the days differ much (spread), not many were done (below 30). */
export interface Forecast {
  open: number;
  p50: string | null;
  p85: string | null;
  p95: string | null;
  days: number;
  samples: number;
  sure: "no" | "little" | "fair" | "good";
  reason: "nothing_open" | "no_day_yet" | "nothing_done" | "too_far" | "few_days" | "few_done" | "trend" | "spread" | "not_many" | "steady";
}

/** One finding of the examination, in words. */
export interface Found {
  check: string;
  name: string;
  code: string;
  level: "ok" | "warning" | "problem";
  what: string;
  do: string;
}

/** A task that was found. */
export interface Hit {
  ref: string;
  project: string;
  number: number;
  title: string;
  state: string;
  archived: boolean;
}

/** What was found, the best first. */
export interface Hits {
  items: Hit[];
  has_more: boolean;
}

/** The text as sanitised HTML. */
export interface Html {
  html: string;
}

/** What came, or would come, into the project `key`, and what did not; `board` is its name at Trello. */
export interface ImportReport {
  key: string;
  board: string;
  made_project: boolean;
  dry_run: boolean;
  there_already: number;
  came: Counted[];
  left: Counted[];
  notes: string[];
}

/** A page of notifications, newest first; `unread` counts those in the whole inbox, `log` and `seq` its cursor. */
export interface Inbox {
  items: Notification[];
  next_cursor: string | null;
  log: string;
  seq: number;
  unread: number;
}

/** An invite for one person; `url` is its link, which only the answer that makes it shows. */
export interface Invite {
  id: string;
  email: string | null;
  project: string | null;
  role: "viewer" | "member" | "owner" | null;
  created_by: string;
  created_at: string;
  expires_at: string;
  url?: string | null;
}

/** Nobody has that address yet: here is an invite for who does. */
export interface Invited {
  invite: Invite;
}

/** A page of invites, without their links. */
export interface Invites {
  items: Invite[];
  next_cursor: string | null;
}

/** A label of the project. */
export interface Label {
  id: string;
  name: string;
  color: string;
  version: number;
}

/** What may be changed of a label. */
export interface LabelEdit {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  name?: string | null;
  color?: "grey" | "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "purple" | "pink" | null;
}

/** A page of labels. */
export interface Labels {
  items: Label[];
  next_cursor: string | null;
}

/** The open tasks on the board that are assigned to somebody; with `id` null, those assigned to nobody. Who has the most stands first, nobody last. A task of several people counts for each. */
export interface Load {
  id: string | null;
  name: string | null;
  open: number;
  doing: number;
  todo: number;
  backlog: number;
}

/** Text as it is written. */
export interface Markdown {
  text: string;
}

/** The signed-in user. */
export interface Me {
  id: string;
  email: string;
  name: string;
  is_admin: boolean;
}

/** A member; a placeholder stands for somebody in imported history and can't sign in. */
export interface Member {
  id: string;
  name: string;
  role: "viewer" | "member" | "owner";
  placeholder: boolean;
  version: number;
  joined_at: string;
  email?: string | null;
}

/** A page of members. */
export interface Members {
  items: Member[];
  next_cursor: string | null;
}

/** Where a task is to go: directly above `before`, else directly below `after`, else to the end of `state`. */
export interface Move {
  state: string;
  before?: string | null;
  after?: string | null;
}

/** A reason that is muted in a project, or everywhere (null). */
export interface Mute {
  reason: "assigned" | "mentioned" | "commented" | "moved" | "invited" | "due_soon" | "overdue";
  project: string | null;
}

/** What one has muted. */
export interface Mutes {
  items: NamedMute[];
}

/** The same, with the project's name. */
export interface NamedMute {
  reason: "assigned" | "mentioned" | "commented" | "moved" | "invited" | "due_soon" | "overdue";
  project: string | null;
  project_name: string | null;
}

/** Which project it is. */
export interface NamedProject {
  key: string;
  name: string;
}

/** The key of the demo, DEMO unless told otherwise. */
export interface NewDemo {
  /** 2 to 10 capital letters and digits, a letter first. */
  key?: string | null;
}

/** Whom to invite, and where to. Without an address whoever has the link may come. Without a project it only lets somebody register. */
export interface NewInvite {
  email?: string | null;
  project?: string | null;
  /** In the project; `member` unless told otherwise. */
  role?: "viewer" | "member" | "owner" | null;
}

/** A label to be made; its name is another than each label of the project has, in whatever case. */
export interface NewLabel {
  name: string;
  color: "grey" | "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "purple" | "pink";
}

/** A project to be made; `template` `strict` enforces a review flow, `simple` allows any move. */
export interface NewProject {
  /** 2 to 10 capital letters and digits, a letter first. */
  key: string;
  name: string;
  template?: "simple" | "strict";
}

/** A task to be made, at the end of its state. */
export interface NewTask {
  title: string;
  description?: string | null;
  state?: string | null;
  priority?: "none" | "low" | "medium" | "high" | "urgent";
  due?: string | null;
  assignees?: string[];
  labels?: string[];
}

/** A wallboard; `titles`: titles of tasks may be seen by whoever has its link. */
export interface NewWallboard {
  name: string;
  titles?: boolean;
}

/** Who is to be let in. */
export interface Newcomer {
  email: string;
  role?: "viewer" | "member" | "owner";
}

/** Something that one person is to hear of a task (or of a project, where `task` is null). What comes about a task while one about it is unread goes into that one: `count` says of how many things it tells, `reasons` for which reasons, the newest first; all else is of the newest. `through` is what one is to the task, where that is the reason. `event` is the `seq` of the project's event that it tells of; `actor`, `type` and `event` are null where nobody did anything: when a task becomes due. `excerpt` is of a comment, and null once that is deleted; `state` is the name of the state that a task was moved to. `seq` is the inbox's. */
export interface Notification {
  id: string;
  seq: number;
  read: boolean;
  count: number;
  reason: "assigned" | "mentioned" | "commented" | "moved" | "invited" | "due_soon" | "overdue";
  reasons: ("assigned" | "mentioned" | "commented" | "moved" | "invited" | "due_soon" | "overdue")[];
  through: "assignee" | "creator" | "watcher" | null;
  type: string | null;
  at: string;
  actor: Actor | null;
  project: string;
  project_name: string;
  task: string | null;
  title: string | null;
  event: number | null;
  excerpt: string | null;
  state: string | null;
  due: string | null;
}

/** A page of summaries. */
export interface Overview {
  items: ProjectSummary[];
  next_cursor: string | null;
}

/** A state that the workflow has no more, as it was last; some day of the flow has tasks in it. */
export interface PastState {
  id: string;
  name: string;
  category: "backlog" | "todo" | "doing" | "done" | "cancelled";
}

/** What the server was told of the request; `proof` answers the one who asked with the instance's own key. */
export interface Probe {
  build: string;
  scheme: string;
  host: string;
  own_host: boolean;
  own_origin: boolean | null;
  proof: string | null;
}

/** RFC 9457 problem details, with the contract's stable `code` and what some codes add. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: Wrong[] | null;
  allowed?: string[] | null;
  reason?: string | null;
  current?: Record<string, unknown> | null;
  conflicts?: string[] | null;
  states?: string[] | null;
}

/** What somebody may change of themselves. */
export interface Profile {
  name?: string | null;
}

/** A project; `role` is the caller's own and stands in the API's answers alone. */
export interface Project {
  key: string;
  name: string;
  version: number;
  created_at: string;
  role?: "viewer" | "member" | "owner" | null;
}

/** A project, how it stood at `seq` of its log, and what of it is the caller's. `late` counts the open tasks whose due date is past, `mine` those open ones that are assigned to the caller. */
export interface ProjectSummary {
  key: string;
  name: string;
  version: number;
  created_at: string;
  role: "viewer" | "member" | "owner";
  log: string;
  seq: number;
  states: StateCount[];
  labels: Label[];
  late: number;
  mine: number;
  active_at: string | null;
  active_by: string | null;
  figures: ShortFigures;
}

/** A page of projects. */
export interface Projects {
  items: Project[];
  next_cursor: string | null;
}

/** A new account. */
export interface Registration {
  email: string;
  name: string;
  password: string;
  invite?: string | null;
}

/** A member's new role. */
export interface RoleChange {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  role: "viewer" | "member" | "owner";
}

/** What may be changed of a project. */
export interface Settings {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  name?: string | null;
}

/** Of a project's figures what an overview shows; `p85` is that of its cycle times, in days. */
export interface ShortFigures {
  wip: Wip;
  week: Week;
  p85: number | null;
  forecast: ShortForecast;
}

/** Of a `Forecast` what an overview shows. */
export interface ShortForecast {
  open: number;
  p50: string | null;
  p85: string | null;
  sure: "no" | "little" | "fair" | "good";
  reason: "nothing_open" | "no_day_yet" | "nothing_done" | "too_far" | "few_days" | "few_done" | "trend" | "spread" | "not_many" | "steady";
}

/** How a project stands at `seq` of its log: the tasks on its board by state, and its figures in short. */
export interface Standing {
  key: string;
  name: string;
  log: string;
  seq: number;
  states: StateFigure[];
  figures: ShortFigures;
}

/** How all projects of the caller stand, by key: at most the first 200. */
export interface Standings {
  items: Standing[];
}

/** A state, old (by its id) or new; the order is that of the board's columns. */
export interface StateBody {
  id: string;
  name: string;
  category: "backlog" | "todo" | "doing" | "done" | "cancelled";
  wip_limit?: number | null;
}

/** A state, and how many tasks stand in it. */
export interface StateCount {
  id: string;
  name: string;
  category: "backlog" | "todo" | "doing" | "done" | "cancelled";
  count: number;
}

/** A state of the workflow, in its order; `count` are the tasks on the board in it. */
export interface StateFigure {
  id: string;
  name: string;
  category: "backlog" | "todo" | "doing" | "done" | "cancelled";
  wip_limit: number | null;
  count: number;
}

/** A column of the board. */
export interface State {
  id: string;
  name: string;
  category: "backlog" | "todo" | "doing" | "done" | "cancelled";
  wip_limit: number | null;
}

/** A task; `version` is the `seq` of the last event that carried it. */
export interface Task {
  ref: string;
  project: string;
  number: number;
  title: string;
  description: string;
  state: string;
  position: string;
  priority: "none" | "low" | "medium" | "high" | "urgent";
  due: string | null;
  assignees: string[];
  labels: string[];
  archived: boolean;
  comment_count: number;
  checklist: Checklist | null;
  version: number;
  created_at: string;
  updated_at: string;
  created_by: string;
}

/** What may be changed of a task; an absent field stays, null clears. State and position change by a move. */
export interface TaskEdit {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  title?: string | null;
  description?: string | null;
  priority?: "none" | "low" | "medium" | "high" | "urgent" | null;
  due?: string | null;
  assignees?: string[] | null;
  labels?: string[] | null;
}

/** Events of one task, newest first. */
export interface TaskEvents {
  events: LogEvent[];
  has_more: boolean;
}

/** One task, with its description as sanitised HTML. */
export interface TaskRead {
  ref: string;
  project: string;
  number: number;
  title: string;
  description: string;
  state: string;
  position: string;
  priority: "none" | "low" | "medium" | "high" | "urgent";
  due: string | null;
  assignees: string[];
  labels: string[];
  archived: boolean;
  comment_count: number;
  checklist: Checklist | null;
  version: number;
  created_at: string;
  updated_at: string;
  created_by: string;
  description_html: string;
}

/** A page of tasks. */
export interface Tasks {
  items: Task[];
  next_cursor: string | null;
}

/** A move that is allowed: to every member without `roles`; `requires` what the task must have by then. */
export interface TransitionBody {
  from: string;
  to: string;
  roles?: string[] | null;
  requires?: string[] | null;
}

/** An allowed move; without `roles` for every member, `requires` fields that must be set. */
export interface Transition {
  from: string;
  to: string;
  roles?: ("viewer" | "member" | "owner")[] | null;
  requires?: ("assignee" | "description" | "due" | "priority" | "checklist")[] | null;
}

/** The event to undo. */
export interface Undo {
  seq: number;
}

/** The events that the undo wrote, in order, each with its whole entity; none where all is as before already. */
export interface Undone {
  events: LogEvent[];
}

/** How many are unread now, and how far the inbox's log is. */
export interface Unread {
  unread: number;
  seq: number;
}

/** What a wallboard shows: as `Dashboard`, without titles of tasks unless an owner of the project wants them. */
export interface Wall {
  log: string;
  seq: number;
  at: string;
  project: NamedProject;
  states: StateFigure[];
  past_states: PastState[];
  wip: Wip;
  people: Load[];
  flow: [FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay, FlowDay];
  throughput: [DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay, DoneDay];
  week: Week;
  forecast: Forecast;
  cycle: WallCycle;
}

/** As `Cycle`. */
export interface WallCycle {
  days: number;
  of: number;
  without: number;
  p50: number | null;
  p85: number | null;
  p95: number | null;
  recent: CyclePart;
  before: CyclePart;
  tasks: WallCycleTask[];
}

/** As `CycleTask`; `title` is null where the wallboard shows none. */
export interface WallCycleTask {
  ref: string;
  title: string | null;
  at: string;
  days: number;
}

/** A link that shows the figures without signing in; only the answer that makes it has `secret` and `url`. `url` is the page for a screen, `secret` the end of it, for programs. `last_used_at` is right to the hour. */
export interface Wallboard {
  id: string;
  name: string;
  titles: boolean;
  created_by: string;
  created_at: string;
  last_used_at: string | null;
  secret?: string | null;
  url?: string | null;
}

/** What is to be another; what is left out stays. */
export interface WallboardEdit {
  name?: string | null;
  titles?: boolean | null;
}

/** A page of wallboards, without their secrets. */
export interface Wallboards {
  items: Wallboard[];
  next_cursor: string | null;
}

/** Whether one watches a task. */
export interface Watching {
  watching: boolean;
}

/** Tasks done in the last 7 days, and the mean of a week among the `weeks` before them. These are four, or as many whole weeks as the project has; null without any. */
export interface Week {
  done: number;
  mean: number | null;
  weeks: number;
}

/** The `ids` of notifications. */
export interface WhatIsUnread {
  ids: string[];
}

/** The `ids` of notifications; or `up_to`, a `seq` of the inbox up to which all were read; or the `task` of some. */
export interface WhatWasRead {
  ids?: string[] | null;
  up_to?: number | null;
  task?: string | null;
}

/** The tasks on the board in `doing` states; `limit` is the sum of these states' limits, null without any. */
export interface Wip {
  count: number;
  limit: number | null;
}

/** The whole workflow. `version`, the one it was made from, counts as `base_version` where that is not given. */
export interface WorkflowBody {
  /** The version that was edited: 409 `edit_conflict` for a field somebody changed since. */
  base_version?: number | null;
  states: StateBody[];
  /** By the ids of states that are dropped: the state to which its tasks go, archived ones too. */
  targets?: Record<string, string>;
  transitions: TransitionBody[] | null;
  version?: number | null;
}

/** The rules of a project; `transitions` null: any move is allowed. */
export interface Workflow {
  version: number;
  states: State[];
  transitions: Transition[] | null;
}

/** What was wrong with one part of the input; `loc` leads to it. */
export interface Wrong {
  loc: (string | number)[];
  msg: string;
}

/** One entry of a project's log; it carries the whole entities that its type names. */
export interface LogEvent {
  v: 1;
  seq: number;
  type: "project.created" | "project.edited" | "project.deleted" | "workflow.changed" | "member.added" | "member.changed" | "member.removed" | "label.created" | "label.edited" | "label.deleted" | "task.created" | "task.edited" | "task.moved" | "task.archived" | "task.deleted" | "task.restored" | "comment.created" | "comment.edited" | "comment.deleted";
  at: string;
  actor: {
    id: string;
    name: string;
  };
  project: Project | string;
  command_id: string;
  /** field: [old, new] */
  changes: Record<string, [unknown, unknown]>;
  workflow?: Workflow;
  member?: Member;
  label?: Label;
  task?: Task;
  comment?: {
    id: string;
    task: string;
    author: string;
    body: string;
    version: number;
    created_at: string;
    edited_at: string | null;
  };
}

/** One entry of one's inbox. */
export interface InboxEvent {
  v: 1;
  seq: number;
  type: "notification.created" | "notification.read" | "notification.unread" | "notification.edited" | "notification.redacted" | "membership.changed";
  at: string;
  /** how many notifications are unread then */
  unread: number;
  /** null where it is about a project that one may not see any more */
  notification?: Notification | null;
  ids?: string[];
  project?: string;
  role?: "viewer" | "member" | "owner" | null;
}

/** Follow a topic from after `since` (absent: from now); again to start over. */
export interface SubscribeFrame {
  op: "subscribe";
  topic: string;
  since?: number | null;
  log?: string | null;
}

/** Stop following a topic. */
export interface UnsubscribeFrame {
  op: "unsubscribe";
  topic: string;
}

/** Say where one is in a project one follows (null: at no task), and again every 15 s: it expires after 30. */
export interface SayPresenceFrame {
  op: "presence";
  topic: string;
  at: At | null;
}

/** Ask whether the line is alive. */
export interface PingFrame {
  op: "ping";
}

export type ClientFrame =
  | SubscribeFrame
  | UnsubscribeFrame
  | SayPresenceFrame
  | PingFrame;

/** The answer to subscribe; what was missed follows. `build` names the build of TaskHub that answers. */
export interface SubscribedFrame {
  op: "subscribed";
  topic: string;
  /** names one history of one project */
  log: string;
  seq: number;
  build: string;
}

/** One or more events in order of `seq`, each once: of the project's log, or of one's inbox. */
export interface EventsFrame {
  op: "events";
  topic: string;
  events: (LogEvent | InboxEvent)[];
}

/** The cursor does not fit: another log, beyond its head, or older than what is kept of it. Fetch the board (the inbox). What follows comes after `seq`. */
export interface ResyncFrame {
  op: "resync";
  topic: string;
  /** names one history of one project */
  log: string;
  seq: number;
}

/** The topic ended. */
export interface UnsubscribedFrame {
  op: "unsubscribed";
  topic: string;
  reason: "asked" | "access_revoked" | "deleted";
}

/** Who is in the project now, each person once, with the places they are at. Until the first one it is nobody; at most two come in a second. */
export interface PresenceFrame {
  op: "presence";
  topic: string;
  users: {
    id: string;
    name: string;
    at: At[];
  }[];
}

/** The answer to ping. */
export interface PongFrame {
  op: "pong";
}

/** What was sent could not be done; the connection stays. */
export interface ErrorFrame {
  op: "error";
  code: string;
  detail: string;
  topic?: string;
}

export type ServerFrame =
  | SubscribedFrame
  | EventsFrame
  | ResyncFrame
  | UnsubscribedFrame
  | PresenceFrame
  | PongFrame
  | ErrorFrame;
