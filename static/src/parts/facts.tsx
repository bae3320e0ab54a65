/** What stands below a task's title, wherever it is listed: how far its checklist is, how much was said about it. */
import { Check, MessageSquare } from "lucide-preact";
import type { Task } from "../api/types";
import { t } from "../app/text";

export function ChecklistAndComments({ task }: { task: Task }) {
  const list = task.checklist;
  return (
    <>
      {list && (
        <span class="fact">
          <Check class="icon" aria-hidden="true" />
          {list.done}/{list.total}
          <span class="unseen"> {t.checklistDone} </span>
        </span>
      )}
      {task.comment_count > 0 && (
        <span class="fact">
          <MessageSquare class="icon" aria-hidden="true" />
          {task.comment_count}
          <span class="unseen"> {t.commentsWord(task.comment_count)} </span>
        </span>
      )}
    </>
  );
}
