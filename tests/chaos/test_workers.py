"""One server with two workers, which are killed and made anew under its people and programs: nobody loses anything."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.chaos.conftest import ROUNDS, MakeScene
from tests.databases import Database
from tests.figures import Report
from tests.serving import Serve, Server, open_sockets

pytestmark = pytest.mark.chaos

SUBSCRIBERS = 20
PATIENCE = 20.0


async def others(server: Server, *former: int) -> None:
    """Wait until two workers are there, and none of the former ones."""
    async with asyncio.timeout(PATIENCE):
        while len(workers := server.workers()) != 2 or set(workers).intersection(former):
            await asyncio.sleep(0.01)


async def test_workers_are_killed_and_made_anew(
    serve: Serve, fresh_database: Database, make_scene_on: MakeScene, report: Report
) -> None:
    server = serve(fresh_database, "--workers", "2")
    await others(server)
    idle = {pid: open_sockets(pid) for pid in server.workers()}
    scene = await make_scene_on(server)
    scene.follow(SUBSCRIBERS)
    await scene.all_follow()
    # By chance some are on each; what is asked of one worker shows on the other.
    while any(open_sockets(pid) < idle[pid] + 3 for pid in idle):
        scene.follow(2)
        await scene.all_follow()
    await scene.write()
    kills = max(1, int(ROUNDS))
    for number in range(kills):
        await scene.go_on(0.5)
        victim = server.workers()[number % 2]
        os.kill(victim, signal.SIGKILL)
        await others(server, victim)
        await scene.all_follow()
    former = server.workers()
    os.kill(server.pid, signal.SIGHUP)
    await others(server, *former)
    await scene.go_on(0.5)
    await scene.all_follow()
    figures = await scene.reckon()
    report(f"two workers, {kills} kills, {figures}")
    # Some of each kind of line were cut by the kills, and all the others were told that their worker ends.
    assert figures.ends["1006"] + figures.ends["cut"] >= kills
    assert figures.ends["1012"] > 0
    assert figures.ends["end"] > 0
    assert server.stop() == 0
    assert server.log_file.read_text().count("was ended by SIGKILL; another takes its place") == kills
