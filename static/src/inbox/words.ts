/** What a notification says, in words: here alone, in the page's language. */
import type { Notification } from "../api/types";
import { dueDistance, dueText, language, t } from "../app/text";
import { en, type InboxMessages } from "../messages/inbox/en";
import { shortName } from "../store/people";

/** The words of the inbox in the page's language. */
export let w: InboxMessages = en;

/** Fetch them. Before this is done nothing of the inbox is drawn. */
export async function loadInboxWords(): Promise<void> {
  if (language === "zh-CN") w = (await import("../messages/inbox/zh-CN")).zhCN;
}

/** What happened: "Ben moved it to Review". */
export function sentence(one: Notification): string {
  const who = one.actor ? shortName(one.actor.name) : t.somebody;
  const day = one.due ? dueDistance(one.due) || dueText(one.due) : "";
  switch (one.reason) {
    case "moved":
      return w.said.moved(who, one.state ?? "");
    case "invited":
      return w.said.invited(who, one.project_name);
    case "due_soon":
    case "overdue":
      return w.said[one.reason](day);
    default:
      return w.said[one.reason](who);
  }
}
