"""Finding tasks by some of their letters, in all projects of one person."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.projects.model import members, projects
from taskhub.tasks.model import parse_ref, tasks

_REF = projects.c.key + "-" + sa.cast(tasks.c.number, sa.String)
_TEXT = _REF + " " + tasks.c.title


async def search(session: AsyncSession, user_id: str, query: str, *, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """The tasks of a user's projects that have each word of `query` in their reference or title, archived ones among
    them; and whether there are more.

    First the one whose reference it is, then titles that begin with it, then those in which a word does; what changed
    last comes first among equals, and what is archived at the end.
    """
    words = query.split()
    if not words:
        return [], False
    mine = (
        sa.select(projects.c.id)
        .join(members, members.c.project_id == projects.c.id)
        .where(members.c.user_id == user_id, projects.c.deleted_at.is_(None))
    )
    # By themselves: PostgreSQL would rather begin with every task there is.
    ids = (await session.execute(mine)).scalars().all()
    phrase = " ".join(words)
    named = parse_ref(phrase.upper())
    is_named = sa.and_(projects.c.key == named[0], tasks.c.number == named[1]) if named else sa.false()
    place = sa.case(
        (is_named, 0),
        (tasks.c.archived, 4),
        (_begins(tasks.c.title, phrase), 1),
        (_has(tasks.c.title, f" {phrase}"), 2),
        else_=3,
    )
    rows = (
        await session.execute(
            sa.select(
                _REF.label("ref"),
                projects.c.key.label("project"),
                tasks.c.number,
                tasks.c.title,
                tasks.c.state,
                tasks.c.archived,
            )
            .select_from(projects)
            .join(tasks, tasks.c.project_id == projects.c.id)
            .where(
                projects.c.id.in_(ids),
                tasks.c.project_id.in_(ids),
                tasks.c.deleted_at.is_(None),
                *(_has(_TEXT, word) for word in dict.fromkeys(words)),
            )
            .order_by(place, tasks.c.updated_at.desc(), projects.c.key, tasks.c.number)
            .limit(limit + 1)
        )
    ).all()
    return [{str(name): value for name, value in row._mapping.items()} for row in rows[:limit]], len(rows) > limit


def _has(text: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(text.icontains(one, autoescape=True) for one in _spellings(part)))


def _begins(text: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(text.istartswith(one, autoescape=True) for one in _spellings(part)))


def _spellings(part: str) -> set[str]:
    """SQLite, and PostgreSQL under the locale C, know the case of ASCII letters alone."""
    return {part} if part.isascii() else {part, part.lower(), part.upper(), part.title(), part.capitalize()}
