"""Writing to inboxes within a transaction: what comes, and what is read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import note_inbox
from taskhub.db import Row, in_parts, new_id, write_rows
from taskhub.notifications.model import READ, SAID, UNREAD, inbox_events, inboxes, notifications
from taskhub.projects.model import members, projects

#: Notifications that one event tells of as read, and rows that are marked at once.
_IN_ONE_EVENT, _AT_ONCE = 500, 250


@dataclass(frozen=True, slots=True)
class News:
    """Something that one person is to hear; `body` is all of the notification but what the inbox adds."""

    user_id: str
    number: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reworded:
    """A notification, given as its `id`, `user_id`, `seq` and `body`, with its new words, or (None) with none any more.

    `now` is what else is another than when it came.
    """

    row: Row
    excerpt: str | None
    now: Mapping[str, Any]


@dataclass(slots=True)
class _Inbox:
    """A locked inbox as this transaction leaves it."""

    user_id: str
    seq: int
    unread: int

    def append(self, kind: str, at: datetime, project_id: int | None, **more: Any) -> dict[str, Any]:
        """The row of its next event."""
        self.seq += 1
        event = {"v": 1, "seq": self.seq, "type": kind, "at": clock.wire(at), "unread": self.unread, **more}
        body = orjson.dumps(event).decode()
        return {"user_id": self.user_id, "seq": self.seq, "project_id": project_id, "body": body}

    def take_as_read(self, ids: Sequence[str], at: datetime) -> list[dict[str, Any]]:
        """The rows of the events that tell that these are read: one for some hundreds."""
        found, told = sorted(ids), []
        for first in range(0, len(found), _IN_ONE_EVENT):
            some = found[first : first + _IN_ONE_EVENT]
            self.unread -= len(some)
            told.append(self.append("notification.read", at, None, ids=some))
        return told


async def put(session: AsyncSession, project_id: int, at: datetime, news: Sequence[News]) -> None:
    """Put news about one project into the inboxes of those they are for.

    What is about a task of which something is unread goes into that notification: it takes the place of what was
    last, and counts on.
    """
    locked = await _lock(session, {one.user_id for one in news})
    unread = await unread_about(session, project_id, locked, {one.number for one in news})
    fresh: dict[str, dict[str, Any]] = {}
    changed: dict[str, dict[str, Any]] = {}
    events = []
    past = []
    for one in news:
        inbox = locked[one.user_id]
        known = unread.get((one.user_id, one.number))
        if known is None:
            id_, before = new_id(), None
            inbox.unread += 1
        else:
            id_, before = known
        reasons = [one.body["reason"]]
        if before is not None:
            past.append((one.user_id, before.get(SAID, before["seq"]), before["excerpt"]))
            reasons += [reason for reason in before["reasons"] if reason not in reasons]
        count = 1 if before is None else before["count"] + 1
        body = {"id": id_, "seq": inbox.seq + 1, **one.body, "reasons": reasons, "count": count, "read": False}
        unread[one.user_id, one.number] = (id_, body)
        events.append(inbox.append("notification.created", at, project_id, notification=body))
        row = {"seq": inbox.seq, "body": orjson.dumps(body).decode()}
        if known is None or id_ in fresh:
            fresh[id_] = {"id": id_, "user_id": one.user_id, "project_id": project_id, "number": one.number, **row}
        else:
            changed[id_] = {"of": id_, **row}
    await write_rows(session, sa.insert(notifications), fresh.values())
    await write_rows(session, _REPLACE, changed.values())
    await _close(session, locked.values(), events)
    await _take_words(session, past)


async def reword(
    session: AsyncSession, project_id: int, at: datetime, reworded: Sequence[Reworded], *, ahead: Iterable[str]
) -> None:
    """Give notifications of one project other words of comments, or take them away, here and in what was told before.

    `ahead` are those to whose inboxes the transaction writes next: all are held in one order.
    """
    locked = await _lock(session, {*(one.row.user_id for one in reworded), *ahead})
    # Asked under the lock: who reads does so without the project's. What was dropped meanwhile is not told of.
    read_at: dict[str, datetime | None] = {}
    for some in in_parts(one.row.id for one in reworded if one.excerpt is not None):
        read_at |= {row.id: row.read_at for row in await session.execute(_READ_AT, {"ids": some})}
    gone: dict[str, list[str]] = {}
    past, bodies, events = [], [], []
    for one in reworded:
        row, inbox = one.row, locked[one.row.user_id]
        body = orjson.loads(row.body)
        if body["excerpt"] == one.excerpt or (one.excerpt is not None and row.id not in read_at):
            continue
        past.append((row.user_id, body.pop(SAID, row.seq), body["excerpt"]))
        body["excerpt"] = one.excerpt
        if one.excerpt is None:
            gone.setdefault(row.user_id, []).append(row.id)
        else:
            told = body | one.now | {"read": read_at[row.id] is not None}
            events.append(inbox.append("notification.edited", at, project_id, notification=told))
            body[SAID] = inbox.seq
        bodies.append({"of": row.id, "body": orjson.dumps(body).decode()})
    events += [
        locked[user_id].append("notification.redacted", at, None, ids=sorted(ids)) for user_id, ids in gone.items()
    ]
    await write_rows(session, _REPLACE, bodies)
    await _take_words(session, past)
    told_to = {event["user_id"] for event in events}
    await _close(session, [inbox for inbox in locked.values() if inbox.user_id in told_to], events)


async def _take_words(session: AsyncSession, past: Iterable[tuple[str, int, str | None]]) -> None:
    """Take excerpts out of events, each given as whose inbox, the event's seq, and the words; the rest stays."""
    rows = (
        {"whose": user_id, "which": seq, "words": f'"excerpt":{orjson.dumps(words).decode()}'}
        for user_id, seq, words in past
        if words is not None
    )
    await write_rows(session, _TAKE_WORDS, rows)


