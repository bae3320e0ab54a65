"""The figures live: at once, when they change and only then, for all who look, in every process, while they may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from datetime import timedelta
from typing import Any

import pytest

from taskhub import clock
from taskhub.api import SESSION_COOKIE, Instance
from taskhub.app import create_app
from taskhub.command import Caller
from taskhub.config import Settings
from taskhub.dashboards.queries import read_figures
from taskhub.live.figures import Figures
from taskhub.live.follower import Follower
from taskhub.live.hub import Hub
from taskhub.membership import member_of
from taskhub.people import queries as people
from taskhub.people.model import Identity, User
from taskhub.projects.commands import remove_member
from tests.clients import Client
from tests.dashboards.naive import same
from tests.databases import Database
from tests.live.deadlines import soon
from tests.live.following import PATIENCE, Stream, stream_at
from tests.serving import Server
from tests.teams import Team, sign_up

#: Seconds between two messages of a stream, at least: at most four in a second.
PACE = 0.25


@pytest.fixture
async def guest(team: Team) -> AsyncIterator[Client]:
    """Somebody with an account of their own, a member of the project."""
    email = f"looker-{team.key.lower()}@example.com"
    client = await sign_up(team.server, "Looker", email)
    assert (await team.owner.post(f"{team.url}/members", json={"email": email})).status_code == 201
    yield client
    await client.aclose()


async def until(stream: Stream, seq: int) -> dict[str, Any]:
    """The figures as of that seq, or a later one."""
    while True:
        message = await stream.receive()
        if message.get("event") == "dashboard" and message["data"]["seq"] >= seq:
            assert message["id"] == str(message["data"]["seq"])
            return dict(message["data"])


async def test_a_change_shows_in_every_process_within_a_second(team: Team, second_server: Server) -> None:
    task = await team.task("A", assignees=[team.member.user["id"]])
    async with AsyncExitStack() as stack:
        path = f"projects/{team.key}/dashboard/stream"
        streams = [
            await stack.enter_async_context(stream_at(server, client, path))
            for server in (team.server, second_server)
            for client in (team.owner, team.viewer)
        ]
        for stream in streams:
            same((await stream.receive())["data"], await team.events())
        for state in ("doing", "done"):
            with soon():
                moved = (await team.move(task["ref"], state)).json()
                shown = await asyncio.gather(*(until(stream, moved["version"]) for stream in streams))
            for figures in shown:
                same(figures, await team.events())


async def test_at_most_four_a_second_and_none_without_a_difference(team: Team) -> None:
    task = await team.task("A")
    async with stream_at(team.server, team.viewer, f"projects/{team.key}/dashboard/stream") as stream:
        await stream.receive()
        head = (await team.events())[-1]["seq"]
        moments: list[float] = []

        async def look() -> None:
            nonlocal head
            while True:
                message = await stream.receive()
                moments.append(time.monotonic())
                if message["data"]["seq"] == head + 41:
                    return

        looking = asyncio.create_task(look())
        for number in range(40):
            await team.move(task["ref"], "doing" if number % 2 == 0 else "todo")
        await team.move(task["ref"], "done")
        await looking
        # The first may have been held up on its way, and the last not: then two more come in that time.
        assert len(moments) - 1 <= (moments[-1] - moments[0]) / (0.8 * PACE) + 2
        # A comment and a description change no figure.
        await team.owner.post(f"/api/v1/tasks/{task['ref']}/comments", json={"body": "Hm"})
        await team.owner.patch(f"/api/v1/tasks/{task['ref']}", json={"description": "Hm"})
        await team.owner.get(f"{team.url}/dashboard")
        moved = (await team.move(task["ref"], "todo")).json()
        assert (await stream.receive())["data"]["seq"] == moved["version"]


@pytest.mark.parametrize("end", ["removed", "signed out", "deleted"])
async def test_who_may_not_look_any_more_sees_the_end(
    team: Team, guest: Client, second_server: Server, end: str
) -> None:
    path = f"projects/{team.key}/dashboard/stream"
    async with (
        stream_at(team.server, guest, path) as here,
        stream_at(second_server, guest, path) as there,
        stream_at(second_server, guest, "me/overview/stream") as overview,
    ):
        for stream in (here, there):
            assert (await stream.receive())["event"] == "dashboard"
        assert [item["key"] for item in (await overview.receive())["data"]["items"]] == [team.key]
        with soon():
            if end == "removed":
                answer = await team.owner.delete(f"{team.url}/members/{guest.user['id']}")
            elif end == "deleted":
                answer = await team.owner.delete(team.url)
            else:
                answer = await guest.post("/api/v1/auth/logout")
            assert answer.status_code == 204
            await asyncio.gather(
                *(_ends(stream, "deleted" if end == "deleted" else "access_revoked") for stream in (here, there))
            )
            if end == "signed out":
                await _ends(overview, "access_revoked")
            else:
                # The overview goes on without it.
                assert (await overview.receive())["data"] == {"items": []}


async def _ends(stream: Stream, reason: str) -> None:
    while (message := await stream.receive()).get("event") == "dashboard":
        pass
    assert (message["event"], message["data"]) == ("unsubscribed", {"reason": reason})
    with pytest.raises(EOFError):
        await stream.receive()


async def test_an_overview_follows_all_projects_that_one_is_in(
    team: Team, guest: Client, second_server: Server
) -> None:
    mine = await guest.post("/api/v1/projects", json={"key": f"G{team.key}", "name": "Mine"})
    assert mine.status_code == 201
    async with stream_at(second_server, guest, "me/overview/stream") as overview:

        async def shows(wanted: Any) -> dict[str, Any]:
            with soon():
                while True:
                    items = {item["key"]: item for item in (await overview.receive())["data"]["items"]}
                    if wanted(items):
                        return items

        await shows(lambda items: set(items) == {team.key, f"G{team.key}"})
        await team.task("A", state="doing")
        items = await shows(lambda items: items[team.key]["figures"]["wip"]["count"] == 1)
        assert items[team.key]["states"][2]["count"] == 1
        # The same as the answer to who asks once.
        asked = (await guest.get("/api/v1/me/overview")).json()["items"]
        assert {item["key"]: item["figures"] for item in asked} == {key: item["figures"] for key, item in items.items()}
        third = await team.owner.post("/api/v1/projects", json={"key": f"T{team.key}", "name": "Third"})
        assert third.status_code == 201
        joined = await team.owner.post(f"/api/v1/projects/T{team.key}/members", json={"email": guest.email})
        assert joined.status_code == 201
        await shows(lambda items: f"T{team.key}" in items)
        await team.owner.delete(f"{team.url}/members/{guest.user['id']}")
        await shows(lambda items: team.key not in items)


async def test_an_overview_looks_at_what_it_may_show_after_everything_else(
    team: Team, guest: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: whoever is removed while further projects are found is not shown what is there already."""
    last = f"Z{team.key}"
    assert (await guest.post("/api/v1/projects", json={"key": last, "name": "Last"})).status_code == 201
    here: Instance = create_app(Settings.from_environ(team.server.database.environment)).extensions["taskhub"]
    hub, owner = here.hub, User(team.owner.user["id"], team.owner.email, "Owner")
    async with here.db.read() as session:
        identity = await people.by(session, "session", guest.cookies[SESSION_COOKIE])
    assert identity is not None
    follow = hub.subscribe

    async def slowly(follower: Follower, key: str, **how: Any) -> Any:
        if key == last and follower is late:
            await remove_member(here.commands, Caller(owner), team.key, identity.user.id)
        return await follow(follower, key, **how)

    try:
        with hub.follower(identity) as first, hub.follower(identity) as late, ExitStack() as lifetime:
            # What others look at is there at once.
            for key in (team.key, last):
                subscription, _ = await hub.subscribe(first, key, quiet=True)
                watched = lifetime.enter_context(here.figures.watch(first, subscription))
                while watched.shown is None:
                    first.wake.clear()
                    await first.wake.wait()
            monkeypatch.setattr(hub, "subscribe", slowly)
            with here.overviews.open(late) as overview:
                messages: Any = here.overviews.stream(overview, lambda shown: shown.figures["project"]["key"].encode())
                message = await anext(messages)
                await messages.aclose()
        assert message.endswith(b'data: {"items":[%b]}\n\n' % last.encode())
    finally:
        await here.db.close()


