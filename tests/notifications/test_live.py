"""An inbox over the WebSocket and the event stream: nothing is missed, nothing comes twice, whoever writes and dies."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.clients import Client
from tests.live.deadlines import soon
from tests.live.following import PATIENCE, inbox_stream, socket
from tests.notifications.inboxes import Kept, about, follow, inbox
from tests.serving import Server
from tests.teams import Team, sign_up


@pytest.fixture
async def eve(team: Team) -> AsyncIterator[Client]:
    """A member of the project with an inbox of her own."""
    email = f"eve-{team.key.lower()}@example.com"
    client = await sign_up(team.server, f"Eve {team.key}", email)
    await team.owner.post(f"{team.url}/members", json={"email": email})
    yield client
    await client.aclose()


async def test_every_window_in_every_process_hears_within_a_second(
    team: Team, eve: Client, shared_server: Server, second_server: Server
) -> None:
    snapshot = await inbox(eve)
    cursor = {"log": snapshot["log"], "since": snapshot["seq"]}
    here, there, streamed = Kept(snapshot), Kept(snapshot), Kept(snapshot)
    async with (
        socket(shared_server, eve) as near,
        socket(second_server, eve) as far,
        inbox_stream(second_server, eve, **cursor) as stream,
        socket(second_server, team.member) as other,
    ):
        assert (await follow(near, **cursor))["seq"] == snapshot["seq"]
        await follow(far, **cursor)
        await follow(other)
        assert (await stream.receive())["event"] == "hello"

        async def all_hear(*kinds: str) -> dict[str, Any]:
            """The last of these events, which all of them got."""
            of = len(kinds)
            one, two, three = await asyncio.gather(
                near.events(here.seq + of), far.events(there.seq + of), stream.events(streamed.seq + of)
            )
            assert one == two == three
            assert [event["type"] for event in one] == [*kinds]
            for kept in (here, there, streamed):
                for event in one:
                    kept.apply(event)
                kept.agrees_with(await inbox(eve))
            heard: dict[str, Any] = one[-1]
            return heard

        ref = (await team.task(assignees=[eve.user["id"]]))["ref"]
        await all_hear("notification.created")
        with soon():
            await team.move(ref, "doing")
            moved = await all_hear("notification.created")
        assert (moved["notification"]["count"], moved["unread"]) == (2, 2)
        # Read in one window is read in all.
        with soon():
            await eve.post("/api/v1/inbox/read", json={"ids": [moved["notification"]["id"]]})
            assert (await all_hear("notification.read"))["unread"] == 1
        # So is what is marked as unread; and the words of a deleted comment go from all.
        await eve.post("/api/v1/inbox/unread", json={"ids": [moved["notification"]["id"]]})
        assert (await all_hear("notification.unread"))["unread"] == 2
        said = await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Not for long"})
        assert (await all_hear("notification.created"))["notification"]["excerpt"] == "Not for long"
        comment = f"/api/v1/comments/{said.json()['id']}"
        with soon():
            await team.owner.patch(comment, json={"body": "In other words"})
            edited = await all_hear("notification.edited")
        assert (edited["notification"]["excerpt"], edited["unread"]) == ("In other words", 2)
        await team.owner.delete(comment)
        assert (await all_hear("notification.redacted"))["ids"] == [moved["notification"]["id"]]
        # Put out of the project, she is told that nothing is unread, and nothing of the project.
        await team.owner.delete(f"{team.url}/members/{eve.user['id']}")
        assert (await all_hear("membership.changed", "notification.read"))["unread"] == 0
        await follow(far, since=0)
        events = await far.events(there.seq)
        roles = [(event["project"], event["role"]) for event in events if event["type"] == "membership.changed"]
        assert roles == [(team.key, "member"), (team.key, None)]
        assert [event["notification"] for event in events if "notification" in event] == [None] * 5
        # Presence has no place there; nor has somebody else's inbox a name.
        for frame in ({"op": "presence", "at": None}, {"op": "subscribe", "since": 10**9}, {"op": "unsubscribe"}):
            await near.send({**frame, "topic": "inbox"})
        answers = [await near.receive() for _ in range(4)]
        assert [answer["op"] for answer in answers] == ["error", "subscribed", "resync", "unsubscribed"]
        await near.send({"op": "subscribe", "topic": "inbox:eve"})
        assert (await near.receive())["code"] == "not_found"
        with pytest.raises(TimeoutError):
            await other.receive(timeout=0.01)


async def test_whoever_was_in_a_deleted_project_is_told(team: Team, eve: Client, second_server: Server) -> None:
    await team.task("Unread", assignees=[eve.user["id"]])
    async with socket(second_server, eve) as ws:
        before = await follow(ws)
        assert (await team.owner.delete(team.url)).status_code == 204
        events = await ws.events(before["seq"] + 2)
    role, read = events
    assert (role["type"], role["project"], role["role"]) == ("membership.changed", team.key, None)
    assert (read["type"], read["unread"]) == ("notification.read", 0)


async def test_a_lost_session_ends_it(team: Team, eve: Client, second_server: Server) -> None:
    async with socket(second_server, eve) as ws, inbox_stream(second_server, eve) as stream:
        await follow(ws)
        await stream.receive()
        assert (await eve.post("/api/v1/auth/logout")).status_code == 204
        assert await ws.closed() == 4401
        assert (await stream.receive())["event"] == "unsubscribed"


async def test_no_gap_and_no_double_through_kills(
    team: Team, eve: Client, shared_server: Server, second_server: Server
) -> None:
    """Two processes, one of them killed; readers that lose their lines on the way, and read on."""
    chance = random.Random(7)
    me = eve.user["id"]
    refs = [(await team.task(f"Task {number}", assignees=[me]))["ref"] for number in range(5)]
    servers = (shared_server, second_server)
    kept = [Kept(await inbox(eve)) for _ in servers]
    written, over = asyncio.Event(), asyncio.Event()
    at_the_end = set()

    async def listen(server: Server, mine: Kept) -> None:
        while True:
            with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake):
                async with socket(server, eve) as ws:
                    await follow(ws, log=mine.log, since=mine.seq)
                    if written.is_set():
                        at_the_end.add(server.url)
                        await over.wait()
                        end = await inbox(eve)
                        for event in await ws.events(end["seq"]) if mine.seq < end["seq"] else []:
                            mine.apply(event)
                        return mine.agrees_with(end)
                    drop = mine.seq + chance.randint(1, 6)
                    while mine.seq < drop:
                        for event in (await ws.receive())["events"]:
                            mine.apply(event)
            await asyncio.sleep(0)

    async def write() -> None:
        for number in range(35):
            ref = chance.choice(refs)
            await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": f"Number {number}"})
            if chance.random() < 0.3:
                await eve.post("/api/v1/inbox/read", json={"up_to": (await inbox(eve))["seq"] - 1})

    listening = [asyncio.create_task(listen(server, mine)) for server, mine in zip(servers, kept, strict=True)]
    writing = asyncio.create_task(write())
    second_server.kill()
    await asyncio.to_thread(second_server.start)
    await writing
    written.set()
    # So that nobody waits for more at the end of the log.
    async with asyncio.timeout(PATIENCE):
        while len(at_the_end) < len(servers):
            await team.owner.post(f"/api/v1/tasks/{refs[0]}/comments", json={"body": "One more"})
            await asyncio.wait(listening, timeout=0.1)
        over.set()
        await asyncio.gather(*listening)
    assert {one["task"] for one in await about(eve, team.key, unread=False)} - {None} == set(refs)
