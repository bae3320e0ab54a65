"""Reminders of due dates, by two processes whose clock the test sets: each comes once."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.clients import Client, MakeClientOn
from tests.databases import Database
from tests.live.following import PATIENCE, socket
from tests.notifications.inboxes import follow, inbox
from tests.serving import Serve, Server

SERVE = (sys.executable, str(Path(__file__).with_name("serve_ahead.py")))


@dataclass
class World:
    """Two servers by one clock; Ana, who owns WEB, and Ben, whose tasks are due."""

    offset: Path
    servers: list[Server]
    ana: Client
    ben: Client

    def set_clock(self, moment: datetime) -> None:
        """Let it be that moment (and go on)."""
        fresh = self.offset.with_suffix(".new")
        fresh.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        fresh.replace(self.offset)

    async def task(self, title: str, due: str | None, **fields: Any) -> str:
        """A task of Ben's."""
        body = {"title": title, "due": due, "assignees": [self.ben.user["id"]], **fields}
        made = await self.ana.post("/api/v1/projects/WEB/tasks", json=body)
        assert made.status_code == 201, made.text
        ref: str = made.json()["ref"]
        return ref

    async def undo(self, ref: str, type: str) -> None:
        """Let Ana undo the last event of this type about a task."""
        events = (await self.ana.get("/api/v1/projects/WEB/events", params={"since": 0, "limit": 1000})).json()[
            "events"
        ]
        (*_, event) = [one for one in events if one["type"] == type and one["task"]["ref"] == ref]
        undone = await self.ana.post("/api/v1/projects/WEB/undo", json={"seq": event["seq"]})
        assert undone.status_code == 200, undone.text

    async def fill(self, client: Client, count: int) -> int:
        """Let so many more events be in somebody's inbox; its seq then."""
        seq: int = (await inbox(client))["seq"]
        seqs = range(seq + 1, seq + count + 1)
        event = {"v": 1, "type": "notification.read", "at": "2126-12-25T00:00:00.000Z", "unread": 0, "ids": []}
        bodies = (json.dumps(event | {"seq": number}) for number in seqs)
        rows = [
            {"whose": client.user["id"], "seq": number, "body": body} for number, body in zip(seqs, bodies, strict=True)
        ]
        engine = create_async_engine(self.servers[0].database.url)
        async with engine.begin() as connection:
            await connection.execute(sa.text("INSERT INTO inbox_events VALUES (:whose, :seq, NULL, :body)"), rows)
            last = {"whose": client.user["id"], "seq": seq + count}
            await connection.execute(sa.text("UPDATE inboxes SET seq = :seq WHERE user_id = :whose"), last)
        await engine.dispose()
        return seq + count

    async def kept(self, client: Client) -> int:
        """How many events of somebody's inbox there are."""
        engine = create_async_engine(self.servers[0].database.url)
        async with engine.connect() as connection:
            count = sa.text("SELECT count(*) FROM inbox_events WHERE user_id = :whose")
            found: int = (await connection.execute(count, {"whose": client.user["id"]})).scalar_one()
        await engine.dispose()
        return found

    async def reminders(self, client: Client, since: int) -> tuple[list[tuple[str, str]], int]:
        """What has come up to and with the next assignment: title and reason; and the inbox's seq then.

        The assignment is of a task with a date that is past, of which the schedule tells in the next round.
        """
        past = (datetime.now(UTC) + timedelta(seconds=float(self.offset.read_text()) - 3600)).isoformat()
        ref = await self.task("mark", past)
        found: list[tuple[str, str]] = []
        async with socket(self.servers[1], client) as ws:
            await follow(ws, since=since)
            async with asyncio.timeout(PATIENCE):
                while True:
                    for event in (await ws.receive())["events"]:
                        one = event.get("notification")
                        if one is None or one["reason"] not in ("due_soon", "overdue"):
                            continue
                        if one["task"] == ref:
                            return sorted(found), event["seq"]
                        found.append((one["title"], one["reason"]))


@pytest.fixture
async def world(serve: Serve, fresh_database: Database, make_client_on: MakeClientOn, tmp_path: Path) -> World:
    """At eight in the morning of 2126-11-20."""
    offset = tmp_path / "offset"
    offset.write_text("0")
    found = World(offset, [], *[None, None])  # type: ignore[arg-type]
    found.set_clock(datetime(2126, 11, 20, 8, tzinfo=UTC))
    found.servers = [serve(fresh_database, command=(*SERVE, str(offset))) for _ in range(2)]
    found.ana, found.ben = [await make_client_on(found.servers[0], name) for name in ("Ana", "Ben")]
    await found.ana.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})
    await found.ana.post("/api/v1/projects/WEB/members", json={"email": found.ben.email})
    return found


