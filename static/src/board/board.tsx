import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Plus } from "lucide-preact";
import { board, filtered, members, project, role, shown, states, watchChanges } from "../app/board";
import { filter } from "../app/filter";
import { follow, settingsPath } from "../app/router";
import { t } from "../app/text";
import { press as keyPress, visit } from "../drag/keys";
import { ghost, isHolding, press as pointerPress } from "../drag/pointer";
import { drag } from "../drag/state";
import { looks } from "../parts/signs";
import { isActive } from "../store/filter";
import { birthState, noNew } from "./birth";
import { CardFace } from "./card";
import { Column } from "./column";
import { composing } from "./composer";
import { NothingMatches } from "./filter";
import { remember } from "./motion";
import { Quick } from "./quick";
import { followScroll, Tabs } from "./tabs";

export function BoardView() {
  const root = useRef<HTMLDivElement>(null);
  const columns = filtered.value?.columns;
  const look = useMemo(() => looks(states.value), [states.value]);
  useEffect(() => watchChanges(remember), []);
  if (!columns || !board.value) return null;
  const nothing = isActive(filter.value) && filtered.value?.shown === 0;
  const bare = !isActive(filter.value) && filtered.value?.shown === 0 && composing.value === null;
  return (
    <>
      <Tabs look={look} board={root} />
      <div
        class={`board ${ghost.value ? "board-holding" : ""}`} ref={root} role="group" aria-label={t.board}
        onPointerDown={(event) => pointerPress(event, event.currentTarget)}
        onKeyDown={keyPress}
        onDragStart={(event) => event.preventDefault()}
        onContextMenu={(event) => {
          if (isHolding()) event.preventDefault();
        }}
        onFocusIn={(event) => {
          const ref = (event.target as Element).closest<HTMLElement>("[data-ref]")?.dataset["ref"];
          if (ref) visit(ref);
        }}
        onScroll={(event) => followScroll(event.currentTarget)}
        hidden={nothing}
      >
        <p id="board-keys" hidden>{t.boardKeys}</p>
        {states.value.map((state) => (
          <Column
            key={state.id} state={state} look={look.get(state.id)} tasks={columns.get(state.id) ?? []}
            total={shown.value?.columns.get(state.id)?.length ?? 0} noNew={noNew(state)}
          />
        ))}
      </div>
      {nothing && <NothingMatches />}
      {bare && <FirstTask />}
      <div class="flights" aria-hidden="true" />
      <InHand />
      <Quick />
    </>
  );
}

function FirstTask() {
  const state = birthState();
  const people = settingsPath(project.value?.key ?? "", "members");
  return (
    <div class="first-task">
      <p>{t.emptyBoard}</p>
      {state && (
        <button type="button" class="button button-main" onClick={() => (composing.value = state.id)}>
          <Plus class="icon" aria-hidden="true" />
          {t.firstTask}
        </button>
      )}
      {role.value === "owner" && members.value.size === 1 && (
        <a class="first-invite" href={people} onClick={(event) => follow(event, people)}>{t.inviteOthers}</a>
      )}
    </div>
  );
}

/** The card that follows the pointer. */
function InHand() {
  const size = ghost.value;
  const task = useComputed(() => drag.value?.task ?? null).value;
  const closed = useComputed(() => drag.value !== null && drag.value.over === null).value;
  if (!size || !task) return null;
  return (
    <div class="ghost" style={{ width: `${size.width}px` }} aria-hidden="true">
      <div class={`card card-held ${closed ? "card-closed" : ""}`} style={{ minHeight: `${size.height}px` }}>
        <CardFace task={task} />
      </div>
    </div>
  );
}
