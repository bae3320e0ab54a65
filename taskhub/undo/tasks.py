"""Undoing what happened to a task: the inverse of each event, as an ordinary change within a command."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from taskhub.tasks import positions
from taskhub.tasks.archive import unarchive, undelete
from taskhub.tasks.commands import apply, put, refused, without_strangers
from taskhub.tasks.model import live, tasks
from taskhub.tasks.queries import count_by_state, load_tasks, load_tombstone
from taskhub.undo.conflicts import changed_among, conflict, refuse_changed
from taskhub.undo.queries import Event, later_events, same_command
from taskhub.unit import Unit
from taskhub.workflow.queries import load_workflow


async def task_of(unit: Unit, event: Event) -> dict[str, Any]:
    """The event's task as it is now. Raises Problem `undo_conflict` for one that was deleted since."""
    found = await load_tasks(unit.session, unit.project, tasks.c.number == event["task"]["number"])
    if not found:
        raise conflict(f"{event['task']['ref']} was deleted since; it can be restored.", (), None)
    return found[0]


async def created(unit: Unit, event: Event) -> None:
    """Delete the task, unless anything happened to it since."""
    task = await task_of(unit, event)
    await _refuse_touched(unit, event, task)
    await apply(unit, "task.deleted", task, {})


async def edited(unit: Unit, event: Event) -> None:
    """Put the old values back, but for people who left and labels that are gone."""
    task = await task_of(unit, event)
    await _refuse_changed(unit, event, task, event["changes"])
    old = {name: pair[0] for name, pair in event["changes"].items()}
    await apply(unit, "task.edited", task, await without_strangers(unit, old))


async def moved(unit: Unit, event: Event) -> None:
    """Put the task back into its old state and place. The WIP limit is asked, transitions are not."""
    task = await task_of(unit, event)
    # One that was archived already went to another state as its own was dropped, and has no place there.
    shelved = event["task"]["archived"] and task["archived"]
    if task["archived"] and not shelved:
        raise conflict(f"{task['ref']} was archived since; restore it first.", ("archived",), task)
    # Both, whichever of them the event changed: a place is one of a state.
    await _refuse_changed(unit, event, task, ("state", "position"))
    state = event["changes"].get("state", (task["state"],))[0]
    workflow = await load_workflow(unit.session, unit.project)
    if workflow.state(state) is None:
        raise conflict(
            f"The state that {task['ref']} came from, {state!r}, is gone from the workflow.", ("state",), task
        )
    if shelved:
        await apply(unit, "task.moved", task, {"state": state})
        return
    if state != task["state"]:
        counts = await count_by_state(unit.session, unit.project_id, workflow.limited)
        if refusal := workflow.may_move(task, state, role=unit.role, counts=counts, ask_transitions=False):
            raise refused(refusal)
    position = await _old_position(unit, event, task, state)
    if position is not None:
        await put(unit, task, state, position)


async def archived(unit: Unit, event: Event) -> None:
    """Bring the task back onto the board. The WIP limit is asked."""
    task = await task_of(unit, event)
    await _refuse_changed(unit, event, task, ("archived",))
    await unarchive(unit, task)


async def restored(unit: Unit, event: Event) -> None:
    """Archive the task again, or delete it again where that is what it came back from."""
    task = await task_of(unit, event)
    if "archived" in event["changes"]:
        await _refuse_changed(unit, event, task, ("archived",))
        await apply(unit, "task.archived", task, {"archived": True})
    else:
        await _refuse_touched(unit, event, task)
        await apply(unit, "task.deleted", task, {})


async def deleted(unit: Unit, event: Event) -> None:
    """Restore the task. The WIP limit is asked."""
    number = event["task"]["number"]
    tombstone = await load_tombstone(unit.session, unit.project, number)
    if tombstone is None:
        task = await task_of(unit, event)
        raise conflict(f"{task['ref']} was restored since.", (), task)
    if tombstone["version"] != event["seq"]:
        raise conflict(f"{tombstone['ref']} was restored and deleted again since.", (), None)
    await undelete(unit, tombstone)


async def _refuse_changed(unit: Unit, event: Event, task: dict[str, Any], fields: Collection[str]) -> None:
    # Nothing at all happened to it since: most undos come at once.
    if task["version"] != event["seq"]:
        refuse_changed(task["ref"], await later_events(unit, event), fields, task)


async def _refuse_touched(unit: Unit, event: Event, task: dict[str, Any]) -> None:
    if task["version"] == event["seq"]:
        return
    changed = changed_among(await later_events(unit, event), task)
    if task["comment_count"] != event["task"]["comment_count"]:
        changed.append("comment_count")
    raise conflict(f"{task['ref']} was worked on since.", changed, task)


async def _old_position(unit: Unit, event: Event, task: dict[str, Any], state: str) -> str | None:
    """The place that the task came from in `state`; None where it is in it."""
    old = event["changes"].get("position", (event["task"]["position"],))[0]
    if state == event["task"]["state"]:
        moves = [one for one in await same_command(unit, event) if one["type"] == "task.moved"]
        if len(moves) > 1:
            return await _between_neighbours(unit, moves, task, old) if _was_carried(event, moves) else None
    return await positions.near(unit.session, unit.project_id, state, old)


def _was_carried(event: Event, moves: Sequence[Event]) -> bool:
    """Whether the event may be what moved a task when its column was numbered anew; the others kept their order."""
    if any("state" in move["changes"] for move in moves):
        return False
    others = [move["changes"]["position"] for move in moves if move["seq"] != event["seq"]]
    return sorted(others, key=itemgetter(0)) == sorted(others, key=itemgetter(1))


async def _between_neighbours(unit: Unit, moves: list[Event], task: dict[str, Any], old: str) -> str | None:
    """The old place in a column that was numbered anew; None where the task stands there.

    The old positions are all above the new ones, and say nothing any more but in which order tasks stood.
    """
    number, state = task["number"], task["state"]
    query = sa.select(tasks.c.number).where(tasks.c.project_id == unit.project_id, tasks.c.state == state, live())
    here = set((await unit.session.execute(query)).scalars())
    stood = sorted(
        (move["changes"]["position"][0], move["task"]["number"])
        for move in moves
        if move["task"]["number"] in here - {number}
    )
    above = [anchor for position, anchor in stood if position < old]
    below = [anchor for position, anchor in stood if position > old]
    if not above and not below:
        return await positions.end_of(unit.session, unit.project_id, state)
    position = await positions.beside(
        unit.session,
        unit.project_id,
        state,
        anchor=above[-1] if above else below[0],
        above=not above,
        mover=number,
    )
    return position or None
