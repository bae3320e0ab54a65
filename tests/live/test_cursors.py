"""A cursor that is older than what is kept of the log: whoever comes with it is told to fetch the board."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.config import Settings
from taskhub.db import Database
from taskhub.events.model import events as log
from taskhub.live.hub import Hub
from taskhub.live.socket import renewed
from taskhub.people.model import Identity, User
from taskhub.projects.model import projects
from tests.live.following import socket, stream
from tests.serving import Server
from tests.teams import Team

KEPT = 4


async def prune(team: Team, kept: int = KEPT) -> int:
    """Delete all but the last events of the log; the oldest cursor that still fits."""
    head = int((await team.board())["seq"])
    engine = create_async_engine(team.server.database.url)
    async with engine.begin() as connection:
        project = sa.select(projects.c.id).where(projects.c.key == team.key).scalar_subquery()
        await connection.execute(sa.delete(log).where(log.c.project_id == project, log.c.seq <= head - kept))
    await engine.dispose()
    return head - kept


@pytest.fixture
async def oldest(team: Team) -> int:
    """The oldest cursor that fits a log whose beginning is gone."""
    for number in range(8):
        await team.task(f"Task {number}")
    return await prune(team)


async def test_the_log_says_so(team: Team, oldest: int) -> None:
    for since in (0, oldest - 1):
        answer = await team.owner.get(f"{team.url}/events", params={"since": since})
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
        board = await team.board()
        assert {name: answer.json()[name] for name in ("log", "seq")} == {name: board[name] for name in ("log", "seq")}
    for since in range(oldest, oldest + KEPT + 1):
        answer = await team.owner.get(f"{team.url}/events", params={"since": since})
        assert [event["seq"] for event in answer.json()["events"]] == list(range(since + 1, oldest + KEPT + 1))
    page = await team.owner.get(f"{team.url}/events", params={"since": oldest, "limit": 1})
    assert page.json()["has_more"] is True


@pytest.mark.parametrize("with_log", [True, False])
async def test_the_socket_resyncs(team: Team, oldest: int, listened: Server, with_log: bool) -> None:
    board = await team.board()
    cursor = {"log": board["log"]} if with_log else {}
    async with socket(listened, team.member) as ws:
        for since in (0, oldest - 1):
            await ws.subscribe(team.key, since=since, **cursor)
            topic = f"project:{team.key}"
            assert await ws.receive() == {"op": "resync", "topic": topic, "log": board["log"], "seq": board["seq"]}
        await ws.subscribe(team.key, since=oldest, **cursor)
        assert len(await ws.events(board["seq"])) == KEPT
        await team.task("One more")
        assert len(await ws.events(board["seq"] + 1)) == 1


@pytest.mark.parametrize("by", ["header", "query"])
async def test_the_stream_resyncs(team: Team, oldest: int, listened: Server, by: str) -> None:
    board = await team.board()
    for since in (0, oldest - 1):
        cursor: dict[str, Any] = {"last": since} if by == "header" else {"since": since}
        async with stream(listened, team.member, team.key, log=board["log"], **cursor) as events:
            hello, resync = await events.receive(), await events.receive()
            assert (hello["event"], hello["id"]) == ("hello", str(board["seq"]))
            assert (resync["event"], resync["id"]) == ("resync", str(board["seq"]))
            assert resync["data"] == {"log": board["log"], "seq": board["seq"]}
    cursor = {"last": oldest} if by == "header" else {"since": oldest}
    async with stream(listened, team.member, team.key, log=board["log"], **cursor) as events:
        await events.receive()
        assert len(await events.events(board["seq"])) == KEPT


@pytest.mark.parametrize("kept", [0, 2])
async def test_a_follower_whose_next_event_goes_while_it_reads_starts_anew(team: Team, kept: int) -> None:
    db = Database(Settings.from_environ(team.server.database.environment).url)
    hub = Hub(db)
    member = User(team.member.user["id"], team.member.email, "Member")
    try:
        with hub.follower(Identity(member, "session:none")) as follower:
            subscription, resync = await hub.subscribe(follower, team.key, since=0, log=None)
            follower.checked = hub._access
            assert not resync
            await team.task()
            oldest = await prune(team, kept)
            # As its poll would tell it.
            subscription.feed.advance(oldest + kept)
            assert await hub.read(follower, subscription) == ()
            assert renewed(subscription) == {"log": subscription.feed.log, "seq": oldest + kept}
            assert subscription.cursor == oldest + kept
            await team.task()
            subscription.feed.advance(oldest + kept + 1)
            assert [seq for seq, _ in await hub.read(follower, subscription)] == [oldest + kept + 1]
    finally:
        await db.close()
