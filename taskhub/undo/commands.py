"""Undoing what an event of the log says, as a new command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import orjson

from taskhub.command import Caller, Commands
from taskhub.errors import Problem, not_found
from taskhub.projects.model import Role
from taskhub.undo import comments, labels, settings, tasks
from taskhub.undo.queries import Event, load_event
from taskhub.unit import Unit

#: Does the inverse of an event, as one or several ordinary changes. Raises Problem and has then done nothing.
Inverse = Callable[[Unit, Event], Awaitable[None]]

_MEMBERS = "Who belongs to the project is not undone: add, change or remove the member again."

#: Types that are never undone, with the sentence that says so.
NOT_UNDOABLE: Mapping[str, str] = {
    "project.created": "The project's beginning can't be undone; an owner may delete the project.",
    "project.deleted": "A project that was deleted stays deleted.",
    "member.added": _MEMBERS,
    "member.changed": _MEMBERS,
    "member.removed": _MEMBERS,
}


def inverses(commands: Commands) -> Mapping[str, Inverse]:
    """What undoes the events of each type; with `NOT_UNDOABLE` these are all types there are."""
    return {
        "task.created": tasks.created,
        "task.edited": tasks.edited,
        "task.moved": tasks.moved,
        "task.archived": tasks.archived,
        "task.restored": tasks.restored,
        "task.deleted": tasks.deleted,
        "comment.created": comments.created,
        "comment.edited": comments.edited,
        "comment.deleted": comments.deleted,
        "label.created": labels.created,
        "label.edited": labels.edited,
        "label.deleted": labels.deleted,
        "project.edited": settings.project_edited,
        "workflow.changed": partial(settings.workflow_changed, dropping=commands.dropping),
    }


async def undo(commands: Commands, caller: Caller, key: str, seq: int) -> dict[str, Any]:
    """Undo the event `seq` of the project KEY's log: `{"events": […]}`, what was written for it, in order.

    None where everything is as before already. Raises Problem `not_found` for no such event, `not_undoable`,
    `undo_conflict` with `conflicts` and `current` where its fields changed since, and what the inverse by hand is
    refused with: `forbidden`, `wip_limit_reached`, `state_in_use`, `duplicate`, `invalid`.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        event = await load_event(unit, seq)
        if event is None:
            raise not_found(f"The project's log has no event {seq}.")
        if reason := NOT_UNDOABLE.get(event["type"]):
            raise Problem("not_undoable", reason)
        await inverses(commands)[event["type"]](unit, event)
        return {"events": [orjson.Fragment(recorded.body) for recorded in unit.recorded]}

    return await commands.on_project(caller, key, Role.MEMBER, "undo changes", change)
