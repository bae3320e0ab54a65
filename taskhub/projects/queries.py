"""Reading projects, members and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row
from taskhub.people.model import users
from taskhub.projects.model import Role, label_on_wire, labels, member_on_wire, members, project_on_wire, projects


async def projects_of(
    session: AsyncSession, user_id: str, *, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the projects a user belongs to, by key, each with the user's `role`; and the next cursor."""
    query = (
        sa.select(*projects.c, members.c.role)
        .join(members, members.c.project_id == projects.c.id)
        .where(members.c.user_id == user_id, projects.c.deleted_at.is_(None))
        .order_by(projects.c.key)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(projects.c.key > after)
    rows = (await session.execute(query)).all()
    page = [project_on_wire(row) | {"role": row.role} for row in rows[:limit]]
    return page, str(rows[limit - 1].key) if len(rows) > limit else None


_member = sa.select(
    *members.c,
    users.c.name,
    users.c.email,
    users.c.password_hash.is_(None).label("placeholder"),
).join(users, users.c.id == members.c.user_id)


async def load_members(session: AsyncSession, project_id: int) -> list[Row]:
    """Every member's row, with the columns that `member_on_wire` takes, in the order they joined."""
    query = _member.where(members.c.project_id == project_id).order_by(members.c.joined_at, members.c.user_id)
    return list((await session.execute(query)).all())


async def memberships_of(session: AsyncSession, user_id: str) -> Mapping[int, Row]:
    """The rows of one user in all their projects, by project id, with the columns that `member_on_wire` takes."""
    rows = await session.execute(_member.where(members.c.user_id == user_id))
    return {row.project_id: row for row in rows}


async def members_of(session: AsyncSession, project_id: int) -> list[dict[str, Any]]:
    """The project's members as on the wire."""
    return [member_on_wire(row) for row in await load_members(session, project_id)]


async def labels_of(session: AsyncSession, project_id: int) -> list[dict[str, Any]]:
    """The project's labels as on the wire, by name."""
    query = sa.select(labels).where(labels.c.project_id == project_id).order_by(labels.c.name)
    return [label_on_wire(row) for row in await session.execute(query)]


async def labels_page(
    session: AsyncSession, project_id: int, *, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the project's labels by name, after the one of that name; and the next cursor."""
    query = sa.select(labels).where(labels.c.project_id == project_id).order_by(labels.c.name).limit(limit + 1)
    if after is not None:
        query = query.where(labels.c.name > after)
    rows = (await session.execute(query)).all()
    return [label_on_wire(row) for row in rows[:limit]], str(rows[limit - 1].name) if len(rows) > limit else None


async def free_key(session: AsyncSession, wanted: str) -> str:
    """The key, or where some project has or had it, the first that is free of those with a number after it."""
    numbered = [wanted, *(f"{wanted[: 10 - len(str(n))]}{n}" for n in range(2, 100))]
    taken = set(await session.scalars(sa.select(projects.c.key).where(projects.c.key.in_(numbered))))
    return next((key for key in numbered if key not in taken), wanted)


async def owners_count(session: AsyncSession, project_id: int) -> int:
    """How many owners the project has."""
    query = sa.select(sa.func.count()).where(members.c.project_id == project_id, members.c.role == Role.OWNER.value)
    return int((await session.execute(query)).scalar_one())
