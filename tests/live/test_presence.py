"""Presence: told to who follows, never logged, in every process, and gone when the line is."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import clock
from taskhub.live.model import presence
from taskhub.people.model import users
from tests.clients import Client
from tests.databases import Database
from tests.live.deadlines import soon
from tests.live.following import Socket, socket, stream
from tests.serving import Serve, Server
from tests.teams import Team


async def say(ws: Socket, team: Team, at: Any) -> None:
    await ws.send({"op": "presence", "topic": f"project:{team.key}", "at": at})


async def users_in(ws: Socket) -> list[dict[str, Any]]:
    """Who the next presence frame names."""
    frame = await ws.receive()
    assert frame["op"] == "presence", frame
    assert set(frame) == {"op", "topic", "users"}
    found: list[dict[str, Any]] = frame["users"]
    return found


async def until(ws: Socket, users: list[dict[str, Any]]) -> None:
    """Presence frames up to one that names exactly these."""
    while await users_in(ws) != users:
        pass


def person(client: Client, *at: dict[str, Any]) -> dict[str, Any]:
    return {"id": client.user["id"], "name": client.user["name"], "at": list(at)}


def at(task: str, field: str | None = None, typing: bool = False) -> dict[str, Any]:
    return {"task": task, "field": field, "typing": typing}


async def test_who_follows_is_told_who_is_where_and_who_left(team: Team, listened: Server) -> None:
    ref = (await team.task())["ref"]
    log = await team.events()
    async with socket(listened, team.viewer) as watcher:
        await watcher.subscribe(team.key)
        async with socket(team.server, team.member) as ws:
            await ws.subscribe(team.key)
            await say(ws, team, None)
            await until(watcher, [person(team.member)])
            await say(ws, team, at(ref, "title", True))
            await until(watcher, [person(team.member, at(ref, "title", True))])
            # One's own frames come too: they say what the others see.
            await until(ws, [person(team.member, at(ref, "title", True))])
            await say(ws, team, {"task": ref})
            await until(watcher, [person(team.member, at(ref))])
        await until(watcher, [])
    assert await team.events() == log


async def test_a_fresh_follower_is_told_at_once(team: Team, listened: Server) -> None:
    ref = (await team.task())["ref"]
    async with socket(team.server, team.member) as ws, socket(listened, team.owner) as first:
        await first.subscribe(team.key)
        await ws.subscribe(team.key)
        await say(ws, team, at(ref))
        await until(first, [person(team.member, at(ref))])
        async with socket(listened, team.viewer) as late:
            with soon():
                await late.subscribe(team.key, since=0)
                assert await users_in(late) == [person(team.member, at(ref))]
            assert len(await late.events((await team.board())["seq"])) > 1
            # Starting over is to know nothing again.
            await late.subscribe(team.key)
            assert await users_in(late) == [person(team.member, at(ref))]


async def test_a_process_that_nobody_followed_on_knows_at_once_who_is_present(team: Team, serve: Serve) -> None:
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await users_in(ws)
        await rows_of(team, 1)
        async with socket(serve(team.server.database), team.viewer) as watcher:
            await watcher.subscribe(team.key)
            assert await users_in(watcher) == [person(team.member)]


async def test_people_with_several_windows_are_named_once(team: Team, listened: Server) -> None:
    refs = [(await team.task())["ref"] for _ in range(2)]
    async with (
        socket(listened, team.viewer) as watcher,
        socket(team.server, team.member) as one,
        socket(team.server, team.member) as two,
        socket(listened, team.member) as three,
        socket(team.server, team.owner) as other,
    ):
        for ws in (watcher, one, two, three, other):
            await ws.subscribe(team.key)
        await say(one, team, at(refs[0]))
        await say(two, team, at(refs[1]))
        await say(three, team, at(refs[1]))
        await say(other, team, None)
        await until(watcher, [person(team.member, at(refs[0]), at(refs[1])), person(team.owner)])


async def test_unsubscribing_ends_it_and_starting_over_does_not(team: Team, listened: Server) -> None:
    async with socket(listened, team.viewer) as watcher, socket(team.server, team.member) as ws:
        await watcher.subscribe(team.key)
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await until(watcher, [person(team.member)])
        await users_in(ws)
        await ws.subscribe(team.key)
        # It went on: what comes next to the one who starts over is that they are still there.
        assert await users_in(ws) == [person(team.member)]
        await ws.send({"op": "unsubscribe", "topic": f"project:{team.key}"})
        await until(watcher, [])


async def test_losing_access_ends_it(team: Team, guest: Client, listened: Server) -> None:
    async with socket(listened, team.viewer) as watcher, socket(team.server, guest) as ws:
        await watcher.subscribe(team.key)
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await until(watcher, [person(guest)])
        await team.owner.delete(f"{team.url}/members/{guest.user['id']}")
        while (frame := await watcher.receive()) != {**frame, "op": "presence", "users": []}:
            pass
        while (await ws.receive())["op"] != "unsubscribed":
            pass
        await say(ws, team, None)
        assert (await ws.receive())["code"] == "invalid"


async def test_signing_out_ends_it(team: Team, guest: Client, listened: Server) -> None:
    async with socket(listened, team.viewer) as watcher, socket(team.server, guest) as ws:
        await watcher.subscribe(team.key)
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await until(watcher, [person(guest)])
        assert (await guest.post("/api/v1/auth/logout")).status_code == 204
        await until(watcher, [])


async def test_it_comes_at_most_twice_a_second_and_the_last_word_arrives(team: Team, listened: Server) -> None:
    async with socket(listened, team.viewer) as watcher, socket(team.server, team.member) as ws:
        await watcher.subscribe(team.key)
        await ws.subscribe(team.key)
        came: list[float] = []
        spamming = True

        async def spam() -> None:
            number = 0
            while spamming:
                number += 1
                await say(ws, team, at(f"{team.key}-{number}"))
                await asyncio.sleep(0.005)
            await say(ws, team, at(f"{team.key}-1", "last"))

        task = asyncio.create_task(spam())
        while not came or came[-1] - came[0] < 2:
            await users_in(watcher)
            came.append(time.monotonic())
        spamming = False
        await task
        await until(watcher, [person(team.member, at(f"{team.key}-1", "last"))])
    # The first may have been held up on its way, and the last not: then two more come in that time.
    assert 3 <= len(came) <= 2 * (came[-1] - came[0]) + 1 + 2


async def test_streams_and_the_log_know_nothing_of_it(team: Team) -> None:
    async with stream(team.server, team.viewer, team.key) as events, socket(team.server, team.member) as ws:
        head = (await events.receive())["data"]["seq"]
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await users_in(ws)
        await team.task()
        assert len(await events.events(head + 1)) == 1


WRONG: list[tuple[Any, str]] = [
    ({}, "task"),
    ({"task": None}, "task"),
    ({"task": ""}, "task"),
    ({"task": "lower-1"}, "task"),
    ({"task": "WEB-0"}, "task"),
    ({"task": "WEB-1\n"}, "task"),
    ({"task": "ELSEWHERE-1"}, "task"),
    ({"task": "HERE-1", "field": "x" * 51}, "field"),
    ({"task": "HERE-1", "field": "a\u0000b"}, "field"),
    ({"task": "HERE-1", "field": 7}, "field"),
    ({"task": "HERE-1", "typing": "yes"}, "typing"),
    ({"task": "HERE-1", "typing": None}, "typing"),
    ({"task": "HERE-1", "more": 1}, "more"),
    ([], "at"),
    ("HERE-1", "at"),
    (True, "at"),
]


async def test_what_is_wrong_is_an_error_and_says_where(team: Team) -> None:
    topic = f"project:{team.key}"
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key)
        for place, where in WRONG:
            if isinstance(place, dict) and str(place.get("task")).startswith("HERE"):
                place = place | {"task": f"{team.key}-1"}
            await say(ws, team, place)
            answer = await ws.receive()
            assert (answer["op"], answer["code"]) == ("error", "invalid"), place
            assert where in answer["detail"], answer
        for frame in (
            {"op": "presence", "topic": topic},
            {"op": "presence", "topic": topic, "at": None, "name": "Somebody else"},
        ):
            await ws.send(frame)
            assert (await ws.receive())["code"] == "invalid"
        # Nobody is present by a frame that was refused.
        await ws.send({"op": "ping"})
        assert await ws.receive() == {"op": "pong"}
        await say(ws, team, at(f"{team.key}-1", "x" * 50))
        assert await users_in(ws) == [person(team.member, at(f"{team.key}-1", "x" * 50))]


@pytest.mark.parametrize(
    ("role", "topic", "code"),
    [
        ("member", "own", "invalid"),
        ("stranger", "own", "invalid"),
        ("member", "project:NOTHERE", "invalid"),
        ("member", "inbox", "invalid"),
        ("member", "project", "not_found"),
    ],
)
async def test_only_who_follows_is_present(team: Team, role: str, topic: str, code: str) -> None:
    topic = f"project:{team.key}" if topic == "own" else topic
    async with socket(team.server, team.client(role)) as ws:
        await ws.send({"op": "presence", "topic": topic, "at": None})
        answer = await ws.receive()
        assert (answer["op"], answer["code"], answer["topic"]) == ("error", code, topic)


# What stands in the table.


async def rows_of(team: Team, count: int, *, within: float = 20.0) -> list[Any]:
    """The rows of the project, once there are that many."""
    engine = create_async_engine(team.server.database.url)
    project = sa.text(f"project_id = (SELECT id FROM projects WHERE key = '{team.key}')")
    try:
        deadline = time.monotonic() + within
        while True:
            async with engine.connect() as connection:
                rows = (await connection.execute(sa.select(presence).where(project))).all()
            if len(rows) == count:
                return list(rows)
            assert time.monotonic() < deadline, f"{len(rows)} rows, not {count}"
            await asyncio.sleep(0.05)
    finally:
        await engine.dispose()


async def insert_row(database: Database, team: Team, client: Client, expires_in: float) -> None:
    """A row as another process would have left it."""
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        project = (await connection.execute(sa.text(f"SELECT id FROM projects WHERE key = '{team.key}'"))).scalar_one()
        user = await connection.scalar(sa.select(users.c.id).where(users.c.email == client.email))
        await connection.execute(
            sa.insert(presence).values(
                process="dead",
                connection=project,
                project_id=project,
                user_id=user,
                at="null",
                expires_at=clock.now() + timedelta(seconds=expires_in),
            )
        )
    await engine.dispose()


async def test_what_a_dead_process_left_behind_runs_out(team: Team) -> None:
    async with socket(team.server, team.viewer) as watcher:
        await watcher.subscribe(team.key)
        await insert_row(team.server.database, team, team.member, 2)
        await until(watcher, [person(team.member)])
        await until(watcher, [])


async def test_who_left_leaves_no_row(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key)
        await say(ws, team, None)
        (row,) = await rows_of(team, 1)
        assert timedelta(0) < row.expires_at.replace(tzinfo=None) - clock.now().replace(tzinfo=None)
    await rows_of(team, 0)


async def test_a_process_that_ends_takes_its_rows_along(team: Team, serve: Serve) -> None:
    leaving = serve(team.server.database)
    async with socket(leaving, team.member) as ws:
        await ws.subscribe(team.key)
        await say(ws, team, None)
        await rows_of(team, 1)
        assert await asyncio.to_thread(leaving.stop) == 0
    await rows_of(team, 0, within=1)
