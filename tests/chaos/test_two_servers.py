"""Two servers on one database act as one; where one is killed, its people and programs go over to the other."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.chaos.conftest import ROUNDS, SEED, MakeScene
from tests.databases import Database
from tests.figures import Report
from tests.serving import Serve

pytestmark = pytest.mark.chaos

SUBSCRIBERS = 20
KILLS = 3


async def test_one_of_two_is_killed_in_turn(
    serve: Serve, fresh_database: Database, make_scene_on: MakeScene, report: Report
) -> None:
    servers = [serve(fresh_database), serve(fresh_database)]
    scene = await make_scene_on(servers[0])
    chance = random.Random(f"two {SEED}")
    urls = [server.url for server in servers]
    scene.follow(SUBSCRIBERS, urls)
    await scene.all_follow()
    await scene.write(urls=urls)
    kills = int(KILLS * ROUNDS)
    for number in range(kills):
        await scene.go_on(chance.uniform(0.3, 1.0))
        # The first of them is there at the end, to be asked for the board.
        victim = servers[(kills - number) % 2]
        # Nobody waits for it to come back.
        await scene.lose(victim)
        await scene.go_on(0.3)
        if number + 1 < kills:
            await asyncio.to_thread(victim.start)
    figures = await scene.reckon()
    report(f"two servers, {kills} kills, {figures}")
    # Half of them the first time, and then all, as whoever went over stays.
    assert figures.ends["1006"] + figures.ends["cut"] == SUBSCRIBERS // 2 + (kills - 1) * SUBSCRIBERS
