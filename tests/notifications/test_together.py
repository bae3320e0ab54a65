"""Commands of several projects that tell the same people, while these read: no event is lost, none waits for ever."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa

from taskhub.command import Caller, Commands
from taskhub.notifications import commands as notifying
from taskhub.notifications.model import UNREAD, inbox_events, inboxes, notifications
from taskhub.people.model import User, users
from tests.databases import MakeDatabase
from tests.queries.world import world


async def test_each_inbox_has_every_event_once(database_kind: str, make_database: MakeDatabase) -> None:
    people, rounds = 12, 6
    async with world(make_database(database_kind), tasks=1, people=people) as there:
        client, db = there.client, there.app.extensions["taskhub"].db
        commands: Commands = there.app.extensions["taskhub"].commands
        ids = [f"user{number}" for number in range(people)]
        async with db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))
        for user_id in ids:
            added = await client.post("/api/v1/projects/P0/members", json={"email": f"{user_id}@example.com"})
            assert added.status_code == 201

        async def tell(key: str, names: list[str]) -> None:
            for number in range(rounds):
                task = {"title": f"Task {number}", "assignees": names, "due": "2020-01-01"}
                made = await client.post(f"/api/v1/projects/{key}/tasks", json=task)
                assert made.status_code == 201, made.text

        async def read(user_id: str) -> None:
            for _ in range(rounds):
                await notifying.read(commands, Caller(User(user_id, "", "")), up_to=2**50)

        await asyncio.gather(tell("WEB", ids), tell("P0", ids[::-1]), *map(read, ids))
        async with db.read() as session:
            kept = (await session.execute(sa.select(inboxes).where(inboxes.c.user_id.in_(ids)))).all()
            for inbox in kept:
                mine = inbox_events.c.user_id == inbox.user_id
                seqs = (
                    await session.scalars(sa.select(inbox_events.c.seq).where(mine).order_by(inbox_events.c.seq))
                ).all()
                assert list(seqs) == list(range(1, inbox.seq + 1))
                of = sa.and_(notifications.c.user_id == inbox.user_id, UNREAD)
                assert inbox.unread == await session.scalar(sa.select(sa.func.count()).where(of))
            told = await session.scalar(sa.select(sa.func.count()).select_from(notifications))
    assert len(kept) == people
    # And of being let into P0.
    assert told is not None
    assert told == people * (2 * rounds + 1)
