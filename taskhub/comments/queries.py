"""Reading comments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.comments.model import comments
from taskhub.db import Row
from taskhub.errors import invalid, not_found
from taskhub.projects.model import projects


def comment_on_wire(row: Row, key: str) -> dict[str, Any]:
    """A comment as the API and the log carry it."""
    return {
        "id": row.id,
        "task": f"{key}-{row.number}",
        "author": row.author_id,
        "body": row.body,
        "version": row.version,
        "created_at": clock.wire(row.created_at),
        "edited_at": clock.wire(row.edited_at) if row.edited_at else None,
    }


async def comments_of(
    session: AsyncSession, project: Row, number: int, *, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a task's comments, oldest first, and the next cursor."""
    where = [
        comments.c.project_id == project.id,
        comments.c.number == number,
        comments.c.deleted_at.is_(None),
    ]
    if after is not None:
        edge = (
            await session.execute(
                sa.select(comments.c.created_at, comments.c.id).where(*where[:2], comments.c.id == after)
            )
        ).one_or_none()
        if edge is None:
            raise invalid("cursor", "this is not a cursor that TaskHub gave")
        where.append(sa.tuple_(comments.c.created_at, comments.c.id) > sa.tuple_(edge.created_at, edge.id))
    query = sa.select(comments).where(*where).order_by(comments.c.created_at, comments.c.id).limit(limit + 1)
    rows = (await session.execute(query)).all()
    page = [comment_on_wire(row, project.key) for row in rows[:limit]]
    return page, str(rows[limit - 1].id) if len(rows) > limit else None


async def project_key_of(session: AsyncSession, comment_id: str) -> str:
    """The KEY of the project a comment belongs to. Raises Problem `not_found`, as for a project of others."""
    key = await session.scalar(
        sa.select(projects.c.key)
        .join(comments, comments.c.project_id == projects.c.id)
        .where(comments.c.id == comment_id)
    )
    if key is None:
        raise not_found()
    return str(key)
