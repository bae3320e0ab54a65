"""Places in a column: whatever the moves, strictly in order, unique, and renumbered before they grow long."""

from __future__ import annotations

import random

import pytest
from fractional_indexing import generate_key_between, generate_n_keys_between
from hypothesis import given
from hypothesis import strategies as st

from taskhub.command import Caller, Commands
from taskhub.config import Settings
from taskhub.db import Database
from taskhub.membership import member_of
from taskhub.people import commands as people
from taskhub.people.model import User
from taskhub.projects import commands as projects
from taskhub.tasks import commands as tasks
from taskhub.tasks import positions
from taskhub.tasks.queries import board
from taskhub.unit import Unit
from taskhub.workflow.commands import write_first
from taskhub.workflow.templates import TEMPLATES
from tests.clients import PASSWORD
from tests.databases import Database as TestDatabase


def in_bytes(keys: list[str]) -> list[str]:
    return sorted(keys, key=lambda key: key.encode())


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=150))
def test_any_series_of_inserts_stays_strictly_in_order(inserts: list[tuple[int, bool]]) -> None:
    keys: list[str] = []
    for where, above in inserts:
        index = min(where, len(keys)) + (0 if above else 1)
        index = min(index, len(keys))
        low = keys[index - 1] if index else None
        high = keys[index] if index < len(keys) else None
        keys.insert(index, generate_key_between(low, high))
    assert keys == in_bytes(keys)
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() for key in keys)


@pytest.mark.parametrize("spot", ["above", "below", "first", "last", "alternating"])
def test_a_thousand_drops_on_one_spot_stay_in_order(spot: str) -> None:
    keys = ["a0", "a1"]
    for number in range(1000):
        index = {"above": 1, "below": len(keys) - 1, "first": 0, "last": len(keys), "alternating": len(keys) // 2}[spot]
        if spot == "alternating" and number % 2:
            index += 1
        low = keys[index - 1] if index else None
        high = keys[index] if index < len(keys) else None
        keys.insert(index, generate_key_between(low, high))
    assert keys == in_bytes(keys)
    assert len(set(keys)) == len(keys)


def test_a_renumbered_column_begins_short_after_the_longest_key() -> None:
    longest = "a0" + "V" * 300
    keys = generate_n_keys_between(longest, None, 5000)
    assert keys == in_bytes(keys)
    assert keys[0] > longest
    assert max(map(len, keys)) < 8


class Column:
    """A project with one column of tasks, moved by commands as the API moves them."""

    def __init__(self, commands: Commands, user: User) -> None:
        self.commands = commands
        self.caller = Caller(user)

    async def begin(self, count: int) -> None:
        async def first(unit: Unit) -> None:
            await write_first(unit, TEMPLATES["simple"])

        await projects.create(self.commands, self.caller, key="WEB", name="Web", enforced=False, first=first)
        for number in range(1, count + 1):
            await tasks.create(self.commands, self.caller, "WEB", {"title": str(number)}, "todo")

    async def move(self, number: int, **where: int) -> None:
        named = {"before": None, "after": None} | {side: f"WEB-{other}" for side, other in where.items()}
        await tasks.move(self.commands, self.caller, f"WEB-{number}", state="todo", **named)

    async def order(self) -> tuple[list[int], list[str]]:
        async with self.commands.db.read() as session:
            project, _ = await member_of(session, "WEB", self.caller.user.id)
            found = (await board(session, project))["tasks"]
        return [task["number"] for task in found], [task["position"] for task in found]


@pytest.mark.parametrize("longest", [4, 100])
async def test_moves_on_the_database_keep_the_order_that_a_list_would(
    fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(positions, "LONGEST", longest)
    db = Database(Settings.from_environ(fresh_database.environment).url)
    commands = Commands(db)
    user = await people.create_user(commands, email="ada@example.com", name="Ada", password=PASSWORD)
    column = Column(commands, user)
    await column.begin(8)
    expected = list(range(1, 9))
    chance = random.Random(longest)
    for step in range(60):
        # One spot, over and over, and now and then any other.
        mover, anchor = (chance.choice(expected[2:]), expected[0]) if step % 4 else chance.sample(expected, 2)
        side = "after" if step % 4 else chance.choice(["before", "after"])
        await column.move(mover, **{side: anchor})
        expected.remove(mover)
        expected.insert(expected.index(anchor) + (side == "after"), mover)
        order, keys = await column.order()
        assert order == expected
        assert keys == in_bytes(keys)
        assert len(set(keys)) == len(keys)
        assert max(map(len, keys)) <= longest
    await db.close()
