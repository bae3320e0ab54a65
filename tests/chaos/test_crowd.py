"""40 programs read the board and follow while 16 people write; 16 people drop 16 cards on one spot at once."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx
import pytest

from tests.chaos.conftest import ROUNDS, SEED, MakeScene
from tests.chaos.scene import Scene
from tests.chaos.writers import client_of
from tests.figures import Report
from tests.serving import Server

pytestmark = pytest.mark.chaos

SUBSCRIBERS = 40
CARDS = 16
DROPS = 10


async def test_who_joins_in_the_middle_of_it_ends_with_the_board_as_it_is(
    server: Server, make_scene_on: MakeScene, report: Report
) -> None:
    scene = await make_scene_on(server)
    chance = random.Random(f"crowd {SEED}")
    await scene.write()
    joined = 0
    # Each reads the board at another moment, and subscribes at another.
    for _ in range(SUBSCRIBERS // 4):
        await scene.go_on(chance.uniform(0.1, 0.4) * ROUNDS)
        joined += len(scene.follow(4))
    await scene.all_follow()
    await scene.go_on(1.0 * ROUNDS)
    figures = await scene.reckon()
    report(f"a crowd: {figures}")
    assert joined == SUBSCRIBERS == figures.lines


async def drop(client: httpx.AsyncClient, ref: str, **where: str) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/tasks/{ref}/move", json={"state": "todo", **where})
    assert answer.status_code == 200, answer.text
    moved: dict[str, Any] = answer.json()
    return moved


async def column(scene: Scene) -> list[dict[str, Any]]:
    board = await scene.read_board()
    return [task for task in board["tasks"] if task["state"] == "todo"]


async def test_cards_dropped_on_one_spot_lie_in_the_order_of_the_log(
    server: Server, make_scene_on: MakeScene, report: Report
) -> None:
    scene = await make_scene_on(server, tasks=CARDS + 3)
    scene.follow(4)
    await scene.all_follow()
    first, spot, last, *cards = scene.board.refs
    people = [client_of(server.url, {**scene.credentials(number), "Origin": server.url}, 30) for number in range(CARDS)]
    drops = int(DROPS * ROUNDS)
    try:
        for ref in (first, spot, last):
            await drop(people[0], ref)
        for _ in range(drops):
            for where in ("before", "after", "end"):
                spots = {} if where == "end" else {where: spot}
                moved = await asyncio.gather(
                    *(drop(client, card, **spots) for client, card in zip(people, cards, strict=True))
                )
                by_seq = [task["ref"] for task in sorted(moved, key=lambda task: int(task["version"]))]
                assert len({task["position"] for task in moved}) == len({task["version"] for task in moved}) == CARDS
                expected = {
                    "before": [first, *by_seq, spot, last],
                    "after": [first, spot, *reversed(by_seq), last],
                    "end": [first, spot, last, *by_seq],
                }[where]
                stand = await column(scene)
                assert [task["ref"] for task in stand] == expected, where
                assert len({task["position"] for task in stand}) == len(stand)
    finally:
        for client in people:
            await client.aclose()
    await scene.settle()
    report(f"{3 * drops} × {CARDS} cards on one spot: each in its place")
