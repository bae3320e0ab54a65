/** What the keys of the table do. Never while somebody types, composes, carries a card, chooses or answers. */
import { board, openKey, role, shown, states } from "../app/board";
import { isNew } from "../app/commands";
import { redo, undo } from "../app/deeds";
import { extra, open } from "../app/extras";
import { filter, setFilter } from "../app/filter";
import { say, toast } from "../app/notices";
import { dashboardPath, go, projectPath, route, taskPath } from "../app/router";
import { t } from "../app/text";
import { birthState, noNew } from "../board/birth";
import { composing } from "../board/composer";
import { cardOf } from "../board/motion";
import { quick, type QuickField } from "../board/quick";
import { drag } from "../drag/state";
import { ME, toggled } from "../store/filter";
import { type KeyId, keyOf } from "./table";

export function listenToKeys(): () => void {
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const id = keyOf(event);
  if (id === undefined || drag.value !== null) return;
  const at = event.target instanceof Element ? event.target : null;
  const typing = at?.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]") ?? null;
  // In a field Ctrl+Z is the field's own, and letters are letters.
  if (typing !== null && id !== "palette") return;
  if (document.querySelector("dialog[open], [role=menu]") !== null && !(id === "palette" && extra.value === "palette")) return;
  if (press(id)) event.preventDefault();
}

/** Do what a key does. Answers whether it is meant for where one is. */
export function press(id: KeyId): boolean {
  switch (id) {
    case "palette":
      open("palette");
      return true;
    case "help":
      open("keys");
      return true;
    case "undo":
      undo();
      return true;
    case "redo":
      redo();
      return true;
    case "board":
    case "dashboard": {
      const key = openKey.value;
      if (key === null) return false;
      go(id === "board" ? projectPath(key) : dashboardPath(key));
      return true;
    }
    case "create":
      return onBoard() && create();
    case "filter": {
      const field = document.querySelector<HTMLInputElement>(".filter-text");
      if (!onBoard() || field === null) return false;
      field.focus();
      field.select();
      return true;
    }
    case "mine":
      if (!onBoard()) return false;
      setFilter({ people: toggled(filter.value.people, ME) });
      return true;
    case "edit":
      return edit();
    case "assign":
      return change("assignees");
    case "move":
      return change("state");
    case "label":
      return change("labels");
    case "priority":
      return change("priority");
    case "due":
      return change("due");
    default:
      return false;
  }
}

function onBoard(): boolean {
  const here = route.value;
  return here.at === "board" && here.task === null && board.value !== null;
}

/** The card that is meant: the one with the focus, else the one under the pointer. */
export function meant(): string | null {
  const card =
    document.activeElement?.closest<HTMLElement>(".board [data-ref]") ?? document.querySelector<HTMLElement>(".board [data-ref]:hover");
  const ref = card?.dataset["ref"] ?? null;
  return ref !== null && !isNew(ref) ? ref : null;
}

/** Write a new task in the column one is in, where it takes one, else where new tasks go. */
export function create(): boolean {
  const ref = meant();
  const here = states.value.find((state) => state.id === (ref && shown.value?.tasks.get(ref)?.state));
  const state = here && noNew(here) === "" ? here : birthState();
  if (!state) {
    toast(role.value === "viewer" ? t.why.viewer : t.why.nowhere, "refused");
    return true;
  }
  composing.value = state.id;
  return true;
}

function panel(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-panel]");
}

function edit(): boolean {
  const here = panel();
  if (here) {
    here.querySelector<HTMLElement>(".title-button")?.click();
    return true;
  }
  const task = shown.value?.tasks.get(meant() ?? "");
  if (!onBoard() || !task) return pointless();
  go(taskPath(task.project, task.number));
  // The panel may have to be fetched first.
  const begin = () => {
    const here = route.value;
    if (here.at !== "board" || here.task !== task.number) return;
    const title = panel()?.querySelector<HTMLElement>(".title-button");
    if (title) title.click();
    else requestAnimationFrame(begin);
  };
  requestAnimationFrame(begin);
  return true;
}

function change(field: QuickField): boolean {
  const here = panel();
  if (here) {
    here.querySelector<HTMLElement>(`[data-field="${field}"] button`)?.click();
    return true;
  }
  const ref = meant();
  if (!onBoard() || ref === null) return pointless();
  return changeOf(ref, field);
}

/** Open the choices of a field on a task's card. */
export function changeOf(ref: string, field: QuickField): boolean {
  if (role.value === "viewer") {
    toast(t.why.viewer, "refused");
    return true;
  }
  if (cardOf(ref)) quick.value = { ref, field };
  return true;
}

function pointless(): boolean {
  if (onBoard()) say(t.work.noCard);
  return onBoard();
}
