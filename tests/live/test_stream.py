"""The event stream: hello, events, cursors, resync, the heartbeat, and its end."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from taskhub.live import stream as taskhub_stream
from tests.live.following import PATIENCE, credentials, stream
from tests.teams import Team


async def test_hello_comes_first_with_the_cursor(team: Team) -> None:
    board = await team.board()
    async with stream(team.server, team.viewer, team.key) as events:
        hello = await events.receive()
        assert hello["event"] == "hello"
        assert int(hello["retry"]) > 0
        assert hello["id"] == str(board["seq"])
        assert set(hello["data"]) == {"log", "seq", "build"}
        assert (hello["data"]["log"], hello["data"]["seq"]) == (board["log"], board["seq"])
        assert events.response.headers["x-accel-buffering"] == "no"
        assert events.response.headers["cache-control"] == "no-store"
        task = await team.task("Fresh")
        (event,) = await events.events(board["seq"] + 1)
    assert event["task"] == task
    assert [event] == await team.events(board["seq"])


@pytest.mark.parametrize("by", ["header", "query", "both"])
async def test_from_a_cursor_everything_after_it_comes_once(team: Team, by: str) -> None:
    start = (await team.board())["seq"]
    for number in range(12):
        await team.task(f"Task {number}")
    # A browser sends both after it reconnected: what it saw last goes before where it began.
    header = {"header": start, "both": start, "query": None}[by]
    query = {"header": {}, "both": {"since": 0}, "query": {"since": start}}[by]
    async with stream(team.server, team.member, team.key, last=header, **query) as events:
        hello = await events.receive()
        assert hello["id"] == str(start)
        assert hello["data"]["seq"] == start + 12
        seen = await events.events(start + 12)
        assert [event["seq"] for event in seen] == [start + 1 + number for number in range(12)]
        await team.task()
        assert len(await events.events(start + 13)) == 1


@pytest.mark.parametrize("query", [{"since": 100_000}, {"since": 0, "log": "another"}, {"log": "another"}])
async def test_a_cursor_that_does_not_fit_is_told_to_resync(team: Team, query: dict[str, Any]) -> None:
    board = await team.board()
    async with stream(team.server, team.member, team.key, **query) as events:
        await events.receive()
        resync = await events.receive()
        assert (resync["event"], resync["id"]) == ("resync", str(board["seq"]))
        assert resync["data"] == {"log": board["log"], "seq": board["seq"]}
        await team.task()
        assert [event["seq"] for event in await events.events(board["seq"] + 1)] == [board["seq"] + 1]


@pytest.mark.parametrize("last", ["x", "-1", "9" * 400, "1.5", "\u0661"])
async def test_a_last_event_id_of_junk_is_told_to_resync(team: Team, last: str) -> None:
    headers = credentials(team.member) | {"Last-Event-ID": last}
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    seen = b""
    async with (
        httpx.AsyncClient(base_url=team.server.url, trust_env=False, timeout=20) as http,
        http.stream("GET", f"{team.url}/stream", headers=raw) as response,
    ):
        async for piece in response.aiter_bytes():
            seen += piece
            if b"event: resync" in seen:
                break
    assert seen.index(b"event: hello") < seen.index(b"event: resync")


async def test_head_answers_and_ends(team: Team) -> None:
    async with asyncio.timeout(PATIENCE):
        answer = await team.member.head(f"{team.url}/stream")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.content == b""
    for role, status in (("stranger", 404), ("nobody", 401)):
        assert (await team.client(role).head(f"{team.url}/stream")).status_code == status


async def test_many_streams_that_go_away_leave_room_for_others(team: Team) -> None:
    async def come_and_go() -> None:
        async with stream(team.server, team.member, team.key, since=0) as events:
            await events.receive()

    await asyncio.gather(*(come_and_go() for _ in range(30)))
    async with stream(team.server, team.member, team.key) as events:
        head = (await events.receive())["data"]["seq"]
        await team.task()
        assert len(await events.events(head + 1)) == 1


def test_the_heartbeat_is_at_least_as_often_as_promised() -> None:
    assert 0 < taskhub_stream.HEARTBEAT <= 15
