"""What the migration makes of inboxes and reminders that earlier versions left."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import migrations
from taskhub.notifications.model import WAITING, inbox_events, notifications, reminders
from taskhub.people.model import users
from tests.databases import MakeDatabase
from tests.queries.world import world


async def test_words_that_were_deleted_go_and_what_was_done_late_waits(
    database_kind: str, make_database: MakeDatabase
) -> None:
    database = make_database(database_kind)
    async with world(database, tasks=4, people=1) as there:
        here, client = there.app.extensions["taskhub"], there.client
        async with here.db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))
        said = {}
        for number in (1, 2, 3):
            path = f"/api/v1/tasks/WEB-{number}"
            assert (await client.patch(path, json={"assignees": ["user0"], "due": "2020-01-01"})).is_success
            said[number] = (await client.post(f"{path}/comments", json={"body": f"Words {number}"})).json()["id"]
        async with here.db.read() as session:
            before = (await session.execute(sa.select(notifications.c.id, notifications.c.body))).all()
        assert (await client.post("/api/v1/tasks/WEB-2/move", json={"state": "done"})).is_success
        assert (await client.delete(f"/api/v1/comments/{said[1]}")).is_success
        assert (await client.delete("/api/v1/tasks/WEB-3")).is_success
        # Nobody was reminded yet when this one was deleted.
        assert (await client.patch("/api/v1/tasks/WEB-4", json={"due": "2126-01-01"})).is_success
        assert (await client.delete("/api/v1/tasks/WEB-4")).is_success
        # As it was: no words were taken away, and what was not told at its moment never was.
        async with here.db.write() as session:
            await session.execute(sa.delete(reminders))
            for row in before:
                await session.execute(
                    sa.update(notifications).where(notifications.c.id == row.id).values(body=row.body)
                )
        await here.db.close()
        await migrations.migrate(here.settings, "0004")
        await migrations.migrate(here.settings)
    engine = create_async_engine(database.url)
    async with engine.connect() as connection:
        told = await connection.execute(sa.select(notifications.c.number, notifications.c.body))
        excerpts = {row.number: json.loads(row.body)["excerpt"] for row in told}
        wait = (await connection.execute(sa.select(reminders))).all()
        events = (await connection.execute(sa.select(inbox_events))).all()
    await engine.dispose()
    assert excerpts == {1: None, 2: "Words 2", 3: None}
    assert sorted((row.number, row.reason, row.at) for row in wait) == [
        (number, "overdue", WAITING) for number in (2, 3)
    ]
    assert events == []
