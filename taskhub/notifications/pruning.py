"""Inboxes kept from growing without end: what was read long ago goes, and events from which nobody needs to go on."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Commands
from taskhub.db import write_rows
from taskhub.notifications import inbox
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
    before = clock.now() - READ_KEPT
    read = (await session.execute(_READ_LONG_AGO, {"before": before})).all()
    past = (await session.execute(_PAST)).all()
    # Held as by all others who write to them: who marks one of these as unread, or takes words from an event, comes
    # before this or after it.
    await inbox.hold(session, {row.user_id for row in (*read, *past)})
    await write_rows(session, _DROP_READ, ({"this": row.id, "before": before} for row in read))
    last = {row.user_id: row.seq for row in past}
    await write_rows(session, _DROP_EVENTS, ({"of": user_id, "last": seq} for user_id, seq in last.items()))
    return max(len(read), len(past)) == AT_ONCE


_IS_OLD = notifications.c.read_at < sa.bindparam("before")
_READ_LONG_AGO = (
    sa.select(notifications.c.id, notifications.c.user_id)
    .where(_IS_OLD)
    .order_by(notifications.c.read_at)
    .limit(AT_ONCE)
)
# The second look is for one that was marked as unread meanwhile.
_DROP_READ = sa.delete(notifications).where(notifications.c.id == sa.bindparam("this"), _IS_OLD)
# The oldest of an inbox first, so that what is left is without a gap.
_PAST = (
    sa.select(inbox_events.c.user_id, inbox_events.c.seq)
    .join(inboxes, inboxes.c.user_id == inbox_events.c.user_id)
    .where(inbox_events.c.seq <= inboxes.c.seq - EVENTS_KEPT)
    .order_by(inboxes.c.user_id, inbox_events.c.seq)
    .limit(AT_ONCE)
)
_DROP_EVENTS = sa.delete(inbox_events).where(
    inbox_events.c.user_id == sa.bindparam("of"), inbox_events.c.seq <= sa.bindparam("last")
)