async def test_each_reminder_comes_once_and_follows_its_date(world: World) -> None:
    ana, ben = world.ana, world.ben
    plain = await world.task("plain", "2126-11-22")
    moved = await world.task("put off", "2126-11-22")
    done = await world.task("done", "2126-11-22")
    gone = await world.task("gone", "2126-11-22")
    none = await world.task("no date any more", "2126-11-22")
    undone = await world.task("not done after all", "2126-11-22")
    shut = await world.task("shut", "2126-11-22")
    hour = await world.task("by the hour", "2126-11-22T15:00:00Z")
    late = await world.task("said late", "2126-11-21", assignees=[ana.user["id"], ben.user["id"]])
    nobody = await world.task("nobody's", "2126-11-22", assignees=[])
    assert len({plain, moved, done, gone, none, undone, shut, hour, late, nobody}) == 10
    # Of what is due tomorrow already, all but who says so hear at once.
    told, seq = await world.reminders(ben, 0)
    assert told == [("said late", "due_soon")]
    assert not [one for one in (await inbox(ana))["items"] if one["reason"] == "due_soon"]
    for ref, change in ((moved, {"due": "2126-12-24"}), (none, {"due": None})):
        assert (await ana.patch(f"/api/v1/tasks/{ref}", json=change)).status_code == 200
    for ref in (done, undone, shut):
        await ana.post(f"/api/v1/tasks/{ref}/move", json={"state": "done"})
    await ana.delete(f"/api/v1/tasks/{gone}")

    world.set_clock(datetime(2126, 11, 21, 0, 0, 1, tzinfo=UTC))
    told, seq = await world.reminders(ben, seq)
    assert told == [("by the hour", "due_soon"), ("plain", "due_soon")]
    assert [one["title"] for one in (await inbox(ana))["items"] if one["reason"] == "due_soon"] == ["nobody's"]

    # Nothing serves when the days end: whoever does next tells it, once, and not that it was due the day after.
    for server in world.servers:
        server.kill()
    world.set_clock(datetime(2126, 12, 25, 0, 0, 1, tzinfo=UTC))
    await asyncio.gather(*(asyncio.to_thread(server.start) for server in world.servers))
    await ben.post("/api/v1/auth/login", json={"email": ben.email, "password": ben.password})
    await ana.post("/api/v1/auth/login", json={"email": ana.email, "password": ana.password})
    told, seq = await world.reminders(ben, seq)
    assert told == [(title, "overdue") for title in ("by the hour", "plain", "put off", "said late")]
    told, seq = await world.reminders(ben, seq)
    assert told == []
    overdue = sorted(one["title"] for one in (await inbox(ana))["items"] if one["reason"] == "overdue")
    assert overdue == ["nobody's", "said late"]

    # What was done or deleted at its moment is told of when it is open again, whichever way, and once.
    assert (await ana.post(f"/api/v1/tasks/{done}/move", json={"state": "doing"})).status_code == 200
    await world.undo(undone, "task.moved")
    await world.undo(gone, "task.deleted")
    assert (await ana.patch(f"/api/v1/tasks/{plain}", json={"title": "told already"})).status_code == 200
    told, seq = await world.reminders(ben, seq)
    assert told == [(title, "overdue") for title in ("done", "gone", "not done after all")]
    for ref in (done, plain):
        for state in ("done", "todo"):
            assert (await ana.post(f"/api/v1/tasks/{ref}/move", json={"state": state})).status_code == 200
    told, seq = await world.reminders(ben, seq)
    assert told == []
    workflow = (await ana.get("/api/v1/projects/WEB/workflow")).json()
    states = [state | ({"category": "doing"} if state["id"] == "done" else {}) for state in workflow["states"]]
    states.append({"id": "shipped", "name": "Shipped", "category": "done", "wip_limit": None})
    changed = await ana.put("/api/v1/projects/WEB/workflow", json={"states": states, "transitions": None})
    assert changed.status_code == 200, changed.text
    told, _ = await world.reminders(ben, seq)
    assert told == [("shut", "overdue")]

    # What was read is dropped three months later, what was not stays; of the log the last thousand events.
    unread = [one["id"] for one in (await inbox(ben))["items"] if not one["read"]]
    assert (await ben.post("/api/v1/inbox/read", json={"ids": unread[3:]})).status_code == 200
    assert len(unread) > 6
    seq = await world.fill(ben, 1_700)
    world.set_clock(datetime(2127, 4, 1, tzinfo=UTC))
    for client in (ana, ben):
        await client.post("/api/v1/auth/login", json={"email": client.email, "password": client.password})
    async with asyncio.timeout(PATIENCE):
        while [one["id"] for one in (await inbox(ben))["items"]] != unread[:3] or await world.kept(ben) != 1_000:
            await asyncio.sleep(0)
    async with socket(world.servers[0], ben) as ws:
        await follow(ws, since=seq - 1_001)
        resync = await ws.receive()
        assert (resync["op"], resync["seq"]) == ("resync", seq)
        await follow(ws, since=seq - 1_000)
        assert [event["seq"] for event in await ws.events(seq)] == list(range(seq - 999, seq + 1))
    assert (await inbox(ben))["unread"] == 3


@pytest.mark.logs_traceback
async def test_what_is_broken_in_one_project_keeps_no_other_from_its_reminders(world: World) -> None:
    await world.ana.post("/api/v1/projects", json={"key": "BAD", "name": "Bad"})
    await world.ana.post("/api/v1/projects/BAD/members", json={"email": world.ben.email})
    broken = {"title": "broken", "due": "2126-11-22", "assignees": [world.ben.user["id"]]}
    assert (await world.ana.post("/api/v1/projects/BAD/tasks", json=broken)).status_code == 201
    await world.task("whole", "2126-11-23")
    seq = (await inbox(world.ben))["seq"]
    engine = create_async_engine(world.servers[0].database.url)
    async with engine.begin() as connection:
        await connection.execute(
            sa.text("UPDATE notifications SET body = '{' WHERE number = 1 AND body LIKE '%BAD-1%'")
        )
    await engine.dispose()
    # Of the broken one it was to be told a day earlier.
    world.set_clock(datetime(2126, 11, 22, 0, 0, 1, tzinfo=UTC))
    async with socket(world.servers[1], world.ben) as ws:
        await follow(ws, since=seq)
        async with asyncio.timeout(PATIENCE):
            (event,) = (await ws.receive())["events"]
    assert (event["notification"]["title"], event["notification"]["reason"]) == ("whole", "due_soon")
    # They would say so again and again.
    for server in world.servers:
        server.stop()
