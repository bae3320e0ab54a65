import { useMemo, useState } from "preact/hooks";
import { Clock } from "lucide-preact";
import type { LogEvent, Task } from "../api/types";
import { canUndo, stream } from "../activity/stream";
import { type Names, said } from "../activity/words";
import { labels, members, role, stateOf } from "../app/board";
import { minute } from "../app/clock";
import { explain } from "../app/problems";
import { waiting } from "../app/queue";
import { me } from "../app/session";
import { details, loadOlder, reloadTask } from "../app/task";
import { ago, allOf, clausesOf, dueText, moment, t } from "../app/text";
import { undo } from "../app/undo";
import { Avatar } from "../parts/person";
import { useSlow } from "../parts/waiting";
import { saidOver } from "../queue/queue";
import { OneComment } from "./comments";
import { isOfGoneComment, Orphans } from "./leftover";
import { WaitingComments } from "./waiting";

const names: Names = {
  get t() {
    return t.task.activity;
  },
  get priorities() {
    return t.priorities;
  },
  state: (id) => stateOf(id)?.name ?? id,
  person: (id) => members.value.get(id)?.name ?? t.somebody,
  label: (id) => labels.value.get(id)?.name ?? t.task.activity.labelGone,
  due: dueText,
  all: allOf,
  clauses: clausesOf,
};

/** What happened to the task and what was said about it, oldest first. */
export function Activity({ task, may }: { task: Task; may: boolean }) {
  const known = details.value?.ref === task.ref ? details.value : null;
  const { events = null, comments = null, older = false, olderFailure = null } = known ?? {};
  const slow = useSlow(events === null || comments === null);
  const [busy, setBusy] = useState(false);
  const said = comments && saidOver(comments, waiting.value);
  const items = useMemo(() => (events && said ? stream(events, said, older) : null), [events, comments, older, waiting.value]);
  const who = me.value?.id ?? "";
  const undoable = useMemo(() => {
    const all = events ?? [];
    const found = all.filter((event, index) => canUndo(event, { later: all.slice(index + 1), comments: comments ?? [], role: role.value, me: who }));
    return new Set(found.map((event) => event.seq));
  }, [events, comments, role.value, who]);
  const more = async () => {
    setBusy(true);
    await loadOlder(task.ref);
    setBusy(false);
  };
  return (
    <section class="activity" aria-labelledby="activity-heading">
      <h3 id="activity-heading">{t.task.activityHeading}</h3>
      {older && (
        <div class="activity-older">
          <button type="button" class="button button-small" disabled={busy} onClick={() => void more()}>{t.task.older}</button>
          {olderFailure !== null && <span class="trouble" role="alert">{explain(olderFailure).text}</span>}
        </div>
      )}
      {typeof known?.failure === "object" && known.failure && (
        <p class="trouble" role="alert">
          {explain(known.failure.error).text}{" "}
          <button type="button" class="link-button" onClick={() => reloadTask(task.ref)}>{t.tryAgain}</button>
        </p>
      )}
      {!items && slow && !known?.failure && <div aria-hidden="true" class="activity-bones"><span class="bone bone-line" /><span class="bone bone-short" /></div>}
      <ul class="stream">
        {items?.map((item) =>
          item.kind === "comment" ? (
            <OneComment key={item.key} comment={item.comment} may={may} />
          ) : (
            <Line key={item.key} event={item.event} task={task} may={undoable.has(item.event.seq)} />
          ),
        )}
      </ul>
      <WaitingComments refName={task.ref} />
      <Orphans refName={task.ref} of={isOfGoneComment} />
    </section>
  );
}

function Line({ event, task, may }: { event: LogEvent; task: Task; may: boolean }) {
  const [busy, setBusy] = useState(false);
  const words = said(event, names);
  const waits = waiting.value.some(({ action }) => action.kind === "undo" && action.seq === event.seq) && !busy;
  const takeBack = async () => {
    setBusy(true);
    await undo(task, [event.seq], { what: `${event.actor.name} ${words}` });
    setBusy(false);
  };
  return (
    <li class="line" data-seq={event.seq} data-type={event.type}>
      <Avatar who={event.actor} quiet />
      <p class="line-words">
        <strong>{event.actor.name}</strong> {words}
        <span class="line-time"> · <time dateTime={event.at} title={moment(event.at)}>{ago(event.at, minute.value)}</time></span>
      </p>
      {may && waits && <span class="comment-waits" data-waits="undo"><Clock class="icon" aria-hidden="true" /> {t.line.waits.undo}</span>}
      {may && !waits && (
        <button type="button" class="link-button line-undo" disabled={busy} aria-label={t.task.undoLine(`${event.actor.name} ${words}`)} onClick={() => void takeBack()}>
          {t.task.undo}
        </button>
      )}
    </li>
  );
}
