/** A field of a task, chosen right on its card: what the keys A, M, L, P and D open. */
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Calendar } from "lucide-preact";
import type { Task } from "../api/types";
import { shown } from "../app/board";
import { set } from "../app/commands";
import { dayAfter, dueInput, dueText, t } from "../app/text";
import { place } from "../parts/floating";
import { type Choice, List } from "../parts/menu";
import { assigneeChoices, labelChoices, priorityChoices, stateChoices } from "../task/choices";
import { cardOf } from "./motion";

export type QuickField = "assignees" | "state" | "labels" | "priority" | "due";

export const quick = signal<{ ref: string; field: QuickField } | null>(null);
/** The date of a task that is being picked, from the choices of its due date. */
const picking = signal<string | null>(null);

export function Quick() {
  const now = quick.value;
  const task = now ? shown.value?.tasks.get(now.ref) : undefined;
  const picked = picking.value;
  if (picked !== null) return <DateBox key={picked} taskRef={picked} />;
  if (!now || !task) return null;
  return <Choices key={`${now.ref}-${now.field}`} task={task} field={now.field} />;
}

function Choices({ task, field }: { task: Task; field: QuickField }) {
  const anchor = useRef(cardOf(task.ref)).current;
  const close = (refocus: boolean) => {
    quick.value = null;
    if (refocus) cardOf(task.ref)?.focus({ preventScroll: true });
  };
  const choices = CHOICES[field](task);
  return (
    <List
      id="quick" label={`${NAMES[field]()}, ${task.ref}`} kind={field === "assignees" || field === "labels" ? "many" : "one"}
      choices={choices.length > 0 ? choices : [{ id: "none", name: t.work.noLabels, content: t.work.noLabels, choose: () => undefined }]}
      side="below" anchor={anchor} close={close}
    />
  );
}

const NAMES: Record<QuickField, () => string> = {
  assignees: () => t.assignees,
  state: () => t.state,
  labels: () => t.labels,
  priority: () => t.priority,
  due: () => t.due,
};

const CHOICES: Record<QuickField, (task: Task) => Choice[]> = {
  assignees: assigneeChoices,
  state: stateChoices,
  labels: labelChoices,
  priority: priorityChoices,
  due: dueChoices,
};

function dueChoices(task: Task): Choice[] {
  const days: [string, string, number][] = [["today", t.work.today, 0], ["tomorrow", t.work.tomorrow, 1], ["week", t.work.inAWeek, 7]];
  const choices = days.map(([id, name, days]): Choice => {
    const due = dayAfter(days);
    return {
      id,
      name,
      content: <span class="menu-line">{name}<span class="quiet">{dueText(due)}</span></span>,
      checked: dueInput(task.due) === due,
      choose: () => void set(task.ref, { due }),
    };
  });
  choices.push({
    id: "pick",
    name: t.work.anotherDate,
    content: <span class="menu-line"><Calendar class="icon" aria-hidden="true" />{t.work.anotherDate}</span>,
    choose: () => (picking.value = task.ref),
  });
  if (task.due) choices.push({ id: "none", name: t.clearDue, content: t.clearDue, choose: () => void set(task.ref, { due: null }) });
  return choices;
}

function DateBox({ taskRef }: { taskRef: string }) {
  const box = useRef<HTMLDivElement>(null);
  const task = shown.value?.tasks.get(taskRef);
  const close = () => {
    picking.value = null;
    cardOf(taskRef)?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    const card = cardOf(taskRef);
    if (!box.current || !card) return;
    box.current.showPopover();
    place(box.current, card, "below");
    box.current.querySelector("input")?.focus();
  }, [taskRef]);
  useLayoutEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) picking.value = null;
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  });
  if (!task) return null;
  return (
    <div ref={box} class="menu date-box" role="dialog" aria-label={`${t.due}, ${taskRef}`} popover="manual">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const due = new FormData(event.currentTarget).get("due");
          close();
          if (typeof due === "string" && due >= "1000") void set(taskRef, { due });
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") close();
        }}
      >
        <input class="input" type="date" name="due" aria-label={t.due} defaultValue={dueInput(task.due)} />
        <button type="submit" class="button button-main">{t.save}</button>
      </form>
    </div>
  );
}
