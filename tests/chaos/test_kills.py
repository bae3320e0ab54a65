"""`kill -9` and SIGTERM in the middle of 16 writers' changes: the server comes back, and with it everything."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.chaos.conftest import ROUNDS, SEED, MakeScene
from tests.databases import Database
from tests.figures import Report
from tests.serving import Serve

pytestmark = pytest.mark.chaos

KILLS = {"sqlite": 10, "postgresql": 3}
SUBSCRIBERS = 20


async def test_killed_again_and_again(
    serve: Serve, fresh_database: Database, database_kind: str, make_scene_on: MakeScene, report: Report
) -> None:
    server = serve(fresh_database)
    scene = await make_scene_on(server)
    chance = random.Random(f"kills {SEED}")
    scene.follow(SUBSCRIBERS)
    await scene.all_follow()
    await scene.write()
    kills = int(KILLS[database_kind] * ROUNDS)
    for _ in range(kills):
        await scene.go_on(chance.uniform(1.0, 1.8))
        await scene.all_follow()
        async with scene.out_of_service():
            server.kill()
            await asyncio.to_thread(server.start)
    figures = await scene.reckon()
    report(f"{kills} kills, {figures}")
    assert min(subscriber.lines for subscriber in scene.subscribers) >= kills


async def test_asked_to_stop_under_load(
    serve: Serve, fresh_database: Database, make_scene_on: MakeScene, report: Report
) -> None:
    server = serve(fresh_database)
    scene = await make_scene_on(server)
    chance = random.Random(f"stops {SEED}")
    scene.follow(SUBSCRIBERS)
    await scene.all_follow()
    await scene.write()
    stops = max(1, int(ROUNDS))
    for _ in range(stops):
        await scene.go_on(chance.uniform(0.4, 1.2))
        await scene.all_follow()
        async with scene.out_of_service():
            assert await asyncio.to_thread(server.stop) == 0
            await asyncio.to_thread(server.start)
    figures = await scene.reckon()
    report(f"{stops} stops, {figures}")
    # Every socket was told that the server restarts, every stream ended in order; none was cut.
    half = SUBSCRIBERS // 2 * stops
    assert {how: figures.ends[how] for how in ("1012", "end", "1006", "cut")} == {
        "1012": half,
        "end": half,
        "1006": 0,
        "cut": 0,
    }
