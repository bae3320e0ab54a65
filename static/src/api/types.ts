/** What the wire carries, under the names that the app calls it by. All of it comes from the server's own documents. */
import type * as wire from "./generated";

export type {
  Actor, At, Checklist, ClientFrame, Events, Examination, Hit, Hits, ImportReport, InboxEvent, Label, LogEvent, Me, Member, PresenceFrame, ProblemDetails, Project, ProjectSummary,
  ServerFrame, State, StateCount, Transition, Workflow,
} from "./generated";

export type Priority = wire.Task["priority"];
export type Category = wire.State["category"];
export type Role = wire.Member["role"];
export type Requirement = NonNullable<wire.Transition["requires"]>[number];
export type BoardSnapshot = wire.Board;
export type { TaskEvents } from "./generated";
export type InboxPage = wire.Inbox;
export type { NamedMute, Notification } from "./generated";
export type Reason = wire.Notification["reason"];

export const PRIORITIES: readonly Priority[] = ["none", "low", "medium", "high", "urgent"];

/** Only the answer to the GET of one task has its description as HTML. */
export type Task = wire.Task & Partial<Pick<wire.TaskRead, "description_html">>;

/** In events a comment comes without its HTML. */
export type Comment = Omit<wire.Comment, "body_html"> & Partial<Pick<wire.Comment, "body_html">>;

/** A page of any list. */
export type Page<T> = Omit<wire.Tasks, "items"> & { items: T[] };
