"""Commands of several projects that tell the same people, while these read: no event is lost, none waits for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.notifications import commands as notifying
from taskhub.notifications import pruning
from taskhub.notifications.model import UNREAD, inbox_events, inboxes, notifications
from taskhub.people.model import User, users
from tests.databases import MakeDatabase
from tests.postgres import somebody_waits
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


async def test_what_is_dropped_while_somebody_marks_it_as_unread_is_counted_by_nobody(
    database_kind: str, make_database: MakeDatabase
) -> None:
    async with world(make_database(database_kind), tasks=1, people=1) as there:
        db = there.app.extensions["taskhub"].db
        commands: Commands = there.app.extensions["taskhub"].commands
        long_ago = clock.now() - pruning.READ_KEPT - timedelta(days=1)
        async with db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))
        assert (await there.client.post("/api/v1/tasks/WEB-1/comments", json={"body": "Hm, @user0"})).is_success
        dee = Caller(User("user0", "", ""))
        await notifying.read(commands, dee, up_to=2**50)
        async with db.write() as session:
            id_ = await session.scalar(sa.update(notifications).values(read_at=long_ago).returning(notifications.c.id))
        assert id_ is not None
        dropped, let_go = asyncio.Event(), asyncio.Event()

        async def drop(session: AsyncSession) -> None:
            await pruning._prune(session)
            dropped.set()
            await let_go.wait()

        dropping = asyncio.create_task(commands.outside(None, drop))
        await dropped.wait()
        marking = asyncio.create_task(notifying.unread(commands, dee, [id_]))
        if database_kind == "postgresql":
            await somebody_waits(db)
        let_go.set()
        await dropping
        assert (await marking)["unread"] == 0
        async with db.read() as session:
            assert await session.scalar(sa.select(sa.func.count()).select_from(notifications)) == 0
