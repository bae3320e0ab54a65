/** What can be done with a column as a whole. */
import { Archive, ArchiveRestore, Ellipsis } from "lucide-preact";
import type { State, Task } from "../api/types";
import { role } from "../app/board";
import { archiveAll } from "../app/commands";
import { open } from "../app/extras";
import { t } from "../app/text";
import { type Choice, Menu } from "../parts/menu";

/** For columns of work that is over; other columns have none. */
export function ColumnMenu({ state, tasks }: { state: State; tasks: readonly Task[] }) {
  if (state.category !== "done" && state.category !== "cancelled") return null;
  const choices: Choice[] = [];
  if (role.value !== "viewer" && tasks.length > 0) {
    const name = t.work.archiveAll(tasks.length);
    choices.push({
      id: "archive-all",
      name,
      content: <span class="menu-line"><Archive class="icon" aria-hidden="true" />{name}</span>,
      choose: () => void archiveAll(tasks.map((task) => task.ref), state.name),
    });
  }
  choices.push({
    id: "archived",
    name: t.work.archivedTasks,
    content: <span class="menu-line"><ArchiveRestore class="icon" aria-hidden="true" />{t.work.archivedTasks}</span>,
    choose: () => open("archived"),
  });
  return (
    <Menu
      class="icon-button" label={t.work.columnMenu(state.name)} menuLabel={t.work.columnMenu(state.name)} kind="action"
      button={<Ellipsis class="icon" aria-hidden="true" />} choices={choices}
    />
  );
}
