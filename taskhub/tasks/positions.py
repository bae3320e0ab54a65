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


def _column(project_id: Any, state: Any) -> list[sa.ColumnElement[bool]]:
    return [tasks.c.project_id == project_id, tasks.c.state == state, live()]


async def end_of(session: AsyncSession, project_id: int, state: str) -> str:
    """A position after every live task of the state."""
    return following(await last(session, project_id, state))


def following(position: str | None) -> str:
    """A position after the last one of a column; None where it is empty."""
    return str(generate_key_between(position, None))


async def last(session: AsyncSession, project_id: int, state: str) -> str | None:
    """The position of the state's last live task."""
    position: str | None = await session.scalar(_LAST, {"project": project_id, "in_state": state})
    return position


async def beside(
    session: AsyncSession, project_id: int, state: str, *, anchor: int, above: bool, mover: int
) -> str | None:
    """A position directly above or below the task `anchor`; of two, the later one is nearer to it.

    `""` where `mover` stands there already; None where `anchor` is not a live task of the state.
    """
    query = _FROM_ANCHOR_UP if above else _FROM_ANCHOR_DOWN
    rows = (await session.execute(query, {"project": project_id, "in_state": state, "anchor": anchor})).all()
    if not rows:
        return None
    own, neighbour = rows[0].position, rows[1] if len(rows) > 1 else None
    if neighbour is not None and neighbour.number == mover:
        return ""
    other = None if neighbour is None else neighbour.position
    return str(generate_key_between(other, own) if above else generate_key_between(own, other))


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


# Asked by every move: made once, as making a statement takes several times as long as running it.
_COLUMN = _column(sa.bindparam("project"), sa.bindparam("in_state"))
_LAST = sa.select(sa.func.max(tasks.c.position)).where(*_COLUMN)
_anchor = tasks.alias("anchor")
_own = (
    sa.select(_anchor.c.position)
    .where(
        _anchor.c.project_id == sa.bindparam("project"),
        _anchor.c.number == sa.bindparam("anchor"),
        _anchor.c.state == sa.bindparam("in_state"),
        _anchor.c.deleted_at.is_(None),
        _anchor.c.archived.is_(sa.false()),
    )
    .scalar_subquery()
)
_POSITIONS = sa.select(tasks.c.number, tasks.c.position).where(*_COLUMN).limit(2)
_FROM_ANCHOR_UP = _POSITIONS.where(tasks.c.position <= _own).order_by(tasks.c.position.desc())
_FROM_ANCHOR_DOWN = _POSITIONS.where(tasks.c.position >= _own).order_by(tasks.c.position)


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