async def tell(session: AsyncSession, key: str, at: datetime, roles: Mapping[str, str | None]) -> None:
    """Tell these people, by user id, of their role in the project KEY; None: they are not in it any more.

    To be done before anything else is written to inboxes in the transaction: it may lock more of them than that.
    """
    locked = await _lock(session, roles.keys())
    events = [
        inbox.append("membership.changed", at, None, project=key, role=roles[inbox.user_id])
        for inbox in locked.values()
    ]
    await _close(session, locked.values(), events)


async def clear(session: AsyncSession, project_id: int, at: datetime, user_id: str | None) -> None:
    """Take what is unread of a project as read, in somebody's inbox or (None) everybody's: they may not see it now."""
    of = sa.and_(notifications.c.project_id == project_id, UNREAD)
    if user_id is not None:
        of = sa.and_(of, notifications.c.user_id == user_id)
    people = set(await session.scalars(sa.select(notifications.c.user_id).where(of)))
    if not people:
        return
    locked = await _lock(session, people)
    gone: dict[str, list[str]] = {}
    for row in await session.execute(sa.select(notifications.c.user_id, notifications.c.id).where(of)):
        gone.setdefault(row.user_id, []).append(row.id)
    events = [event for inbox in locked.values() for event in inbox.take_as_read(gone.get(inbox.user_id, ()), at)]
    await _mark(session, at, [id_ for ids in gone.values() for id_ in ids])
    await _close(session, locked.values(), events)


async def read(session: AsyncSession, user_id: str, at: datetime, which: sa.ColumnElement[bool]) -> tuple[int, int]:
    """Mark those notifications of somebody's inbox as read that are `which` says, and unread still.

    The answer is how many are unread then, and the inbox's seq.
    """
    locked = await _lock(session, {user_id})
    inbox = locked[user_id]
    mine = sa.select(notifications.c.id).where(notifications.c.user_id == user_id, UNREAD, which)
    if found := (await session.scalars(mine)).all():
        await _mark(session, at, found)
        await _close(session, [inbox], inbox.take_as_read(found, at))
    return inbox.unread, inbox.seq


async def _mark(session: AsyncSession, at: datetime, ids: Sequence[str]) -> None:
    # In pieces: a large inbox would hold up everybody.
    for first in range(0, len(ids), _AT_ONCE):
        await session.execute(_MARK, {"ids": ids[first : first + _AT_ONCE], "at": at})
        await asyncio.sleep(0)


async def unread(session: AsyncSession, user_id: str, at: datetime, ids: Collection[str]) -> tuple[int, int]:
    """Mark these notifications of somebody's inbox as unread; the answer is as `read` gives it.

    Of several about one task it is the newest, and none where one is unread: what comes next goes into that one. What
    is of a project that they may not see (any more) is left.
    """
    locked = await _lock(session, {user_id})
    inbox = locked[user_id]
    # Asked under the lock, which whoever takes somebody out of a project needs.
    rows = await session.execute(_MAY_BE_UNREAD, {"user": user_id, "ids": list(ids)})
    newest = {(row.project_id, row.number): row.id for row in rows}
    if newest:
        found = sorted(newest.values())
        await session.execute(sa.update(notifications).where(notifications.c.id.in_(found)).values(read_at=None))
        inbox.unread += len(found)
        await _close(session, [inbox], [inbox.append("notification.unread", at, None, ids=found)])
    return inbox.unread, inbox.seq


