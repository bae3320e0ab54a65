"""Reading who is to be notified, what somebody's inbox holds, and what they watch and mute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row, in_parts
from taskhub.events.model import events
from taskhub.notifications.model import EVERYWHERE, SAID, UNREAD, mutes, notifications, watches
from taskhub.notifications.rules import Around
from taskhub.people.model import users
from taskhub.projects.model import members, projects
from taskhub.tasks.model import tasks


async def load_around(
    session: AsyncSession,
    project_id: int,
    key: str,
    *,
    people: Collection[str],
    watched: Collection[int | None],
    everybody: bool = False,
) -> Around:
    """Those of `people` and of who watches these tasks who may hear of something; one statement for thousands.

    With `everybody` all the project's members, for a text that may name any of them.
    """
    if not (everybody or people or watched):
        return Around({})
    rows: list[Row] = []
    for numbers, these in list(zip_longest(in_parts(watched), in_parts(() if everybody else people))) or [((), ())]:
        values = {"project": project_id, "key": key, "numbers": numbers or ()}
        if everybody:
            rows += await session.execute(_MEMBERS, values)
        else:
            rows += await session.execute(_THESE, {**values, "people": these or ()})
    names: dict[str, str] = {}
    watchers: defaultdict[int, dict[str, None]] = defaultdict(dict)
    muted: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        names[row.user_id] = row.name
        if row.number is not None:
            watchers[row.number][row.user_id] = None
        if row.reason is not None:
            muted[row.user_id].add(row.reason)
    return Around(names, watchers, muted)


async def is_watched(session: AsyncSession, project_id: int, number: int, *, but: str) -> bool:
    """Whether anybody else than `but` watches a task."""
    return await session.scalar(_WATCHED, {"project": project_id, "number": number, "but": but}) is not None


_WATCHED = (
    sa.select(watches.c.user_id)
    .where(
        watches.c.project_id == sa.bindparam("project"),
        watches.c.number == sa.bindparam("number"),
        watches.c.user_id != sa.bindparam("but"),
    )
    .limit(1)
)

# Made once, as making a statement takes several times as long as running it.
_NUMBERS = watches.c.number.in_(sa.bindparam("numbers", expanding=True))
_MEMBERS = (
    sa.select(members.c.user_id, users.c.name, watches.c.number, mutes.c.reason)
    .join(users, sa.and_(users.c.id == members.c.user_id, users.c.password_hash.is_not(None)))
    .outerjoin(
        watches,
        sa.and_(watches.c.project_id == members.c.project_id, watches.c.user_id == members.c.user_id, _NUMBERS),
    )
    .outerjoin(
        mutes,
        sa.and_(mutes.c.user_id == members.c.user_id, mutes.c.scope.in_([EVERYWHERE, sa.bindparam("key")])),
    )
    .where(members.c.project_id == sa.bindparam("project"))
)
_THESE = _MEMBERS.where(
    members.c.user_id.in_(
        sa.union_all(
            sa.select(watches.c.user_id).where(watches.c.project_id == sa.bindparam("project"), _NUMBERS),
            sa.select(users.c.id).where(users.c.id.in_(sa.bindparam("people", expanding=True))),
        )
    )
)


async def members_who_sign_in(session: AsyncSession, project_id: int) -> Collection[str]:
    """The ids of a project's members who have an account of their own."""
    query = (
        sa.select(members.c.user_id)
        .join(users, sa.and_(users.c.id == members.c.user_id, users.c.password_hash.is_not(None)))
        .where(members.c.project_id == project_id)
    )
    return (await session.scalars(query)).all()


async def inbox_of(
    session: AsyncSession, user_id: str, *, after: int | None, limit: int, unread: bool
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of somebody's notifications, newest first, and the `seq` of the last one where more follow.

    What is about a project that they are no member of (any more), or that is deleted, is left out.
    """
    query = (
        sa.select(
            notifications.c.seq,
            notifications.c.body,
            notifications.c.read_at,
            projects.c.name.label("project_name"),
            tasks.c.title,
        )
        .join(projects, sa.and_(projects.c.id == notifications.c.project_id, projects.c.deleted_at.is_(None)))
        .join(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == notifications.c.user_id))
        .outerjoin(
            tasks,
            sa.and_(tasks.c.project_id == notifications.c.project_id, tasks.c.number == notifications.c.number),
        )
        .where(notifications.c.user_id == user_id)
        .order_by(notifications.c.seq.desc())
        .limit(limit + 1)
    )
    if unread:
        query = query.where(UNREAD)
    if after is not None:
        query = query.where(notifications.c.seq < after)
    rows = (await session.execute(query)).all()
    items = []
    for row in rows[:limit]:
        body = orjson.loads(row.body)
        body.pop(SAID, None)
        now = {"read": row.read_at is not None, "title": row.title, "project_name": row.project_name}
        items.append(body | now)
    return items, int(rows[limit - 1].seq) if len(rows) > limit else None


async def that_quote(session: AsyncSession, project_id: int, number: int, comment_id: str | None) -> Sequence[Row]:
    """The notifications in which words of a comment stand, or (None) of any comment on the task, in every inbox."""
    query = sa.select(notifications.c.id, notifications.c.user_id, notifications.c.seq, notifications.c.body).where(
        notifications.c.project_id == project_id,
        notifications.c.number == number,
        notifications.c.body.not_like('%"excerpt":null%'),
    )
    found = (await session.execute(query)).all()
    if not found or comment_id is None:
        return found
    told = sa.select(events.c.seq, events.c.body).where(
        events.c.project_id == project_id,
        events.c.number == number,
        events.c.type.in_(("comment.created", "comment.edited")),
        events.c.body.like(f'%"id":"{comment_id}"%'),
    )
    seqs = {row.seq for row in await session.execute(told) if orjson.loads(row.body)["comment"]["id"] == comment_id}
    return [row for row in found if orjson.loads(row.body)["event"] in seqs]


async def mutes_of(session: AsyncSession, user_id: str) -> list[dict[str, Any]]:
    """What somebody has muted: everywhere first, then by project; those of which they are a member."""
    query = (
        sa.select(mutes.c.scope, mutes.c.reason, projects.c.name)
        .outerjoin(projects, sa.and_(projects.c.key == mutes.c.scope, projects.c.deleted_at.is_(None)))
        .outerjoin(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == mutes.c.user_id))
        .where(mutes.c.user_id == user_id, sa.or_(mutes.c.scope == EVERYWHERE, members.c.role.is_not(None)))
        .order_by(mutes.c.scope, mutes.c.reason)
    )
    return [
        {"reason": row.reason, "project": row.scope or None, "project_name": row.name}
        for row in await session.execute(query)
    ]


async def watches_task(session: AsyncSession, project_id: int, number: int, user_id: str) -> bool:
    """Whether somebody watches a task."""
    query = sa.select(watches.c.number).where(
        watches.c.project_id == project_id, watches.c.number == number, watches.c.user_id == user_id
    )
    return await session.scalar(query) is not None
