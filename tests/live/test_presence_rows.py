"""What presence costs the database: a transaction each half second at most, whatever the number of clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.config import Settings
from taskhub.db import Database
from taskhub.live import presence as module
from taskhub.live.model import presence
from taskhub.live.presence import NOWHERE, Presence, Room
from taskhub.people.model import User, users
from tests.databases import Database as Storage

PROJECT = 7


class Counting(Database):
    """A database that counts its writing transactions, and fails them where it is told to."""

    transactions = 0
    fails = False

    @asynccontextmanager
    async def write(self, turn: str | None = None) -> AsyncIterator[AsyncSession]:
        self.transactions += 1
        async with super().write(turn) as session:
            if self.fails:
                raise OperationalError("INSERT", {}, Exception("disk I/O error"))
            yield session


@pytest.fixture
async def db(fresh_database: Storage) -> AsyncIterator[Counting]:
    db = Counting(Settings.from_environ(fresh_database.environment).url)
    async with db.write() as session:
        await session.execute(
            sa.insert(users),
            [
                {"id": f"u{n}", "email": f"u{n}@example.com", "name": f"User {n}", "created_at": clock.now()}
                for n in range(200)
            ],
        )
    db.transactions = 0
    yield db
    await db.close()


@pytest.fixture
async def here(db: Counting) -> AsyncIterator[Presence]:
    found = Presence(db)
    found.start()
    yield found
    await found.close()


def user(number: int) -> User:
    return User(f"u{number}", f"u{number}@example.com", f"User {number}")


async def rows(db: Database) -> list[Any]:
    async with db.read() as session:
        return list((await session.execute(sa.select(presence).order_by(presence.c.user_id))).all())


async def becomes(found: Callable[[], Awaitable[Any]]) -> Any:
    """What `found` gives, once it is true."""
    async with asyncio.timeout(20):
        while not (answer := await found()):
            await asyncio.sleep(0.02)
    return answer


async def test_two_hundred_busy_clients_cost_two_transactions_a_second(db: Counting, here: Presence) -> None:
    room = Room(PROJECT, "WEB", lambda: None)
    began, turn = time.monotonic(), 0
    while time.monotonic() - began < 2.2:
        turn += 1
        for number in range(200):
            here.say(room, number, user(number), b'{"task":"WEB-%d","field":null,"typing":false}' % turn)
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - began
    assert turn > 5
    assert 1 <= db.transactions <= seconds / module.WRITE_EVERY + 1
    last = f'{{"task":"WEB-{turn}","field":null,"typing":false}}'

    async def all_written() -> bool:
        return [row.at for row in await rows(db)] == [last] * 200

    await becomes(all_written)


async def test_who_only_says_it_again_costs_none(db: Counting, here: Presence) -> None:
    room = Room(PROJECT, "WEB", lambda: None)
    for number in range(200):
        here.say(room, number, user(number), NOWHERE)
    await becomes(lambda: rows(db))
    count = db.transactions
    until = time.monotonic() + 3 * module.WRITE_EVERY
    while time.monotonic() < until:
        for number in range(200):
            here.say(room, number, user(number), NOWHERE)
        await asyncio.sleep(0.05)
    assert db.transactions == count
    for number in range(200):
        here.leave(room, number)

    async def none_left() -> bool:
        return not await rows(db)

    await becomes(none_left)
    # Nobody is present: nothing is written, and nothing looks.
    count = db.transactions
    await asyncio.sleep(2 * module.WRITE_EVERY)
    assert db.transactions == count


async def test_who_goes_silent_is_gone_and_who_does_not_stays(
    db: Counting, here: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in earnest, a lease outlives the wait for a renewal several times.
    monkeypatch.setattr(module, "EXPIRES", 2.0)
    monkeypatch.setattr(module, "RENEW_EVERY", 0.4)
    monkeypatch.setattr(module, "WRITE_EVERY", 0.1)
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.1)
    room = Room(PROJECT, "WEB", lambda: None)
    other = Presence(db)
    far = Room(PROJECT, "WEB", lambda: None)
    here.say(room, "silent", user(1), NOWHERE)
    began = time.monotonic()
    seen: list[list[str]] = []
    told: list[bytes] = []

    async def gone() -> bool:
        here.say(room, "alive", user(2), NOWHERE)
        async with db.read() as session:
            await other.read(session, {PROJECT: far})
        told.append(far.frame)
        seen.append([row.user_id for row in await rows(db)])
        return time.monotonic() - began > 3.5 and seen[-1] == ["u2"]

    await becomes(gone)
    assert ["u1", "u2"] in seen
    # The one who spoke on was there all the time: the row is renewed before it runs out.
    start = seen.index(["u1", "u2"])
    assert all("u2" in names for names in seen[start:])
    there = [b'"u2"' in frame for frame in told]
    assert all(there[there.index(True) :])
    assert b'"u1"' not in told[-1]


async def test_a_database_that_fails_costs_presence_only_time(
    db: Counting, here: Presence, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(PROJECT, "WEB", lambda: None)
    db.fails = True
    here.say(room, 1, user(1), NOWHERE)

    async def tried_twice() -> bool:
        return db.transactions >= 2

    await becomes(tried_twice)
    here.say(room, 2, user(2), NOWHERE)
    db.fails = False
    assert [row.user_id for row in await becomes(lambda: two(db))] == ["u1", "u2"]
    assert [record.levelname for record in caplog.records if record.name == module.__name__] == ["WARNING"]
    # What this process knows was told to its followers all the while.
    assert b"u1" in room.frame


async def two(db: Database) -> list[Any]:
    found = await rows(db)
    return found if len(found) == 2 else []


async def test_each_process_reads_the_rows_of_the_others(db: Counting, here: Presence) -> None:
    woken: list[bytes] = []
    near, far = Room(PROJECT, "WEB", lambda: None), Room(PROJECT, "WEB", lambda: woken.append(b""))
    elsewhere = Room(PROJECT + 1, "ELSE", lambda: None)
    other = Presence(db)
    here.say(near, 1, user(1), NOWHERE)
    here.say(near, 2, user(2), b'{"task":"WEB-1","field":"title","typing":true}')
    await becomes(lambda: two(db))
    async with db.read() as session:
        await other.read(session, {PROJECT: far, PROJECT + 1: elsewhere})
        await here.read(session, {PROJECT: near})

    async def same() -> bool:
        return near.frame == far.frame

    await becomes(same)
    assert elsewhere.frame == b""
    assert len(woken) == 1
    # Nothing new is told to nobody.
    async with db.read() as session:
        await other.read(session, {PROJECT: far})
    assert len(woken) == 1
