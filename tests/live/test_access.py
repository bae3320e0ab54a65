"""A right that is taken away ends what was opened with it: within a second, in every process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.clients import Client
from tests.live.following import SOON, socket, stream
from tests.serving import Serve, Server
from tests.teams import Team, sign_up


@pytest.fixture(scope="module")
def second_server(serve: Serve, shared_server: Server) -> Server:
    """Another process on the database of `shared_server`."""
    return serve(shared_server.database)


@pytest.fixture(params=["this", "other"])
def listened(request: pytest.FixtureRequest, shared_server: Server, second_server: Server) -> Server:
    """The server that is listened to; what is taken away is taken on `shared_server`."""
    return shared_server if request.param == "this" else second_server


@pytest.fixture
async def guest(team: Team) -> AsyncIterator[Client]:
    """Somebody with an account of their own, a member of the project."""
    email = f"guest-{team.key.lower()}@example.com"
    client = await sign_up(team.server, "Guest", email)
    joined = await team.owner.post(f"{team.url}/members", json={"email": email})
    assert joined.status_code == 201
    yield client
    await client.aclose()


async def remove(team: Team, guest: Client) -> None:
    answer = await team.owner.delete(f"{team.url}/members/{guest.user['id']}")
    assert answer.status_code == 204


async def leave(team: Team, guest: Client) -> None:
    assert (await guest.delete(f"{team.url}/members/{guest.user['id']}")).status_code == 204


async def delete_project(team: Team, guest: Client) -> None:
    assert (await team.owner.delete(team.url)).status_code == 204


Take = Callable[[Team, Client], Awaitable[None]]


@pytest.mark.parametrize(
    ("take", "reason"), [(remove, "access_revoked"), (leave, "access_revoked"), (delete_project, "deleted")]
)
async def test_who_may_not_see_any_more_is_unsubscribed_at_once(
    team: Team, guest: Client, listened: Server, take: Take, reason: str
) -> None:
    topic = f"project:{team.key}"
    async with socket(listened, guest) as ws, stream(listened, guest, team.key) as events:
        await ws.subscribe(team.key)
        await events.receive()
        began = time.monotonic()
        await take(team, guest)
        frame, message = await asyncio.gather(last_frame(ws), last_message(events))
        took = time.monotonic() - began
        assert frame == {"op": "unsubscribed", "topic": topic, "reason": reason}
        assert (message["event"], message["data"]) == ("unsubscribed", {"reason": reason})
        assert took < SOON
        with pytest.raises(EOFError):
            await events.receive()
        # The connection stays, and the topic is as if it were not there.
        await ws.send({"op": "subscribe", "topic": topic})
        assert (await ws.receive())["code"] == "not_found"


async def test_a_right_taken_before_a_process_first_looked_is_noticed(team: Team, guest: Client, serve: Serve) -> None:
    fresh = serve(team.server.database)
    async with socket(fresh, guest) as ws:
        await ws.subscribe(team.key)
        await remove(team, guest)
        assert (await last_frame(ws))["reason"] == "access_revoked"


async def last_frame(ws: Any) -> dict[str, Any]:
    while (frame := await ws.receive())["op"] == "events":
        pass
    return dict(frame)


async def last_message(events: Any) -> dict[str, Any]:
    while (message := await events.receive()).get("event") is None:
        pass
    return dict(message)


async def test_what_happens_after_the_removal_is_not_seen(team: Team, guest: Client, listened: Server) -> None:
    async with socket(listened, guest) as ws:
        await ws.subscribe(team.key)
        await remove(team, guest)
        secret = await team.task("Secret")
        frames = []
        while (frame := await ws.receive())["op"] != "unsubscribed":
            frames.append(frame)
        await ws.send({"op": "ping"})
        frames.append(await ws.receive())
    if listened is team.server:
        assert secret["ref"] not in str(frames)


async def test_signing_out_ends_the_socket_and_the_stream(team: Team, guest: Client, listened: Server) -> None:
    async with (
        socket(listened, guest) as ws,
        socket(listened, guest) as idle,
        stream(listened, guest, team.key) as events,
    ):
        await ws.subscribe(team.key)
        await events.receive()
        began = time.monotonic()
        assert (await guest.post("/api/v1/auth/logout")).status_code == 204
        assert list(await asyncio.gather(ws.closed(), idle.closed())) == [4401, 4401]
        message = await events.receive()
        took = time.monotonic() - began
    assert (message["event"], message["data"]["reason"]) == ("unsubscribed", "access_revoked")
    assert took < SOON


async def test_another_session_of_the_same_person_goes_on(team: Team, guest: Client, listened: Server) -> None:
    async with socket(listened, guest) as ws:
        head = (await ws.subscribe(team.key))["seq"]
        guest.cookies.clear()
        signed_in = await guest.post("/api/v1/auth/login", json={"email": guest.email, "password": guest.password})
        assert signed_in.status_code == 200
        assert (await guest.post("/api/v1/auth/logout")).status_code == 204
        await team.task()
        assert len(await ws.events(head + 1)) == 1


async def test_a_lower_role_goes_on_reading(team: Team, guest: Client, listened: Server) -> None:
    async with socket(listened, guest) as ws:
        head = (await ws.subscribe(team.key))["seq"]
        changed = await team.owner.patch(f"{team.url}/members/{guest.user['id']}", json={"role": "viewer"})
        assert changed.status_code == 200
        (event,) = await ws.events(head + 1)
        assert event["changes"] == {"role": ["member", "viewer"]}
        assert (await guest.post(f"{team.url}/tasks", json={"title": "A"})).status_code == 403


async def test_events_of_one_process_show_in_the_other_within_a_second(
    team: Team, shared_server: Server, second_server: Server
) -> None:
    async with socket(second_server, team.member) as ws, stream(second_server, team.viewer, team.key) as events:
        head = (await ws.subscribe(team.key))["seq"]
        await events.receive()
        for number in range(1, 6):
            began = time.monotonic()
            await team.task(f"Task {number}")
            await asyncio.gather(ws.events(head + number), events.events(head + number))
            assert time.monotonic() - began < SOON
        # And back: the other process writes, this one shows.
        async with socket(shared_server, team.member) as here:
            head = (await here.subscribe(team.key))["seq"]
            began = time.monotonic()
            async with Client(base_url=second_server.url, headers={"Origin": second_server.url}) as writer:
                writer.cookies = team.owner.cookies
                made = await writer.post(f"{team.url}/tasks", json={"title": "From there"})
                assert made.status_code == 201
            await here.events(head + 1)
            assert time.monotonic() - began < SOON
