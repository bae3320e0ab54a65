import { useComputed } from "@preact/signals";
import { Calendar, Clock } from "lucide-preact";
import type { Task } from "../api/types";
import { labels, members, stateOf } from "../app/board";
import { isNew } from "../app/commands";
import { marks } from "../app/others";
import { waitingOf } from "../app/queue";
import { follow, pathOf } from "../app/router";
import { dueText, isLate, t } from "../app/text";
import { reachable } from "../drag/keys";
import { ChecklistAndComments } from "../parts/facts";
import { Avatar, People } from "../parts/person";
import { LabelPill, PriorityBars } from "../parts/signs";
import { personColour } from "../app/colours";
import type { Change } from "../queue/queue";
import { type AtCard, whatTheyDo } from "./present";

interface Props {
  task: Task;
  lifted?: boolean;
  /** Who else has it open. */
  here?: readonly AtCard[] | undefined;
}

export function Card({ task, lifted = false, here }: Props) {
  const mark = useComputed(() => marks.value.get(task.ref)).value;
  const tab = useComputed(() => reachable.value === task.ref).value;
  const fresh = isNew(task.ref);
  const path = pathOf(task);
  const waits = useComputed(() => waitingOf.value.get(task.ref)).value;
  return (
    <a
      class={`card ${mark ? "card-marked" : ""} ${lifted ? "card-lifted" : ""} ${fresh ? "card-new" : ""}`}
      href={path} data-ref={task.ref} tabIndex={tab ? 0 : -1} draggable={false}
      aria-describedby="board-keys" style={mark ? { "--who": personColour(mark.actor.id) } : {}}
      onClick={(event) => follow(event, path)}
    >
      {mark?.text && <span class="card-tag">{mark.text}</span>}
      <CardFace task={task} />
      {waits && <Waits changes={waits} />}
      {here && here.length > 0 && (
        <span class="card-foot" data-here={here.map((one) => one.id).join(" ")}>
          {here.slice(0, 3).map((who) => <Avatar key={who.id} who={who} quiet />)}
          <span class="card-foot-text">{whatTheyDo(here)}</span>
        </span>
      )}
    </a>
  );
}

export function CardFace({ task }: { task: Task }) {
  const people = task.assignees.flatMap((id) => members.value.get(id) ?? []);
  const tags = task.labels.flatMap((id) => labels.value.get(id) ?? []);
  const late = task.due !== null && isLate(task.due) && !isOver(task);
  const bare = tags.length === 0 && task.priority === "none" && !task.due && !task.checklist && task.comment_count === 0;
  return (
    <>
      <span class="card-top">
        <span class="card-ref">{isNew(task.ref) ? (waitingOf.value.size > 0 ? t.line.newTask : t.saving) : task.ref} </span>
        {people.length > 0 && <People people={people} />}
      </span>
      <span class="card-title">{task.title} </span>
      {!bare && (
        <span class="card-meta">
          {tags.map((label) => (
            <LabelPill key={label.id} label={label} />
          ))}
          {task.priority !== "none" && <PriorityBars priority={task.priority} />}
          {task.due && (
            <span class={`fact ${late ? "fact-late" : ""}`}>
              <Calendar class="icon" aria-hidden="true" />
              <span class="unseen">{late ? t.dueLate : t.dueOn} </span>
              {dueText(task.due)}{" "}
            </span>
          )}
          <ChecklistAndComments task={task} />
        </span>
      )}
    </>
  );
}

/** What I did to it and the server has not taken yet. */
function Waits({ changes }: { changes: readonly Change[] }) {
  const [first, ...more] = changes;
  if (!first) return null;
  return (
    <span class="card-wait" data-waits={first.action.kind}>
      <Clock class="icon" aria-hidden="true" />
      {more.length === 0 ? t.line.waits[first.action.kind] : t.line.waits.several(changes.length)}
    </span>
  );
}

function isOver(task: Task): boolean {
  const category = stateOf(task.state)?.category;
  return category === "done" || category === "cancelled";
}
