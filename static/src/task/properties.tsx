import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Calendar, X } from "lucide-preact";
import type { Task } from "../api/types";
import { board, labels, members, role, stateOf, states } from "../app/board";
import { minute } from "../app/clock";
import { set } from "../app/commands";
import { beside, dueDistance, dueInput, dueText, isLate, t } from "../app/text";
import { type Choice, Menu } from "../parts/menu";
import { PersonLine } from "../parts/person";
import { LabelPill, looks, PriorityBars, StateRing } from "../parts/signs";
import { nextState } from "../store/rules";
import { assigneeChoices, labelChoices, priorityChoices, stateChoices } from "./choices";

interface Props {
  task: Task;
  may: boolean;
}

export function Properties({ task, may }: Props) {
  return (
    <dl class="properties">
      <StateRow task={task} may={may} />
      <AssigneesRow task={task} may={may} />
      {(labels.value.size > 0 || task.labels.length > 0) && <LabelsRow task={task} may={may} />}
      <PriorityRow task={task} may={may} />
      <DueRow task={task} may={may} />
    </dl>
  );
}

interface RowProps {
  name: string;
  field: string;
  may: boolean;
  value: ComponentChildren;
  kind: "one" | "many";
  choices: readonly Choice[];
}

function Row({ name, field, may, value, kind, choices }: RowProps) {
  return (
    <div class="property">
      <dt>{name}</dt>
      <dd data-field={field}>
        {may ? (
          <Menu
            class="property-button" menuLabel={name} kind={kind} choices={choices}
            button={<><span class="unseen">{name}: </span>{value}</>}
          />
        ) : (
          <span class="property-fixed">{value}</span>
        )}
      </dd>
    </div>
  );
}

function StateRow({ task, may }: Props) {
  const workflow = board.value?.workflow;
  const look = useMemo(() => looks(states.value), [states.value]);
  const here = stateOf(task.state);
  const next = workflow ? nextState(workflow, role.value, task.state) : null;
  return (
    <Row
      name={t.state} field="state" may={may} kind="one" choices={stateChoices(task)}
      value={
        <>
          <StateRing look={look.get(task.state)} />
          {here?.name ?? task.state}
          {may && next && <span class="quiet">{t.next(next.name)}</span>}
        </>
      }
    />
  );
}

function AssigneesRow({ task, may }: Props) {
  const people = task.assignees.flatMap((id) => members.value.get(id) ?? []);
  return (
    <Row
      name={t.assignees} field="assignees" may={may} kind="many"
      choices={assigneeChoices(task)}
      value={people.length > 0 ? people.map((who) => <PersonLine key={who.id} who={who} />) : <span class="quiet">{t.nobody}</span>}
    />
  );
}

function LabelsRow({ task, may }: Props) {
  const mine = task.labels.flatMap((id) => labels.value.get(id) ?? []);
  return (
    <Row
      name={t.labels} field="labels" may={may} kind="many"
      choices={labelChoices(task)}
      value={mine.length > 0 ? mine.map((label) => <LabelPill key={label.id} label={label} />) : <span class="quiet">{t.none}</span>}
    />
  );
}

function PriorityRow({ task, may }: Props) {
  return (
    <Row
      name={t.priority} field="priority" may={may} kind="one"
      choices={priorityChoices(task)}
      value={
        task.priority === "none" ? (
          <span class="quiet">{t.priorities.none}</span>
        ) : (
          <><PriorityBars priority={task.priority} quiet />{t.priorities[task.priority]}</>
        )
      }
    />
  );
}

function DueRow({ task, may }: Props) {
  void minute.value;
  const [editing, setEditing] = useState(false);
  const category = stateOf(task.state)?.category;
  const late = task.due !== null && category !== "done" && category !== "cancelled" && isLate(task.due);
  const words = task.due ? beside([dueText(task.due), dueDistance(task.due)].filter(Boolean)) : null;
  const value = words ? <><Calendar class="icon" aria-hidden="true" />{words}</> : <span class="quiet">{t.none}</span>;
  return (
    <div class="property">
      <dt>{t.due}</dt>
      <dd data-field="due" class={`due ${late ? "fact-late" : ""}`}>
        {editing ? (
          <DueInput task={task} close={() => setEditing(false)} />
        ) : may ? (
          <button type="button" class="property-button due-button" onClick={() => setEditing(true)}>
            <span class="unseen">{t.due}: </span>
            {value}
          </button>
        ) : (
          <span class="property-fixed">{value}</span>
        )}
        {may && task.due && (
          <button type="button" class="icon-button" aria-label={t.clearDue} title={t.clearDue} onClick={() => void set(task.ref, { due: null })}>
            <X class="icon" aria-hidden="true" />
          </button>
        )}
      </dd>
    </div>
  );
}

function DueInput({ task, close }: { task: Task; close(): void }) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  return (
    <input
      ref={box} class="due-input" type="date" aria-label={t.due} value={dueInput(task.due)} onBlur={close}
      onChange={(event) => {
        const { value } = event.currentTarget;
        // While a year is being typed the field changes to 0002, 0020, 0202.
        if (value >= "1000" && value !== dueInput(task.due)) void set(task.ref, { due: value });
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    />
  );
}
