"""Tests that try to lose something or to make it stale: by kills, cuts, and everybody at once.

`-m "not chaos"` leaves them out, `CHAOS_ROUNDS=10` makes them ten times as long, `CHAOS_SEED=…` makes their choices
other ones (each prints its seed).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.chaos.scene import Scene, make_scene
from tests.clients import MakeClientOn
from tests.serving import Server

ROUNDS = float(os.environ.get("CHAOS_ROUNDS", "1"))
SEED = os.environ.get("CHAOS_SEED", "1")

MakeScene = Callable[..., Awaitable[Scene]]


@pytest.fixture
async def make_scene_on(make_client_on: MakeClientOn, request: pytest.FixtureRequest) -> AsyncIterator[MakeScene]:
    """`await make_scene_on(server, people=4, tasks=24)` gives a Scene; what runs on it ends with the test."""
    scenes: list[Scene] = []

    async def make(server: Server, **options: int) -> Scene:
        scene = await make_scene(make_client_on, server, SEED, **options)
        scenes.append(scene)
        return scene

    yield make
    for scene in scenes:
        await scene.end()
