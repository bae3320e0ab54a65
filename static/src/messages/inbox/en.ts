/** The words of the inbox: they come with its screen, not with the first page. */
import type { Notification, Reason } from "../../api/types";
import { pluralIn } from "../plural";

const plural = pluralIn("en");

export const en = {
  /** What happened, by the reason for which one hears of it. */
  said: {
    assigned: (who: string) => `${who} assigned this to you`,
    mentioned: (who: string) => `${who} mentioned you`,
    commented: (who: string) => `${who} commented`,
    moved: (who: string, state: string) => `${who} moved it to ${state}`,
    invited: (who: string, project: string) => `${who} added you to ${project}`,
    due_soon: (day: string) => `It is due ${day}`,
    overdue: (day: string) => `It is overdue: it was due ${day}`,
  },
  more: (n: number) => plural(n, { one: "and # more", other: "and # more" }),
  /** Completes “because”. */
  why: {
    assignee: "because you are assigned",
    creator: "because you made it",
    watcher: "because you watch it",
  } satisfies Record<NonNullable<Notification["through"]>, string>,
  /** What can be muted. */
  kinds: {
    assigned: "assignments",
    mentioned: "mentions",
    commented: "comments",
    moved: "moves",
    invited: "invitations",
    due_soon: "what is due the day after",
    overdue: "what is overdue",
  } satisfies Record<Reason, string>,
  isUnread: "Unread:",
  read: "Mark as read",
  readOf: (what: string) => `Mark as read: ${what}`,
  unread: "Mark as unread",
  unreadOf: (what: string) => `Mark as unread: ${what}`,
  only: "Only unread",
  noneUnread: "You have read everything.",
  showAll: "Show all",
  readAll: "Mark all as read",
  allRead: "All read",
  muteHere: "Mute here",
  muteEverywhere: "Mute everywhere",
  muteIn: (kind: string, project: string) => `Mute ${kind} in ${project}`,
  muteAll: (kind: string) => `Mute ${kind} everywhere`,
  mutedIn: (kind: string, project: string) => `You hear no more of ${kind} in ${project}`,
  mutedAll: (kind: string) => `You hear no more of ${kind} anywhere`,
  actions: (what: string) => `Actions for ${what}`,
  muted: "Muted",
  mutedAbout: "What you muted stays out of your inbox. Other reasons still bring the same tasks there.",
  everywhere: "everywhere",
  unmute: "Unmute",
  unmuteOf: (kind: string, where: string) => `Unmute ${kind}, ${where}`,
  nothingMuted: "Nothing is muted. Point at something in the inbox to mute its kind here or everywhere.",
  nothing: "Nothing is waiting for you. When somebody assigns you, mentions you, or comments on or moves a task that is yours, it shows up here.",
  toWork: "To my work",
  older: "Show older",
};

export type InboxMessages = typeof en;
