"""Whether inboxes keep their promises, whatever happened: what each counts, and who has something in theirs."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.notifications.model import inbox_events, inboxes, notifications
from taskhub.projects.model import members


async def are_sound(session: AsyncSession, project_id: int) -> int:
    """AssertionError where one is not; how many notifications there were of the project."""
    logs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await session.execute(sa.select(inbox_events).order_by(inbox_events.c.user_id, inbox_events.c.seq)):
        event = json.loads(row.body)
        assert event["seq"] == row.seq
        logs[row.user_id].append(event)
    unread: defaultdict[str, int] = defaultdict(int)
    inside = set(await session.scalars(sa.select(members.c.user_id).where(members.c.project_id == project_id)))
    told = 0
    for row in await session.execute(sa.select(notifications)):
        body = json.loads(row.body)
        assert (body["seq"], body["id"]) == (row.seq, row.id)
        assert body["actor"] is None or body["actor"]["id"] != row.user_id, "somebody is told of what they did"
        unread[row.user_id] += row.read_at is None
        if row.project_id == project_id:
            told += 1
            assert row.read_at is not None or row.user_id in inside, "somebody outside has something to read"
    found = {row.user_id: (row.seq, row.unread) for row in await session.execute(sa.select(inboxes))}
    assert set(logs) <= set(found)
    for user_id, (seq, count) in found.items():
        events = logs[user_id]
        assert [event["seq"] for event in events] == list(range(1, seq + 1)), "a gap"
        assert count == unread[user_id] == (events[-1]["unread"] if events else 0)
    return told