async def hold(session: AsyncSession, user_ids: Collection[str]) -> None:
    """Hold these inboxes until the transaction ends; nobody else writes to them meanwhile."""
    if user_ids:
        await _lock(session, user_ids)


async def _lock(session: AsyncSession, user_ids: Collection[str]) -> dict[str, _Inbox]:
    """Hold these inboxes until the transaction ends, in order of user id; they are made where there are none."""
    rows = [{"user_id": user_id, "log": user_id, "seq": 0, "unread": 0} for user_id in sorted(user_ids)]
    locked = {}
    # One by one would take as many statements as people; PostgreSQL takes the rows of one in their order.
    for row in await session.execute(_HOLD[session.get_bind().dialect.name], rows):
        locked[row.user_id] = _Inbox(row.user_id, row.seq, row.unread)
    return {user_id: locked[user_id] for user_id in sorted(locked)}


def or_nothing(session: AsyncSession, table: sa.Table) -> sa.Executable:
    """Insert rows of the table; one that is there already stays as it is."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(table) if is_postgresql else sqlite.insert(table)
    return insert.on_conflict_do_nothing()


async def unread_about(
    session: AsyncSession, project_id: int, users: Collection[str], numbers: Collection[int]
) -> dict[tuple[str, int], tuple[str, dict[str, Any]]]:
    """What is unread about these tasks in these inboxes, by user and number: the id and the body."""
    found: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {}
    for these, some in product(in_parts(users), in_parts(numbers)):
        rows = await session.execute(_ABOUT, {"project": project_id, "numbers": some, "users": these})
        found |= {(row.user_id, row.number): (row.id, orjson.loads(row.body)) for row in rows}
    return found


async def _close(session: AsyncSession, locked: Collection[_Inbox], events: Sequence[Mapping[str, Any]]) -> None:
    await write_rows(session, _APPEND, events)
    await write_rows(
        session, _ADVANCE, ({"of": inbox.user_id, "seq": inbox.seq, "unread": inbox.unread} for inbox in locked)
    )
    for inbox in locked:
        note_inbox(session, inbox.user_id, inbox.seq)


# The update changes nothing; it holds the row, and answers it.
_COLUMNS = (inboxes.c.user_id, inboxes.c.seq, inboxes.c.unread)
_HOLD: Mapping[str, sa.Executable] = {
    "sqlite": sqlite.insert(inboxes)
    .on_conflict_do_update(index_elements=[inboxes.c.user_id], set_={"seq": inboxes.c.seq})
    .returning(*_COLUMNS),
    "postgresql": postgresql.insert(inboxes)
    .on_conflict_do_update(index_elements=[inboxes.c.user_id], set_={"seq": inboxes.c.seq})
    .returning(*_COLUMNS),
}
_ABOUT = sa.select(notifications.c.id, notifications.c.user_id, notifications.c.number, notifications.c.body).where(
    notifications.c.project_id == sa.bindparam("project"),
    notifications.c.number.in_(sa.bindparam("numbers", expanding=True)),
    notifications.c.user_id.in_(sa.bindparam("users", expanding=True)),
    UNREAD,
)
_OTHER = notifications.alias()
_MAY_BE_UNREAD = (
    sa.select(notifications.c.id, notifications.c.project_id, notifications.c.number)
    .join(projects, sa.and_(projects.c.id == notifications.c.project_id, projects.c.deleted_at.is_(None)))
    .join(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == notifications.c.user_id))
    .where(
        notifications.c.user_id == sa.bindparam("user"),
        notifications.c.id.in_(sa.bindparam("ids", expanding=True)),
        READ,
        ~sa.exists().where(
            _OTHER.c.project_id == notifications.c.project_id,
            _OTHER.c.user_id == notifications.c.user_id,
            _OTHER.c.number == notifications.c.number,
            _OTHER.c.read_at.is_(None),
        ),
    )
    .order_by(notifications.c.seq)
)
_TAKE_WORDS = (
    sa.update(inbox_events)
    .where(inbox_events.c.user_id == sa.bindparam("whose"), inbox_events.c.seq == sa.bindparam("which"))
    .values(body=sa.func.replace(inbox_events.c.body, sa.bindparam("words"), '"excerpt":null'))
)
_READ_AT = sa.select(notifications.c.id, notifications.c.read_at).where(
    notifications.c.id.in_(sa.bindparam("ids", expanding=True))
)
_REPLACE = sa.update(notifications).where(notifications.c.id == sa.bindparam("of"))
_MARK = (
    sa.update(notifications)
    .where(notifications.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(read_at=sa.bindparam("at"))
)
_APPEND = sa.insert(inbox_events)
_ADVANCE = sa.update(inboxes).where(inboxes.c.user_id == sa.bindparam("of"))
