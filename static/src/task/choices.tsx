/** What may be chosen for a task: the same in its panel and by the keys on its card. */
import { PRIORITIES, type Task } from "../api/types";
import { board, counts, labels, members, role, stateOf, states } from "../app/board";
import { move, set, toggle } from "../app/commands";
import { whyNot } from "../app/problems";
import { me } from "../app/session";
import { t } from "../app/text";
import type { Choice } from "../parts/menu";
import { PersonLine } from "../parts/person";
import { LabelPill, looks, PriorityBars, StateRing } from "../parts/signs";
import { inOrder } from "../store/people";
import { mayMove } from "../store/rules";

export function stateChoices(task: Task): Choice[] {
  const workflow = board.value?.workflow;
  const look = looks(states.value);
  const here = stateOf(task.state);
  return states.value.map((state) => {
    const verdict = workflow ? mayMove(workflow, role.value, counts, task, state) : null;
    return {
      id: state.id,
      name: state.name,
      content: <span class="menu-line"><StateRing look={look.get(state.id)} />{state.name}</span>,
      checked: state.id === task.state,
      refused: verdict && !verdict.ok ? whyNot(verdict, here, state) : undefined,
      choose: () => {
        if (state.id !== task.state) void move(task.ref, { state: state.id });
      },
    };
  });
}

export function assigneeChoices(task: Task): Choice[] {
  return inOrder(members.value.values(), me.value?.id).map((who) => ({
    id: who.id,
    name: who.name,
    content: <PersonLine who={who} />,
    checked: task.assignees.includes(who.id),
    choose: () => void toggle(task.ref, "assignees", who.id),
  }));
}

export function labelChoices(task: Task): Choice[] {
  return inOrder(labels.value.values()).map((label) => ({
    id: label.id,
    name: label.name,
    content: <LabelPill label={label} />,
    checked: task.labels.includes(label.id),
    choose: () => void toggle(task.ref, "labels", label.id),
  }));
}

export function priorityChoices(task: Task): Choice[] {
  return PRIORITIES.map((priority) => ({
    id: priority,
    name: t.priorities[priority],
    content: <span class="menu-line"><PriorityBars priority={priority} quiet />{t.priorities[priority]}</span>,
    checked: priority === task.priority,
    choose: () => void set(task.ref, { priority }),
  }));
}
