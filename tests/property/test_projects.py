"""Whatever people do to a project, its log, its tables and its stores agree, and its rules and rights hold.

`make fuzz` runs it for minutes with new seeds; a failure names the seed and prints the shortest course to it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import get_state_machine_test

from taskhub import clock, migrations
from taskhub.app import create_app
from taskhub.dashboards.model import figures, past_states, task_entries
from taskhub.doctor import history, storage
from taskhub.tasks import positions
from tests.browser_store import BrowserStore
from tests.databases import MakeDatabase
from tests.openapi import Contract
from tests.property.machine import STARTS, Project
from tests.property.world import World

SEED = int(os.environ.get("FUZZ_SEED", "1"))
#: Courses, and commands in each, on either database.
COURSES = int(os.environ.get("FUZZ_COURSES", "5"))
COMMANDS = int(os.environ.get("FUZZ_COMMANDS", "60"))
#: Seconds to look for a shorter course to a failure.
SHRINKING = int(os.environ.get("FUZZ_SHRINKING", "60"))


@pytest.fixture(scope="module")
def world(database_kind: str, make_database: MakeDatabase, contract: Contract) -> Iterator[World]:
    """An instance in this process, on each database."""
    world = World(make_database(database_kind), contract)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", world.now)
        yield world
    print(*(f"{number:5} {kind}: {ended}" for (kind, ended), number in sorted(world.tally.items())), sep="\n")
    world.close()
    # Whatever they did, an examination finds the log and all that is kept beside it whole.
    found = asyncio.run(storage.reading(world.here.settings, lambda connection: list(history.history(connection))))
    assert [each.code for each in found] == ["log.good"], found


@pytest.mark.parametrize("start", STARTS)
def test_whatever_people_do(
    world: World, browser_store: BrowserStore, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its five minutes would be cut off by the suite's own limit, and nothing said.
    monkeypatch.setattr(engine, "MAX_SHRINKING_SECONDS", SHRINKING)
    # A drop between two is enough that a column is numbered anew.
    monkeypatch.setattr(positions, "LONGEST", 2 if start == "tight" else 100)
    print(f"FUZZ_SEED={SEED} FUZZ_COURSES={COURSES} FUZZ_COMMANDS={COMMANDS}")

    class Here(Project):
        def __init__(self) -> None:
            super().__init__(world, browser_store, start)

    test = get_state_machine_test(
        Here,
        settings=settings(
            max_examples=COURSES,
            stateful_step_count=COMMANDS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.normal,
        ),
    )
    seed(f"{SEED} {start}")(test)()


def test_figures_are_the_same_where_they_were_begun_later(world: World) -> None:
    """What the migration makes of the logs of all these projects is what was kept up while they were written."""

    async def kept() -> dict[str, set[tuple[object, ...]]]:
        async with world.here.db.read() as session:
            return {
                table.name: {tuple(row) for row in await session.execute(sa.select(table)) if getattr(row, "n", 1)}
                for table in (figures, task_entries, past_states)
            }

    before = world.run(kept())
    assert all(before.values())
    world.run(world.here.db.close())
    world.run(migrations.migrate(world.here.settings, "0003"))
    world.run(migrations.migrate(world.here.settings))
    world.here = create_app(world.here.settings).extensions["taskhub"]
    assert world.run(kept()) == before
