"""PostgreSQL itself is lost in the middle of it: 503 meanwhile, and everything is back without a restart."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import ROUNDS, SEED, MakeScene, Report
from tests.chaos.writers import client_of
from tests.command_line import run_taskhub
from tests.databases import Database
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
