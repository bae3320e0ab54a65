"""Two processes on one database act as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients import Client
from tests.live.deadlines import soon
from tests.live.following import socket, stream
from tests.serving import Server
from tests.teams import Team


@pytest.fixture
async def there(team: Team, second_server: Server) -> AsyncIterator[Client]:
    """The owner, signed in on the other process."""
    async with Client(base_url=second_server.url, headers={"Origin": second_server.url}, trust_env=False) as client:
        client.cookies = team.owner.cookies
        yield client


async def test_events_of_one_process_show_in_the_other_within_a_second(
    team: Team, there: Client, shared_server: Server, second_server: Server
) -> None:
    async with socket(second_server, team.member) as ws, stream(second_server, team.viewer, team.key) as events:
        head = (await ws.subscribe(team.key))["seq"]
        await events.receive()
        for number in range(1, 6):
            with soon():
                await team.task(f"Task {number}")
                await asyncio.gather(ws.events(head + number), events.events(head + number))
        # And back: the other process writes, this one shows.
        async with socket(shared_server, team.member) as here:
            head = (await here.subscribe(team.key))["seq"]
            with soon():
                made = await there.post(f"{team.url}/tasks", json={"title": "From there"})
                assert made.status_code == 201
                await here.events(head + 1)


async def test_each_follower_of_each_process_sees_every_event_once_and_in_order(
    team: Team, there: Client, shared_server: Server, second_server: Server
) -> None:
    head = (await team.board())["seq"]
    writes = 20

    async def write(client: Client) -> None:
        for number in range(writes):
            answer = await client.post(f"{team.url}/tasks", json={"title": f"Task {number}"})
            assert answer.status_code == 201

    async def by_socket(server: Server) -> list[dict[str, Any]]:
        async with socket(server, team.member) as ws:
            await ws.subscribe(team.key, since=head)
            ready.release()
            return await ws.events(head + 2 * writes)

    async def by_stream(server: Server) -> list[dict[str, Any]]:
        async with stream(server, team.viewer, team.key, last=head) as events:
            await events.receive()
            ready.release()
            return await events.events(head + 2 * writes)

    ready = asyncio.Semaphore(0)
    servers = (shared_server, second_server)
    following = [asyncio.create_task(by(server)) for by in (by_socket, by_stream) for server in servers]
    for _ in following:
        await ready.acquire()
    await asyncio.gather(write(team.owner), write(there))
    seen = await asyncio.gather(*following)
    log = await team.events(head)
    assert [event["seq"] for event in log] == list(range(head + 1, head + 2 * writes + 1))
    assert all(events == log for events in seen)


async def test_the_board_that_one_process_keeps_is_never_older_than_what_the_other_wrote(
    team: Team, there: Client
) -> None:
    here = team.owner
    board = f"{team.url}/board"
    for number in range(12):
        writer, reader = ((here, there), (there, here))[number % 2]
        # The reader keeps the board, and the client its tag.
        kept = await reader.get(board)
        made = await writer.post(f"{team.url}/tasks", json={"title": f"Task {number}"})
        assert made.status_code == 201
        fresh = await reader.get(board, headers={"If-None-Match": kept.headers["etag"]})
        assert fresh.status_code == 200
        assert made.json() in fresh.json()["tasks"]
        assert fresh.headers["etag"] != kept.headers["etag"]
        for client in (here, there):
            again = await client.get(board, headers={"If-None-Match": fresh.headers["etag"]})
            assert again.status_code == 304


async def test_twins_sent_to_both_processes_are_one(team: Team, there: Client) -> None:
    head = (await team.board())["seq"]
    for number in range(5):
        key = {"Idempotency-Key": f"twin-{team.key}-{number}"}
        body = {"title": f"Twin {number}"}
        answers = await asyncio.gather(
            *(client.post(f"{team.url}/tasks", json=body, headers=key) for client in (team.owner, there) * 4)
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        other = await there.post(f"{team.url}/tasks", json={"title": "Another"}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    events = await team.events(head)
    assert [event["task"]["title"] for event in events] == [f"Twin {number}" for number in range(5)]
    assert [event["command_id"] for event in events] == [f"twin-{team.key}-{number}" for number in range(5)]
