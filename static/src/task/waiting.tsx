import { Clock } from "lucide-preact";
import { me } from "../app/session";
import { waitingOf } from "../app/queue";
import { t } from "../app/text";
import { Avatar } from "../parts/person";

/** What I said on a task and the server has not heard yet. */
export function WaitingComments({ refName }: { refName: string }) {
  const who = me.value;
  const mine = waitingOf.value.get(refName)?.filter((one) => one.action.kind === "comment") ?? [];
  if (!who || mine.length === 0) return null;
  return (
    <ul class="stream stream-waiting">
      {mine.map(({ id, action }) => (
        <li key={id} class="comment" data-waits="comment">
          <Avatar who={who} quiet />
          <div class="comment-body">
            <p class="comment-head">
              <strong>{who.name}</strong>{" "}
              <span class="comment-waits"><Clock class="icon" aria-hidden="true" /> {t.line.waitsWord}</span>
            </p>
            <div class="prose prose-plain">{action.kind === "comment" ? action.body : ""}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}
