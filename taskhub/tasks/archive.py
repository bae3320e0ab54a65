"""Taking tasks off the board, and bringing archived and deleted ones back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from taskhub.command import Caller, Commands
from taskhub.errors import not_found
from taskhub.events.reading import read_one
from taskhub.projects.model import Role
from taskhub.tasks import positions
from taskhub.tasks.commands import apply, record_changed, refused, split, without_strangers, write_changed
from taskhub.tasks.model import tasks
from taskhub.tasks.queries import count_by_state, load_task, load_tasks, load_tombstone
from taskhub.unit import Unit
from taskhub.workflow.queries import kept_workflow


async def archive(commands: Commands, caller: Caller, ref: str) -> dict[str, Any]:
    """Take a task off the board, kept for reading; one that is archived stays so. Raises Problem `not_found`."""
    key, number = split(ref)

    async def change(unit: Unit) -> dict[str, Any]:
        task = await load_task(unit.session, unit.project, number)
        return task if task["archived"] else await apply(unit, "task.archived", task, {"archived": True})

    return await commands.on_project(caller, key, Role.MEMBER, "write tasks", change)


async def restore(commands: Commands, caller: Caller, ref: str) -> dict[str, Any]:
    """Bring an archived task, or a deleted one, back; one that stands on the board stays.

    A task that was archived when it was deleted is archived again. Raises Problem `not_found`, and
    `wip_limit_reached` where its state is full.
    """
    key, number = split(ref)

    async def change(unit: Unit) -> dict[str, Any]:
        found = await load_tasks(unit.session, unit.project, tasks.c.number == number)
        if found:
            return await unarchive(unit, found[0]) if found[0]["archived"] else found[0]
        tombstone = await load_tombstone(unit.session, unit.project, number)
        if tombstone is None:
            raise not_found(f"There is no task {ref}.")
        return await undelete(unit, tombstone)

    return await commands.on_project(caller, key, Role.MEMBER, "write tasks", change)


async def unarchive(unit: Unit, task: Mapping[str, Any]) -> dict[str, Any]:
    """Bring an archived task back onto the board within a command; the task as it is then.

    To its old position, or beside it where another task stands there now. Raises Problem `wip_limit_reached`.
    """
    fields = {"archived": False, **await _place(unit, task, task["state"])}
    return await apply(unit, "task.restored", task, fields)


async def undelete(unit: Unit, tombstone: Mapping[str, Any]) -> dict[str, Any]:
    """Make a deleted task one again within a command, archived if it was; the task as it is then.

    Where its state is gone it comes back where new tasks begin; assignees who left and labels that are gone are
    dropped. Raises Problem `wip_limit_reached`.
    """
    # The rows of a tombstone lose what goes away in the meantime; the log knows what it had.
    last = await read_one(unit.session, unit.project_id, tombstone["version"])
    had = orjson.loads(last)["task"] if last is not None else tombstone
    task = {**tombstone, **{name: had[name] for name in ("state", "assignees", "labels")}}
    fields = await without_strangers(unit, {name: task[name] for name in ("assignees", "labels")})
    fields |= await _place(unit, task, task["state"], onto_board=not task["archived"])
    result = record_changed(unit, "task.restored", task, fields)
    await write_changed(unit, result, ("state", "position", "assignees", "labels"), deleted=False)
    return result


async def _place(unit: Unit, task: Mapping[str, Any], state: str, *, onto_board: bool = True) -> dict[str, str]:
    workflow = await kept_workflow(unit.session, unit.project)
    known = workflow.state(state) is not None
    state = state if known else workflow.birth_state()
    if not onto_board:
        return {"state": state, "position": task["position"]}
    counts = await count_by_state(unit.session, unit.project_id, workflow.limited)
    if refusal := workflow.may_return(state, counts=counts):
        raise refused(refusal)
    if known:
        position = await positions.near(unit.session, unit.project_id, state, task["position"])
        if len(position) <= positions.LONGEST:
            return {"state": state, "position": position}
    return {"state": state, "position": await positions.end_of(unit.session, unit.project_id, state)}