async def test_a_new_day_is_told_at_midnight(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, on the server's database, with a clock that stands just before midnight, and then after it."""
    tomorrow = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow - timedelta(seconds=0.3))
    database: Database = team.server.database
    here: Instance = create_app(Settings.from_environ(database.environment)).extensions["taskhub"]
    hub: Hub = here.hub
    owner = User(team.owner.user["id"], team.owner.email, "Owner")
    try:
        with hub.follower(Identity(owner, "session:none")) as follower:
            subscription, _ = await hub.subscribe(follower, team.key, quiet=True)
            with here.figures.watch(follower, subscription) as watched:
                async with asyncio.timeout(PATIENCE):
                    while watched.shown is None:
                        await asyncio.sleep(0.01)
                    first = watched.shown
                    monkeypatch.setattr(clock, "now", lambda: tomorrow + timedelta(seconds=1))
                    while watched.shown is first:
                        follower.wake.clear()
                        await follower.wake.wait()
        assert (
            first.figures["flow"][-1]["day"] < watched.shown.figures["flow"][-1]["day"] == tomorrow.date().isoformat()
        )
        assert first.seq == watched.shown.seq
    finally:
        await here.db.close()


async def test_who_hangs_up_while_figures_are_computed_leaves_them_to_the_others(team: Team) -> None:
    """In this process, on the server's database: one computes, others wait for it, and it is cancelled."""
    database: Database = team.server.database
    here: Instance = create_app(Settings.from_environ(database.environment)).extensions["taskhub"]
    begun = asyncio.Event()
    reads = 0

    async def find(session: Any) -> Any:
        return (await member_of(session, team.key, team.owner.user["id"]))[0]

    async def read(session: Any, project: Any, now: Any) -> Any:
        nonlocal reads
        reads += 1
        begun.set()
        if reads == 1:
            await asyncio.get_running_loop().create_future()
        return await read_figures(session, project, now)

    figures = Figures(here.db, here.hub, read)
    try:
        first = asyncio.create_task(figures.of(find))
        await begun.wait()
        others = [asyncio.create_task(figures.of(find)) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(PATIENCE):
            shown = await asyncio.gather(*others)
        assert len({id(one) for one in shown}) == 1
        assert reads == 2
    finally:
        await here.db.close()
