"""What notifying costs a command: one statement where nobody is told, and as many however many are."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from taskhub.command import Caller
from taskhub.notifications import inbox
from taskhub.notifications.commands import read
from taskhub.notifications.queries import load_around
from taskhub.notifications.reading import head_of, read_after
from taskhub.people.model import User, users
from taskhub.projects.model import projects
from tests.databases import MakeDatabase
from tests.queries.world import statements, world


async def test_statements_of_a_change(database_kind: str, make_database: MakeDatabase) -> None:
    people = 12
    async with world(make_database(database_kind), tasks=3, people=people) as there:
        client = there.client

        async def counted(method: str, path: str, **body: Any) -> tuple[int, int]:
            """The statements about notifications, and how many of them ask."""
            with statements(there.app) as seen:
                answer = await client.request(method, f"/api/v1/{path}", json=body)
            assert answer.is_success, answer.text
            mine = [sql for sql, _ in seen if any(name in sql for name in ("watches", "inbox", "notif", "reminders"))]
            return len(mine), sum(sql.startswith("SELECT") for sql in mine)

        # Within a state nobody is told, and nobody needs to be asked about.
        assert await counted("POST", "tasks/WEB-3/move", state="todo", before="WEB-1") == (0, 0)
        assert await counted("PATCH", "tasks/WEB-3", title="B") == (0, 0)
        # No task is opened again by the name of a state.
        workflow = (await client.get("/api/v1/projects/WEB/workflow")).json()
        states = [state | {"name": f"{state['name']}!"} for state in workflow["states"]]
        assert await counted("PUT", "projects/WEB/workflow", states=states, transitions=None) == (0, 0)
        # Only who does it has to do with it.
        assert await counted("POST", "tasks/WEB-3/move", state="doing") == (1, 1)
        assert await counted("POST", "tasks/WEB-3/comments", body="Hm") == (1, 1)
        async with there.app.extensions["taskhub"].db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))
        few = ["user0"]
        await counted("PATCH", "tasks/WEB-2", assignees=few)
        first = await counted("POST", "tasks/WEB-2/comments", body="Hm")
        assert first == (6, 2)
        # One of them for the words that were told before.
        again = await counted("POST", "tasks/WEB-2/comments", body="Hm")
        assert again == (7, 2)
        many = [f"user{number}" for number in range(people)]
        await counted("PATCH", "tasks/WEB-2", assignees=many)
        assert await counted("POST", "tasks/WEB-2/comments", body="Hm") == again
        assert await counted("POST", "tasks/WEB-2/comments", body="Hm @user1") == again


async def test_more_tasks_and_people_than_a_statement_takes(database_kind: str, make_database: MakeDatabase) -> None:
    async with world(make_database(database_kind), tasks=2, people=2) as there:
        db = there.app.extensions["taskhub"].db
        async with db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))
        await there.client.put("/api/v1/tasks/WEB-2/watch")
        numbers, strangers = range(1, 40_001), [f"nobody{number}" for number in range(40_000)]
        async with db.read() as session:
            project_id = await session.scalar(sa.select(projects.c.id).where(projects.c.key == "WEB"))
            for everybody in (False, True):
                around = await load_around(
                    session, project_id, "WEB", people=[*strangers, "user1"], watched=numbers, everybody=everybody
                )
                assert "user1" in around.names
                assert list(around.watchers) == [2]
            assert await inbox.unread_about(session, project_id, ["user1", *strangers[:17_000]], numbers[:17_000]) == {}


async def test_what_is_asked_to_tell_of_the_tasks_of_a_dropped_state(
    database_kind: str, make_database: MakeDatabase
) -> None:
    asked = []
    for count in (2, 12):
        async with world(make_database(database_kind), tasks=count, people=1) as there:
            async with there.app.extensions["taskhub"].db.write() as session:
                await session.execute(sa.update(users).values(password_hash="x"))
            for number in range(count):
                answer = await there.client.patch(f"/api/v1/tasks/WEB-{number + 1}", json={"assignees": ["user0"]})
                assert answer.is_success
            workflow = (await there.client.get("/api/v1/projects/WEB/workflow")).json()
            rest = [state for state in workflow["states"] if state["id"] != "todo"]
            body = {"states": rest, "transitions": None, "targets": {"todo": "doing"}}
            with statements(there.app) as seen:
                answer = await there.client.put("/api/v1/projects/WEB/workflow", json=body)
            assert answer.is_success, answer.text
            asked.append(sum("FROM states" in sql for sql, _ in seen))
    assert asked[0] == asked[1]


async def test_a_large_inbox_is_read_in_pieces(
    database_kind: str, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_IN_ONE_EVENT", 2)
    monkeypatch.setattr(inbox, "_AT_ONCE", 2)
    # Two of them are theirs already.
    async with world(make_database(database_kind), tasks=7, people=1) as there:
        here = there.app.extensions["taskhub"]
        async with here.db.write() as session:
            await session.execute(sa.update(users).values(password_hash="x"))

        async def told(since: int) -> list[tuple[str, int, int]]:
            """The events after `since`: the type, of how many they tell, how many are unread then."""
            async with here.db.read() as session:
                found = [orjson.loads(body) for _, body in await read_after(session, "user0", since, 20)]
            return [(event["type"], len(event.get("ids", "")), event["unread"]) for event in found]

        for number in range(7):
            body = {"assignees": ["user0"]}
            assert (await there.client.patch(f"/api/v1/tasks/WEB-{number + 1}", json=body)).is_success
        answer = await read(here.commands, Caller(User("user0", "", "")), up_to=6)
        assert answer == {"unread": 0, "seq": 9}
        read_ = "notification.read"
        assert await told(6) == [(read_, 2, 3), (read_, 2, 1), (read_, 1, 0)]
        for number in range(3):
            sent = await there.client.post(f"/api/v1/tasks/WEB-{number + 1}/comments", json={"body": "Hm"})
            assert sent.is_success
        assert (await there.client.delete("/api/v1/projects/WEB/members/user0")).is_success
        assert await told(12) == [("membership.changed", 0, 3), (read_, 2, 1), (read_, 1, 0)]
        async with here.db.read() as session:
            assert (await head_of(session, "user0"))[1:] == (15, 0)
