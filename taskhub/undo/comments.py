"""Undoing what happened to a comment; the caller needs the right that the inverse takes by hand."""

from __future__ import annotations

from taskhub.comments.commands import (
    bring_back,
    change_body,
    find,
    require_author,
    require_author_or_owner,
    take_away,
)
from taskhub.comments.queries import comment_on_wire
from taskhub.db import Row
from taskhub.errors import not_found
from taskhub.undo.conflicts import conflict
from taskhub.undo.queries import Event
from taskhub.undo.tasks import task_of
from taskhub.unit import Unit


async def created(unit: Unit, event: Event) -> None:
    """Delete the comment, unless it was edited since."""
    row = await _comment_of(unit, event)
    require_author_or_owner(unit, row, "delete")
    task = await task_of(unit, event)
    _refuse_changed(unit, event, row)
    await take_away(unit, row, task)


async def edited(unit: Unit, event: Event) -> None:
    """Put the old text back."""
    row = await _comment_of(unit, event)
    require_author(unit, row)
    task = await task_of(unit, event)
    _refuse_changed(unit, event, row)
    await change_body(unit, row, task, event["changes"]["body"][0])


async def deleted(unit: Unit, event: Event) -> None:
    """Bring the comment back: what was said, when, and by whom stays."""
    row = await _comment_of(unit, event)
    require_author_or_owner(unit, row, "bring back")
    task = await task_of(unit, event)
    if row.deleted_at is None:
        raise conflict("The comment was brought back since.", (), comment_on_wire(row, unit.key))
    if row.version != event["seq"]:
        raise conflict("The comment was brought back and deleted again since.", (), None)
    await bring_back(unit, row, task)


async def _comment_of(unit: Unit, event: Event) -> Row:
    row = await find(unit, event["comment"]["id"])
    if row is None:
        raise not_found("There is no such comment.")
    return row


def _refuse_changed(unit: Unit, event: Event, row: Row) -> None:
    if row.deleted_at is not None:
        raise conflict("The comment was deleted since.", (), None)
    # A comment has one field: whatever gave it another version changed it.
    if row.version != event["seq"]:
        raise conflict("The comment was changed again since.", ("body",), comment_on_wire(row, unit.key))
