"""Changing comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.comments.model import comments
from taskhub.comments.queries import comment_on_wire, project_key_of
from taskhub.db import Row, new_id, write_rows
from taskhub.errors import Problem, not_found
from taskhub.merging import refuse_conflicts
from taskhub.people.model import User
from taskhub.projects.model import Role
from taskhub.tasks.commands import apply, record_changed, split, write_changed
from taskhub.tasks.queries import load_task
from taskhub.unit import Unit


async def create(commands: Commands, caller: Caller, ref: str, *, body: str) -> dict[str, Any]:
    """Comment on a task. Raises Problem `not_found`."""
    key, number = split(ref)

    async def change(unit: Unit) -> dict[str, Any]:
        task = await load_task(unit.session, unit.project, number)
        comment, _ = await insert(unit, task, body)
        return comment

    return await commands.on_project(caller, key, Role.MEMBER, "comment", change)


async def insert(
    unit: Unit,
    task: dict[str, Any],
    body: str,
    *,
    actor: User | None = None,
    at: datetime | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a comment and its event within a command; the comment, and the task as it is then."""
    comment, after = record_created(unit, task, body, actor=actor, at=at)
    await write_created(unit, [comment])
    await write_changed(unit, after, ["comment_count"])
    return comment, after


def record_created(
    unit: Unit, task: Mapping[str, Any], body: str, *, actor: User | None = None, at: datetime | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event of a new comment, the comment and its task as it is then; their rows are still to be written."""
    comment = {
        "id": new_id(),
        "task": task["ref"],
        "author": (actor or unit.actor).id,
        "body": body,
        "version": unit.seq + 1,
        "created_at": clock.wire(at or unit.at),
        "edited_at": None,
    }
    after = record_changed(
        unit,
        "comment.created",
        task,
        {"comment_count": task["comment_count"] + 1},
        with_entity={"comment": comment},
        changes={"body": [None, body]},
        actor=actor,
        at=at,
    )
    return comment, after


async def write_created(unit: Unit, created: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of comments that `record_created` made; those of their tasks must be there."""
    if created:
        await write_rows(
            unit.session,
            sa.insert(comments),
            (
                {
                    "id": comment["id"],
                    "project_id": unit.project_id,
                    "number": split(comment["task"])[1],
                    "author_id": comment["author"],
                    "body": comment["body"],
                    "version": comment["version"],
                    "created_at": clock.parse(comment["created_at"]),
                }
                for comment in created
            ),
        )


async def edit(
    commands: Commands, caller: Caller, comment_id: str, *, body: str, base_version: int | None = None
) -> dict[str, Any]:
    """Change one's own comment. Raises Problem `not_found`, `forbidden`, `edit_conflict`."""

    async def change(unit: Unit) -> dict[str, Any]:
        row = await _load(unit, comment_id)
        require_author(unit, row)
        task = await load_task(unit.session, unit.project, row.number)
        comment = comment_on_wire(row, unit.key)
        await refuse_conflicts(unit, "comment", comment, {"body": body}, base_version, number=row.number)
        return comment if body == row.body else await change_body(unit, row, task, body)

    return await commands.on_project(caller, await _key(commands, comment_id), Role.MEMBER, "write comments", change)


async def delete(commands: Commands, caller: Caller, comment_id: str) -> None:
    """Take a comment away: one's own, an owner any. Raises Problem `not_found`, `forbidden`."""

    async def change(unit: Unit) -> None:
        row = await _load(unit, comment_id)
        require_author_or_owner(unit, row, "delete")
        await take_away(unit, row, await load_task(unit.session, unit.project, row.number))

    await commands.on_project(caller, await _key(commands, comment_id), Role.MEMBER, "write comments", change)


def require_author(unit: Unit, row: Row) -> None:
    """Raise 403 where the caller did not write the comment."""
    if row.author_id != unit.actor.id:
        raise Problem("forbidden", "Only its author may change a comment.")


def require_author_or_owner(unit: Unit, row: Row, what: str) -> None:
    """Raise 403 where the caller neither wrote the comment nor owns the project; `what` completes “may … a comment”."""
    if row.author_id != unit.actor.id and not unit.role.covers(Role.OWNER):
        raise Problem("forbidden", f"Only its author or an owner of the project may {what} a comment.")


async def change_body(unit: Unit, row: Row, task: Mapping[str, Any], body: str) -> dict[str, Any]:
    """Write another text of a comment and the event, within a command; the comment as it is then."""
    comment = comment_on_wire(row, unit.key) | {"body": body, "version": unit.seq + 1, "edited_at": clock.wire(unit.at)}
    await _write(unit, row, body=body, version=comment["version"], edited_at=unit.at)
    changes = {"body": [row.body, body]}
    await apply(unit, "comment.edited", task, {}, with_entity={"comment": comment}, changes=changes)
    return comment


async def take_away(unit: Unit, row: Row, task: Mapping[str, Any]) -> None:
    """Make a comment a tombstone and write the event, within a command."""
    comment = comment_on_wire(row, unit.key) | {"version": unit.seq + 1}
    await _write(unit, row, deleted_at=unit.at, version=comment["version"])
    fewer = {"comment_count": task["comment_count"] - 1}
    await apply(unit, "comment.deleted", task, fewer, with_entity={"comment": comment}, changes={})


async def bring_back(unit: Unit, row: Row, task: Mapping[str, Any]) -> None:
    """Make a deleted comment one again within a command, by its author and of its time; `comment.created` says so."""
    comment = comment_on_wire(row, unit.key) | {"version": unit.seq + 1}
    await _write(unit, row, deleted_at=None, version=comment["version"])
    more = {"comment_count": task["comment_count"] + 1}
    changes = {"body": [None, row.body]}
    await apply(unit, "comment.created", task, more, with_entity={"comment": comment}, changes=changes)


async def find(unit: Unit, comment_id: str) -> Row | None:
    """The row of a comment of the project, deleted or not."""
    query = sa.select(comments).where(comments.c.id == comment_id, comments.c.project_id == unit.project_id)
    return (await unit.session.execute(query)).one_or_none()


async def _write(unit: Unit, row: Row, **values: Any) -> None:
    await unit.session.execute(sa.update(comments).where(comments.c.id == row.id).values(values))


async def _key(commands: Commands, comment_id: str) -> str:
    async with commands.db.read() as session:
        return await project_key_of(session, comment_id)


async def _load(unit: Unit, comment_id: str) -> Row:
    row = await find(unit, comment_id)
    if row is None or row.deleted_at is not None:
        raise not_found("There is no such comment.")
    return row
