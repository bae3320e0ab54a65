"""Reading an inbox's log, as the live side follows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.events.reading import Logged
from taskhub.notifications.model import inbox_events, inboxes
from taskhub.projects.model import members, projects


class Head(NamedTuple):
    """How far an inbox is: which history, its newest event, how many notifications are unread."""

    log: str
    seq: int
    unread: int


async def head_of(session: AsyncSession, user_id: str) -> Head:
    """Somebody's inbox; nobody needs to have written to it yet."""
    return (await heads_of(session, [user_id])).get(user_id) or Head(user_id, 0, 0)


async def heads_of(session: AsyncSession, user_ids: Collection[str]) -> Mapping[str, Head]:
    """The inboxes of these users, but for those that nobody has written to yet."""
    rows = await session.execute(_HEADS, {"users": list(user_ids)})
    return {row.user_id: Head(row.log, row.seq, row.unread) for row in rows}


async def is_kept(session: AsyncSession, user_id: str, seq: int) -> bool:
    """Whether the event is in the inbox's log."""
    query = sa.select(inbox_events.c.seq).where(inbox_events.c.user_id == user_id, inbox_events.c.seq == seq)
    return await session.scalar(query) is not None


async def read_after(session: AsyncSession, user_id: str, seq: int, limit: int) -> Sequence[Logged]:
    """At most `limit` events of somebody's inbox after `seq`, in order, as they may see them now.

    A notification of a project that they are no member of (any more), or that is deleted, is null in its event.
    """
    rows = await session.execute(_AFTER, {"user": user_id, "seq": seq, "most": limit})
    return [
        (row.seq, row.body.encode() if row.project_id is None or row.role is not None else _without(row.body))
        for row in rows
    ]


def _without(body: str) -> bytes:
    return orjson.dumps({**orjson.loads(body), "notification": None})


_HEADS = sa.select(inboxes).where(inboxes.c.user_id.in_(sa.bindparam("users", expanding=True)))
_AFTER = (
    sa.select(inbox_events.c.seq, inbox_events.c.body, inbox_events.c.project_id, members.c.role)
    .outerjoin(projects, sa.and_(projects.c.id == inbox_events.c.project_id, projects.c.deleted_at.is_(None)))
    .outerjoin(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == inbox_events.c.user_id))
    .where(inbox_events.c.user_id == sa.bindparam("user"), inbox_events.c.seq > sa.bindparam("seq"))
    .order_by(inbox_events.c.seq)
    .limit(sa.bindparam("most"))
)
