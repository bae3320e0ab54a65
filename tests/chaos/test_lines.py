"""The promises over lines that are cut, delayed, throttled, half-open, or that lose the answer to what was done."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.chaos.conftest import ROUNDS, SEED, MakeScene
from tests.chaos.proxy import Cut, Proxy
from tests.figures import Report
from tests.serving import Server

pytestmark = pytest.mark.chaos

SUBSCRIBERS = 20
STEPS = 7
#: Seconds of silence after which a program gives its line up. Somebody writes all the time.
SILENCE = 1.0


async def trouble(proxy: Proxy, step: int, chance: random.Random) -> None:
    """One of the ways in which a line fails, for as long as this runs."""
    match step % 7:
        case 0:
            proxy.cut(Cut.RESET, share=0.6)
        case 1:
            proxy.cut(Cut.END, share=0.6)
        case 2:
            proxy.fall_silent(share=0.5)
        case 3:
            proxy.delay = chance.uniform(0.02, 0.2)
        case 4:
            proxy.losing = 0.1
        case 5:
            proxy.rate = 100_000
        case _:
            proxy.refusing = True
            proxy.cut(Cut.RESET, share=0.3)
    await asyncio.sleep(chance.uniform(0.2, 0.5))
    if proxy.losing:
        await proxy.has_lost()
    proxy.delay, proxy.losing, proxy.rate, proxy.refusing = 0.0, 0.0, None, False


async def test_lines_that_fail_in_every_way(server: Server, make_scene_on: MakeScene, report: Report) -> None:
    scene = await make_scene_on(server)
    chance = random.Random(f"lines {SEED}")
    async with Proxy(server.port, chance=chance) as proxy:
        scene.follow(SUBSCRIBERS, [proxy.url], silence=SILENCE)
        await scene.all_follow()
        await scene.write(urls=[proxy.url], patience=SILENCE)
        for step in range(int(STEPS * ROUNDS)):
            await trouble(proxy, step, chance)
            await scene.go_on(0.2)
        figures = await scene.reckon()
    report(f"failing lines, {proxy.lost} answers lost on the way, {figures}")
    assert figures.ends["silence"]
    assert figures.ends["1006"]
    assert figures.ends["cut"]
    assert proxy.lost
    assert figures.tries > figures.acknowledged
