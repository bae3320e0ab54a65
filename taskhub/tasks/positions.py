"""Where a task stands in its column: a string between those of its neighbours, in bytewise order.

Fractional indexing after D. Greenspan, https://observablehq.com/@dgreensp/implementing-fractional-indexing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fractional_indexing import generate_key_between, generate_n_keys_between
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.tasks.model import live, tasks

#: A key that grew longer than this (some hundred drops on one spot) makes its column be numbered anew.
LONGEST = 100


def _column(project_id: int, state: str) -> list[sa.ColumnElement[bool]]:
    return [tasks.c.project_id == project_id, tasks.c.state == state, live()]


async def end_of(session: AsyncSession, project_id: int, state: str) -> str:
    """A position after every live task of the state."""
    return str(generate_key_between(await last(session, project_id, state), None))


async def last(session: AsyncSession, project_id: int, state: str) -> str | None:
    """The position of the state's last live task."""
    query = sa.select(sa.func.max(tasks.c.position)).where(*_column(project_id, state))
    position: str | None = await session.scalar(query)
    return position


async def beside(
    session: AsyncSession, project_id: int, state: str, *, anchor: int, above: bool, mover: int
) -> str | None:
    """A position directly above or below the task `anchor`; of two, the later one is nearer to it.

    `""` where `mover` stands there already; None where `anchor` is not a live task of the state.
    """
    where = _column(project_id, state)
    own = (await session.execute(sa.select(tasks.c.position).where(*where, tasks.c.number == anchor))).scalar()
    if own is None:
        return None
    position: Any = tasks.c.position
    query = sa.select(tasks.c.number, position).where(*where)
    if above:
        query = query.where(position < own).order_by(position.desc())
    else:
        query = query.where(position > own).order_by(position)
    neighbour = (await session.execute(query.limit(1))).one_or_none()
    if neighbour is None:
        return str(generate_key_between(None, own) if above else generate_key_between(own, None))
    if neighbour.number == mover:
        return ""
    between = (neighbour.position, own) if above else (own, neighbour.position)
    return str(generate_key_between(*between))


async def near(session: AsyncSession, project_id: int, state: str, position: str) -> str:
    """The position itself where no live task of the state stands there, else one directly below it."""
    query = (
        sa.select(tasks.c.position)
        .where(*_column(project_id, state), tasks.c.position >= position)
        .order_by(tasks.c.position)
        .limit(2)
    )
    below = (await session.execute(query)).scalars().all()
    if not below or below[0] != position:
        return position
    return str(generate_key_between(position, below[1] if len(below) > 1 else None))


async def renumbered(
    session: AsyncSession, project_id: int, state: str, placed: tuple[int, str]
) -> list[tuple[int, str]]:
    """Short new positions for a whole column in which `placed` (number, position) is to stand, in order.

    All of them are after every old one, so that no two tasks share one while they are written one by one.
    """
    rows = (await session.execute(sa.select(tasks.c.number, tasks.c.position).where(*_column(project_id, state)))).all()
    order = sorted([(position, number) for number, position in rows if number != placed[0]] + [placed[::-1]])
    # Of all: where the placed one stood last in the column, its old position is in the way until it is written.
    highest = max(placed[1], *(position for _, position in rows))
    keys = generate_n_keys_between(highest, None, len(order))
    return [(number, key) for (_, number), key in zip(order, keys, strict=True)]
