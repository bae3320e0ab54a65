"""Reading the log."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.events.model import events

#: An event as the log keeps it: its seq and its bytes as the wire carries them.
Logged = tuple[int, bytes]


async def read_after(session: AsyncSession, project_id: int, seq: int, limit: int) -> Sequence[Logged]:
    """At most `limit` events of the project after `seq`, in order."""
    rows = await session.execute(
        sa.select(events.c.seq, events.c.body)
        .where(events.c.project_id == project_id, events.c.seq > seq)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [(row.seq, row.body.encode()) for row in rows]


async def read_one(session: AsyncSession, project_id: int, seq: int) -> bytes | None:
    """The event of that seq; None where the log has none."""
    query = sa.select(events.c.body).where(events.c.project_id == project_id, events.c.seq == seq)
    body: str | None = await session.scalar(query)
    return None if body is None else body.encode()


async def is_kept(session: AsyncSession, project_id: int, seq: int) -> bool:
    """Whether the event is in the log; one probe of its key."""
    found = await session.scalar(sa.select(events.c.seq).where(events.c.project_id == project_id, events.c.seq == seq))
    return found is not None


async def read_of_task(
    session: AsyncSession, project_id: int, number: int, *, before: int | None, limit: int
) -> Sequence[Logged]:
    """At most `limit` events of one task, newest first, older than `before` where that is given."""
    wanted = [events.c.project_id == project_id, events.c.number == number]
    if before is not None:
        wanted.append(events.c.seq < before)
    rows = await session.execute(
        sa.select(events.c.seq, events.c.body).where(*wanted).order_by(events.c.seq.desc()).limit(limit)
    )
    return [(row.seq, row.body.encode()) for row in rows]


def join(logged: Sequence[Logged]) -> bytes:
    """Events as a JSON array, without parsing what is JSON already."""
    return b"[" + b",".join(body for _, body in logged) + b"]"
