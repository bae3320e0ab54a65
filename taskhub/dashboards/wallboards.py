"""Wallboards: links that show a project's figures to whoever holds them, without signing in.

A wallboard is its project's, not its maker's: it stays when they leave. It shows names of people, and titles of tasks
where an owner says so, and nothing else of what somebody wrote.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.dashboards.model import MOST_WALLBOARDS, wallboards
from taskhub.db import Row, new_id
from taskhub.errors import Problem, not_found
from taskhub.people.model import secret_hash
from taskhub.projects.model import Role, projects
from taskhub.unit import Unit

#: Its last use is noted when the one noted is older than this.
USE_NOTED_EVERY = timedelta(hours=1)


def secret_of(wallboard_id: str, signing_key: str) -> str:
    """The secret in a wallboard's link.

    Derived from the instance's key, as those of invites are: nothing in the database opens a link.
    """
    digest = hmac.digest(signing_key.encode(), b"wallboard\0" + wallboard_id.encode(), "sha256")
    return "thw_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def make(
    commands: Commands, caller: Caller, key: str, *, name: str, titles: bool, signing_key: str
) -> dict[str, Any]:
    """Make a wallboard, by an owner of the project; it is answered without its secret (`secret_of`).

    Raises Problem `duplicate` where the project has as many as it may.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        mine = sa.select(sa.func.count()).where(wallboards.c.project_id == unit.project_id)
        if ((await unit.session.scalar(mine)) or 0) >= MOST_WALLBOARDS:
            raise Problem(
                "duplicate", f"A project has at most {MOST_WALLBOARDS} wallboards; take one away that nobody looks at."
            )
        id_ = new_id()
        values = {
            "id": id_,
            "project_id": unit.project_id,
            "name": name,
            "titles": titles,
            "secret_hash": secret_hash(secret_of(id_, signing_key)),
            "created_by": unit.actor.id,
            "created_at": unit.at,
            "last_used_at": None,
        }
        made = await unit.session.execute(sa.insert(wallboards).values(values).returning(*wallboards.c))
        return on_wire(made.one())

    return await commands.on_project(caller, key, Role.OWNER, "make wallboards", change)


async def edit(
    commands: Commands, caller: Caller, key: str, wallboard_id: str, *, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Change the `name` or `titles` of a wallboard; its streams show so at once. Raises Problem `not_found`."""

    async def change(unit: Unit) -> dict[str, Any]:
        this = sa.and_(wallboards.c.project_id == unit.project_id, wallboards.c.id == wallboard_id)
        # Without any field the row is found all the same.
        values = {"name": wallboards.c.name, **fields}
        edited = await unit.session.execute(sa.update(wallboards).where(this).values(values).returning(*wallboards.c))
        row = edited.one_or_none()
        if row is None:
            raise not_found("The project has no such wallboard.")
        # Who follows is asked again what they may see.
        unit.access_taken = True
        return on_wire(row)

    return await commands.on_project(caller, key, Role.OWNER, "change wallboards", change)


async def revoke(commands: Commands, caller: Caller, key: str, wallboard_id: str) -> None:
    """Take a wallboard away; whoever looks at it sees nothing from then on. Raises Problem `not_found`."""

    async def change(unit: Unit) -> None:
        this = sa.and_(wallboards.c.project_id == unit.project_id, wallboards.c.id == wallboard_id)
        gone = await unit.session.execute(sa.delete(wallboards).where(this).returning(wallboards.c.id))
        if gone.one_or_none() is None:
            raise not_found("The project has no such wallboard.")
        unit.access_taken = True

    await commands.on_project(caller, key, Role.OWNER, "take wallboards away", change)


async def page_of(
    session: AsyncSession, project: Row, *, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the project's wallboards by id; and the id of the last where more follow."""
    query = sa.select(wallboards).where(wallboards.c.project_id == project.id).order_by(wallboards.c.id)
    if after is not None:
        query = query.where(wallboards.c.id > after)
    rows = (await session.execute(query.limit(limit + 1))).all()
    return [on_wire(row) for row in rows[:limit]], str(rows[limit - 1].id) if len(rows) > limit else None


async def by_secret(session: AsyncSession, secret: str) -> Row | None:
    """The project that a link's secret opens, with `wallboard_id`, `titles` and `last_used_at`; None for none."""
    return (await session.execute(_BY_SECRET, {"hash": secret_hash(secret)})).one_or_none()


async def note_use(commands: Commands, opened: Row) -> None:
    """Note that a wallboard is looked at, from time to time; `opened` is as `by_secret` gives it."""
    now = clock.now()
    if opened.last_used_at is not None and now - opened.last_used_at < USE_NOTED_EVERY:
        return

    async def change(session: AsyncSession) -> None:
        this = wallboards.c.id == opened.wallboard_id
        await session.execute(sa.update(wallboards).where(this).values(last_used_at=now))

    await commands.outside(None, change)


def on_wire(row: Any) -> dict[str, Any]:
    """A wallboard as the API carries it, without its secret."""
    return {
        "id": row.id,
        "name": row.name,
        "titles": row.titles,
        "created_by": row.created_by,
        "created_at": clock.wire(row.created_at),
        "last_used_at": None if row.last_used_at is None else clock.wire(row.last_used_at),
    }


_BY_SECRET = (
    sa.select(*projects.c, wallboards.c.id.label("wallboard_id"), wallboards.c.titles, wallboards.c.last_used_at)
    .join(projects, projects.c.id == wallboards.c.project_id)
    .where(wallboards.c.secret_hash == sa.bindparam("hash"), projects.c.deleted_at.is_(None))
)
