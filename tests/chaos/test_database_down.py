"""PostgreSQL itself is lost in the middle of it: 503 meanwhile, and everything is back without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from websockets.exceptions import ConnectionClosed

from taskhub.postgres import Server
from tests.chaos.conftest import ROUNDS, SEED, MakeScene
from tests.chaos.proxy import Proxy
from tests.chaos.writers import client_of
from tests.command_line import run_taskhub
from tests.databases import Database
from tests.figures import Report
from tests.live.following import socket, stream
from tests.postgres import PostgresServer, run_postgres
from tests.serving import Serve

pytestmark = [pytest.mark.chaos, pytest.mark.postgres]

SUBSCRIBERS = 20


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "postgresql"


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that keeps what it has acknowledged, as one in earnest does."""
    with run_postgres({"fsync": "off"}) as server:
        yield server


@pytest.fixture
def own_database(own_postgres: PostgresServer, tmp_path: Path) -> Database:
    """A migrated database there."""
    database = Database("postgresql", tmp_path, own_postgres.url(own_postgres.create()))
    run_taskhub("migrate", env=database.environment)
    return database


async def test_postgresql_crashes_and_comes_back(
    serve: Serve, own_postgres: PostgresServer, own_database: Database, make_scene_on: MakeScene, report: Report
) -> None:
    server = serve(own_database)
    scene = await make_scene_on(server)
    chance = random.Random(f"postgres {SEED}")
    scene.follow(SUBSCRIBERS)
    await scene.all_follow()
    await scene.write()
    crashes = max(1, int(ROUNDS))
    for _ in range(crashes):
        await scene.go_on(chance.uniform(0.5, 1.5))
        async with scene.out_of_service():
            await asyncio.to_thread(own_postgres.stop, immediate=True)
            async with client_of(server.url, scene.credentials(0), 30) as client:
                assert (await client.get("/healthz")).status_code == 200
                assert (await client.get("/readyz")).status_code == 503
                answer = await client.get(f"{scene.board.url}/board")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
            assert answer.headers["Retry-After"]
            await scene.go_on(0.5)
            await asyncio.to_thread(own_postgres.start)
        await scene.go_on(0.5)
    figures = await scene.reckon()
    report(f"{crashes} crashes of the database, {figures}")
    assert set(figures.troubles) == {503}
    assert server.is_running()


async def test_answers_of_the_database_are_lost_on_the_way(
    serve: Serve, own_database: Database, own_postgres: PostgresServer, make_scene_on: MakeScene, report: Report
) -> None:
    chance = random.Random(f"answers {SEED}")
    async with Proxy(own_postgres.port, chance=chance) as proxy:
        through = own_database.url.replace(f":{own_postgres.port}/", f":{proxy.port}/")
        server = serve(own_database, env={"TASKHUB_DATABASE_URL": through}, start=False)
        await asyncio.to_thread(server.start)
        scene = await make_scene_on(server)
        scene.follow(SUBSCRIBERS)
        await scene.all_follow()
        await scene.write()
        # A commit whose answer is lost is done, and TaskHub can't know it.
        for _ in range(int(2 * ROUNDS)):
            proxy.losing = 0.02
            await scene.go_on(0.6)
            await proxy.has_lost()
            proxy.losing = 0.0
            await scene.go_on(0.2)
        figures = await scene.reckon()
        await asyncio.to_thread(server.stop)
    report(f"{proxy.lost} answers of the database lost on the way, {figures}")
    assert proxy.lost
    assert set(figures.troubles) == {503}


async def test_a_connection_is_lost_at_every_point_of_its_making(
    own_postgres: PostgresServer, own_database: Database
) -> None:
    async with Proxy(own_postgres.port) as proxy:
        url = make_url(own_database.url.replace(f":{own_postgres.port}/", f":{proxy.port}/"))
        for pieces in range(100):
            proxy.pieces = pieces
            postgres = Server(url)
            try:
                async with postgres.read() as session:
                    assert await session.scalar(sa.text("SELECT 1")) == 1
                break
            except sa.exc.OperationalError:
                assert proxy.lost == pieces + 1
            finally:
                await postgres.close()
    assert 4 < proxy.lost == pieces < 99


async def many_events(postgres: PostgresServer, database: Database, key: str, count: int) -> int:
    """Make a project's log longer by some 10 KB an event, past TaskHub; its head."""
    await asyncio.to_thread(
        postgres.execute,
        f"""
        WITH made AS (
            INSERT INTO events (project_id, seq, type, at, actor_id, command_id, body)
            SELECT e.project_id, n, e.type, e.at, e.actor_id, e.command_id,
                   replace(e.body, '"seq":1,', '"seq":' || n || ',') || repeat(' ', 10000)
            FROM events e JOIN projects p ON p.id = e.project_id, generate_series(p.seq + 1, {count}) AS n
            WHERE p.key = '{key}' AND e.seq = 1
        )
        UPDATE projects SET seq = {count} WHERE key = '{key}'
        """,
        database.url.rpartition("/")[2],
    )
    return count


async def test_who_is_catching_up_when_the_database_goes_is_sent_back_to_come_again(
    serve: Serve, own_postgres: PostgresServer, own_database: Database, make_scene_on: MakeScene
) -> None:
    server = serve(own_database)
    scene = await make_scene_on(server)
    owner, key = scene.people[0], scene.board.key
    head = await many_events(own_postgres, own_database, key, 1_600)
    async with socket(server, owner, max_queue=1) as ws, stream(server, owner, key, last=0) as events:
        await ws.subscribe(key, since=0)
        seen = (await ws.receive())["events"]
        assert (await events.receive())["event"] == "hello"
        await asyncio.to_thread(own_postgres.stop)
        with contextlib.suppress(ConnectionClosed):
            while True:
                seen += (await ws.receive())["events"]
        assert ws.connection.close_code == 1012
        streamed = 0
        with contextlib.suppress(EOFError):
            while True:
                streamed = (await events.receive())["data"]["seq"]
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert len(seen) < head
    assert streamed < head
    await asyncio.to_thread(own_postgres.start)
    async with socket(server, owner) as ws, stream(server, owner, key, last=streamed) as events:
        await ws.subscribe(key, since=len(seen))
        assert len(await ws.events(head)) == head - len(seen)
        assert (await events.receive())["event"] == "hello"
        assert len(await events.events(head)) == head - streamed
