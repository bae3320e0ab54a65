"""A backup shows one moment, whatever is written meanwhile, and keeps nobody from writing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import migrations
from taskhub.backups import snapshot
from taskhub.backups.files import pending
from taskhub.backups.scratch import scratch
from taskhub.events.model import events
from taskhub.projects.model import labels, projects
from taskhub.tasks.queries import board
from tests.backups.instances import members, restore_into, tables
from tests.clients import Client, MakeClientOn
from tests.command_line import run_taskhub
from tests.databases import Database, MakeDatabase
from tests.serving import Serve
from tests.store import empty, fold, in_order

WRITERS, BACKUPS = 16, 2


async def test_what_is_written_meanwhile_is_not_in_it(
    fresh_database: Database, demo_backup: Path, tmp_path: Path
) -> None:
    await restore_into(fresh_database, demo_backup)
    engine = create_async_engine(fresh_database.url)
    async with scratch(migrations.newest()) as there, tables(fresh_database) as db, engine.connect() as connection:
        await connection.run_sync(snapshot.begin_snapshot)
        await connection.execute(sa.text("SELECT count(*) FROM users"))
        async with db.write() as session:
            await session.execute(sa.update(labels).values(name=labels.c.name + "!"))
            await session.execute(sa.delete(events))
        with pending(tmp_path / "it.zip", force=False) as file:
            await connection.run_sync(snapshot.write, there.tables, migrations.newest(), file)
            file.keep(force=False)
    await engine.dispose()
    before, found = members(demo_backup), members(tmp_path / "it.zip")
    for name in ("tables/labels.jsonl", "tables/events.jsonl"):
        assert found[name] == before[name]


async def write(client: Client, number: int, ref: str, over: asyncio.Event, answered: list[int]) -> None:
    """Edit and move one task, and comment on it, until it is over; each answer must be a good one."""
    turn = 0
    while not over.is_set():
        turn += 1
        requests: list[tuple[str, str, dict[str, Any]]] = [
            ("PATCH", f"/api/v1/tasks/{ref}", {"title": f"Edit {turn} by {number}"}),
            ("POST", f"/api/v1/tasks/{ref}/move", {"state": ("todo", "doing", "done")[turn % 3]}),
            ("POST", "/api/v1/projects/WEB/tasks", {"title": f"Task {turn} by {number}"}),
        ]
        for method, path, body in requests:
            answer = await client.request(method, path, json=body)
            assert answer.status_code in (200, 201), answer.text
            answered.append(answer.json()["version"])


async def test_every_backup_under_sixteen_writers_is_one_consistent_moment(
    serve: Serve,
    fresh_database: Database,
    make_database: MakeDatabase,
    make_client_on: MakeClientOn,
    tmp_path: Path,
) -> None:
    server = serve(fresh_database)
    ada = await make_client_on(server, bearer=True)
    assert (await ada.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})).status_code == 201
    refs = [
        (await ada.post("/api/v1/projects/WEB/tasks", json={"title": "A task"})).json()["ref"] for _ in range(WRITERS)
    ]
    over, answered = asyncio.Event(), [0]
    writers = [asyncio.create_task(write(ada, number, ref, over, answered)) for number, ref in enumerate(refs)]
    known, during = [], []
    for number in range(BACKUPS):
        known.append(max(answered))
        before = len(answered)
        path = str(tmp_path / f"{number}.zip")
        await asyncio.to_thread(run_taskhub, "backup", path, env=server.environment)
        during.append(len(answered) - before)
    over.set()
    await asyncio.gather(*writers)
    assert min(during) > 0, during
    heads = []
    for number in range(BACKUPS):
        restored = make_database("sqlite")
        await restore_into(restored, tmp_path / f"{number}.zip")
        async with tables(restored) as db, db.read() as session:
            project = (await session.execute(sa.select(projects))).one()
            found = in_order(await board(session, project))
            log = [
                orjson.loads(body) for body in await session.scalars(sa.select(events.c.body).order_by(events.c.seq))
            ]
        assert fold(empty(found), log) == found
        heads.append(found["seq"])
    # Each has all that was answered before it began.
    assert all(head >= seq for head, seq in zip(heads, known, strict=True))
    assert heads == sorted(set(heads))
