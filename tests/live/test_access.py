"""A right that is taken away ends what was opened with it: within a second, in every process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import clock
from taskhub.db import new_id
from taskhub.people.model import new_secret, secret_hash, sessions, tokens
from tests.clients import Client
from tests.command_line import call_taskhub
from tests.live.deadlines import soon
from tests.live.following import socket, stream
from tests.serving import Serve, Server
from tests.teams import Team


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
        with soon():
            await take(team, guest)
            frame, message = await asyncio.gather(last_frame(ws), last_message(events))
        assert frame == {"op": "unsubscribed", "topic": topic, "reason": reason}
        assert (message["event"], message["data"]) == ("unsubscribed", {"reason": reason})
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
        with soon():
            assert (await guest.post("/api/v1/auth/logout")).status_code == 204
            assert list(await asyncio.gather(ws.closed(), idle.closed())) == [4401, 4401]
            message = await events.receive()
    assert (message["event"], message["data"]["reason"]) == ("unsubscribed", "access_revoked")


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


async def end_of(events: Any) -> dict[str, Any]:
    """The last message of a stream that ends."""
    message = await last_message(events)
    with pytest.raises(EOFError):
        await events.receive()
    return message


async def program_of(server: Server, person: Client, name: str) -> Client:
    """A program with a new token of the person, of that name."""
    secret = new_secret("tht")
    engine = create_async_engine(server.database.url)
    async with engine.begin() as connection:
        row = {"id": new_id(), "user_id": person.user["id"], "name": name, "created_at": clock.now()}
        await connection.execute(sa.insert(tokens).values(secret_hash=secret_hash(secret), **row))
    await engine.dispose()
    return Client(base_url=server.url, headers={"Authorization": f"Bearer {secret}"}, trust_env=False)


async def command_line(server: Server, *arguments: str, stdin: str = "") -> str:
    """`taskhub ARGUMENTS` on the server's machine, in a process that is not the server's; what it printed."""
    done = await asyncio.to_thread(call_taskhub, *arguments, env=server.environment, stdin=stdin)
    return done.stdout


async def test_a_new_password_ends_every_session_and_no_token(team: Team, guest: Client, listened: Server) -> None:
    program = await program_of(team.server, guest, "program")
    async with (
        socket(listened, guest) as ws,
        socket(listened, guest) as idle,
        stream(listened, guest, team.key) as events,
        socket(listened, program) as by_token,
    ):
        await ws.subscribe(team.key)
        await by_token.subscribe(team.key)
        await events.receive()
        line = ("user", "password", guest.email, "--password-stdin")
        await command_line(team.server, *line, stdin="another horse battery staple")
        with soon():
            codes = await asyncio.gather(ws.closed(), idle.closed())
            message = await end_of(events)
        assert list(codes) == [4401, 4401]
        assert (message["event"], message["data"]["reason"]) == ("unsubscribed", "access_revoked")
        await by_token.send({"op": "ping"})
        assert await by_token.receive() == {"op": "pong"}
    assert (await guest.get("/api/v1/me")).status_code == 401
    await program.aclose()


@pytest.mark.parametrize("by", ["command", "itself"])
async def test_a_token_that_is_taken_away_ends_what_it_opened(
    team: Team, guest: Client, listened: Server, by: str
) -> None:
    lost, kept = [await program_of(team.server, guest, name) for name in ("lost", "kept")]
    async with (
        socket(listened, lost) as ws,
        stream(listened, lost, team.key) as events,
        socket(listened, kept) as other,
        socket(listened, guest) as by_cookie,
    ):
        for following in (ws, other, by_cookie):
            await following.subscribe(team.key)
        await events.receive()
        if by == "itself":
            assert (await lost.post("/api/v1/auth/logout")).status_code == 204
        else:
            lines = (await command_line(team.server, "token", "list", guest.email)).splitlines()
            (id_of_lost,) = [line.split()[0] for line in lines if line.endswith("  lost")]
            await command_line(team.server, "token", "revoke", guest.email, id_of_lost)
        with soon():
            assert await ws.closed() == 4401
            assert (await end_of(events))["data"] == {"reason": "access_revoked"}
        for following in (other, by_cookie):
            await following.send({"op": "ping"})
            assert await following.receive() == {"op": "pong"}
    assert (await lost.get("/api/v1/me")).status_code == 401
    for client in (lost, kept):
        await client.aclose()


IMPATIENT = """
from taskhub.cli import main
from taskhub.live import hub, stream
hub.RECHECK = stream.HEARTBEAT = 0.3
main()
"""


async def test_a_session_that_runs_out_ends_what_it_opened(team: Team, guest: Client, serve: Serve) -> None:
    server = serve(team.server.database, command=(sys.executable, "-c", IMPATIENT))
    async with (
        socket(server, guest) as ws,
        socket(server, guest) as idle,
        stream(server, guest, team.key) as events,
        socket(server, team.member) as other,
    ):
        await ws.subscribe(team.key)
        await events.receive()
        engine = create_async_engine(team.server.database.url)
        async with engine.begin() as connection:
            mine = sessions.c.user_id == guest.user["id"]
            await connection.execute(sa.update(sessions).where(mine).values(expires_at=clock.now()))
        await engine.dispose()
        assert list(await asyncio.gather(ws.closed(), idle.closed())) == [4401, 4401]
        assert (await end_of(events))["data"] == {"reason": "access_revoked"}
        await other.send({"op": "ping"})
        assert await other.receive() == {"op": "pong"}
