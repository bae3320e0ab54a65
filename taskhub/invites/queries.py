"""Reading invites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row, UtcDateTime
from taskhub.invites.model import invite_on_wire, invites
from taskhub.people.model import secret_hash, users
from taskhub.projects.model import Role, members, projects

_made_by_member = sa.and_(members.c.project_id == invites.c.project_id, members.c.user_id == invites.c.created_by)


async def by_secret(session: AsyncSession, secret: str) -> Row | None:
    """The invite of a link, good or not, with its project and what its maker is by now (see `model.is_good`).

    Beside the invite's columns: `project_key`, `project_name`, `project_deleted_at`, `maker_name`, `maker_is_admin`,
    `maker_role`.
    """
    query = (
        sa.select(
            *invites.c,
            projects.c.key.label("project_key"),
            projects.c.name.label("project_name"),
            projects.c.deleted_at.label("project_deleted_at"),
            users.c.name.label("maker_name"),
            users.c.is_admin.label("maker_is_admin"),
            members.c.role.label("maker_role"),
        )
        .join(users, users.c.id == invites.c.created_by)
        .outerjoin(projects, projects.c.id == invites.c.project_id)
        .outerjoin(members, _made_by_member)
        .where(invites.c.secret_hash == secret_hash(secret))
    )
    return (await session.execute(query)).one_or_none()


async def open_invites(
    session: AsyncSession, project: Row, now: datetime, *, after: tuple[datetime, str] | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the project's invites that are still good, in the order they were made; and the next cursor.

    `after` is the moment and id of the last one seen.
    """
    query = (
        sa.select(invites)
        .join(members, _made_by_member)
        .where(
            invites.c.project_id == project.id,
            invites.c.used_at.is_(None),
            invites.c.expires_at > now,
            members.c.role == Role.OWNER.value,
        )
        .order_by(invites.c.created_at, invites.c.id)
        .limit(limit + 1)
    )
    if after is not None:
        place = sa.tuple_(sa.literal(after[0], UtcDateTime), sa.literal(after[1]))
        query = query.where(sa.tuple_(invites.c.created_at, invites.c.id) > place)
    rows = (await session.execute(query)).all()
    page = [invite_on_wire(row, project.key) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return page, f"{clock.wire(last.created_at)} {last.id}" if last else None
