"""Inboxes kept from growing without end: what was read long ago goes, and events from which nobody needs to go on."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Commands
from taskhub.notifications.model import inbox_events, inboxes, notifications

#: How long a notification is kept after it was read; one that is unread stays.
READ_KEPT = timedelta(days=90)
#: How many events of an inbox are kept, the newest. Whoever has a cursor from before is told to fetch the inbox anew.
EVENTS_KEPT = 1_000
#: How many of each are dropped in one transaction.
AT_ONCE = 500

#: Any number will do, as long as no other program uses it in the same PostgreSQL database.
_ADVISORY_LOCK = 7_245_117_302


async def prune(commands: Commands) -> bool:
    """Drop some of what need not be kept any more; whether there may be more. One process at a time does it."""
    return await commands.outside(None, _prune)


async def _prune(session: AsyncSession) -> bool:
    if session.get_bind().dialect.name == "postgresql":
        mine = await session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_ADVISORY_LOCK)))
        if not mine:
            return False
    before = {"before": clock.now() - READ_KEPT}
    dropped = [
        len((await session.execute(_DROP_READ, before)).all()),
        len((await session.execute(_DROP_EVENTS)).all()),
    ]
    return max(dropped) == AT_ONCE


_IS_OLD = notifications.c.read_at < sa.bindparam("before")
# The second look is for one that was marked as unread meanwhile.
_DROP_READ = (
    sa.delete(notifications)
    .where(
        notifications.c.id.in_(
            sa.select(notifications.c.id).where(_IS_OLD).order_by(notifications.c.read_at).limit(AT_ONCE)
        ),
        _IS_OLD,
    )
    .returning(notifications.c.id)
)
# The oldest of an inbox first, so that what is left is without a gap.
_DROP_EVENTS = (
    sa.delete(inbox_events)
    .where(
        sa.tuple_(inbox_events.c.user_id, inbox_events.c.seq).in_(
            sa.select(inbox_events.c.user_id, inbox_events.c.seq)
            .join(inboxes, inboxes.c.user_id == inbox_events.c.user_id)
            .where(inbox_events.c.seq <= inboxes.c.seq - EVENTS_KEPT)
            .order_by(inboxes.c.user_id, inbox_events.c.seq)
            .limit(AT_ONCE)
        )
    )
    .returning(inbox_events.c.seq)
)
