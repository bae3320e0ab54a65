import "../styles/places.css";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Calendar, Check, Clock } from "lucide-preact";
import type { Task } from "../api/types";
import { minute } from "../app/clock";
import { projectColour } from "../app/colours";
import { doneState, mine, myTasks, stateOfMine, tick, ticked, watchMine } from "../app/mine";
import { waitingOf } from "../app/queue";
import { follow, projectPath, taskPath } from "../app/router";
import { count, dueDistance, dueText, t } from "../app/text";
import { setTitle } from "../app/title";
import { walkRows } from "../keys/rows";
import { ChecklistAndComments } from "../parts/facts";
import { LabelPill, looks, PriorityBars, ProjectTile, StateRing } from "../parts/signs";
import { StatusBanner } from "../shell/chip";
import { type Bucket, BUCKETS, bucketOf } from "../store/mine";
import { WhenRead } from "./read";

export function MineScreen() {
  useEffect(watchMine, []);
  useEffect(() => {
    setTitle(t.places.mine);
  }, []);
  const many = myTasks.value.length;
  return (
    <main class="page">
      <header class="bar">
        <h1 class="bar-title">
          {t.places.mine}
          {mine.value && many > 0 && (
            <span class="count-beside">
              <span aria-hidden="true">{count(many)}</span>
              <span class="unseen"> {t.places.openTasks(many)}</span>
            </span>
          )}
        </h1>
      </header>
      <StatusBanner />
      <div class="page-body">
        <WhenRead bones={bones} shown={List} />
      </div>
    </main>
  );
}

const bones = () => <div class="mine" aria-hidden="true">{[0, 1, 2, 3].map((n) => <div key={n} class="mine-bone bone" />)}</div>;

function List() {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => walkRows(box, ".mine-task"), []);
  if (myTasks.value.length === 0) {
    return (
      <div class="empty">
        <p>{t.places.nothingMine}</p>
        <a class="button" href="/" onClick={(event) => follow(event, "/")}>{t.places.toOverview}</a>
      </div>
    );
  }
  const now = new Date(minute.value);
  const buckets = new Map<Bucket, Task[]>();
  for (const task of myTasks.value) {
    const bucket = bucketOf(task.due, now);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), task]);
  }
  return (
    <div class="mine" ref={box}>
      {BUCKETS.map((bucket) => {
        const tasks = buckets.get(bucket);
        return tasks && <Section key={bucket} bucket={bucket} tasks={tasks} />;
      })}
    </div>
  );
}

function Section({ bucket, tasks }: { bucket: Bucket; tasks: readonly Task[] }) {
  return (
    <section class={`mine-part mine-${bucket}`} aria-labelledby={`mine-${bucket}`}>
      <h2 id={`mine-${bucket}`}>
        {t.places.buckets[bucket]} <span class="count-beside">{count(tasks.length)}</span>
      </h2>
      <ul class="mine-list">
        {tasks.map((task) => (
          <Row key={task.ref} task={task} late={bucket === "late"} />
        ))}
      </ul>
    </section>
  );
}

function Row({ task, late }: { task: Task; late: boolean }) {
  const project = mine.value?.projects.get(task.project);
  const state = stateOfMine(task);
  const done = doneState(task);
  const isTicked = ticked.value.has(task.ref);
  const tags = task.labels.flatMap((id) => project?.labels.find((label) => label.id === id) ?? []);
  const waits = waitingOf.value.has(task.ref);
  const path = taskPath(task.project, task.number);
  const may = project?.role !== "viewer" && done !== undefined;
  const name = done ? t.places.tick(task.ref, done.name) : "";
  // The ring fills up by the place of the state among those in progress, as on the board.
  const look = state && looks((project?.states ?? []).map((one) => ({ ...one, wip_limit: null }))).get(state.id);
  return (
    <li class={`mine-row ${isTicked ? "mine-ticked" : ""}`} data-ref={task.ref}>
      {may ? (
        <button type="button" class="mine-tick" aria-label={name} title={name} aria-pressed={isTicked} onClick={() => void tick(task)}>
          <StateRing look={isTicked ? { category: "done", part: 0, colour: "var(--done)" } : look} />
          <Check class="icon mine-check" aria-hidden="true" />
        </button>
      ) : (
        <span class="mine-tick"><StateRing look={look} /></span>
      )}
      <a class="mine-task" href={path} onClick={(event) => follow(event, path)}>
        <span class="mine-ref">{task.ref} </span>
        <span class="mine-title">{task.title} </span>
        {waits && <span class="comment-waits" data-waits="move"><Clock class="icon" aria-hidden="true" /> {t.line.waitsWord}</span>}
      </a>
      <span class="mine-facts">
        {tags.length > 0 && <span class="mine-labels">{tags.map((label) => <LabelPill key={label.id} label={label} />)}</span>}
        {task.priority !== "none" && <PriorityBars priority={task.priority} />}
        <ChecklistAndComments task={task} />
        {state && <span class="mine-state">{state.name} </span>}
        {project && (
          <a class="mine-project" href={projectPath(project.key)} onClick={(event) => follow(event, projectPath(project.key))}>
            <ProjectTile name={project.name} colour={projectColour(project.key)} />
            <span>{project.name}</span>
          </a>
        )}
        <span class={`fact mine-due ${late ? "fact-late" : ""}`}>
          {task.due && (
            <>
              <Calendar class="icon" aria-hidden="true" />
              <span class="unseen">{late ? t.dueLate : t.dueOn} </span>
              <span title={dueDistance(task.due)}>{dueText(task.due)}</span>
            </>
          )}
        </span>
      </span>
    </li>
  );
}
