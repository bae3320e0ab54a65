"""The SQLite connections: what holds up the event loop, what waits for locks, and what a cancellation leaves."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any

import pytest
import sqlalchemy as sa

from taskhub import sqlite, turns
from taskhub.db import Database
from tests.databases import MakeDatabase

rows = sa.table("rows", sa.column("n", sa.Integer))


def scan(length: int) -> sa.Select[Any]:
    """A query that takes some 0.1 µs for each of `length` rows."""
    start = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = start.union_all(sa.select(start.c.n + 1).where(start.c.n < length))
    return sa.select(sa.func.max(numbers.c.n))


@pytest.fixture
async def db(make_database: MakeDatabase) -> AsyncIterator[Database]:
    database = make_database("sqlite", migrated=False)
    db = Database(sa.make_url(database.url))
    async with db.write() as session:
        await session.execute(sa.text("CREATE TABLE rows (n INTEGER PRIMARY KEY)"))
    yield db
    await db.close()


def other_process(db: Database) -> sqlite3.Connection:
    """A connection as another process has it."""
    assert db.url.database is not None
    return sqlite3.connect(db.url.database, isolation_level=None, check_same_thread=False)


async def numbers(db: Database) -> list[int]:
    async with db.read() as session:
        return list(await session.scalars(sa.select(rows.c.n).order_by(rows.c.n)))


async def test_short_statements_take_no_thread(db: Database) -> None:
    await numbers(db)
    loop = asyncio.get_running_loop()

    async def takes_none(n: int) -> bool:
        before = threading.active_count()
        async with db.write() as session:
            seen = loop.create_future()
            loop.call_soon(seen.set_result, None)
            await session.execute(sa.insert(rows), [{"n": n}])
            assert await session.scalar(sa.select(sa.func.count()).select_from(rows)) == n
            alone = not seen.done()
            await seen
        return alone and threading.active_count() == before

    # Where the processor is taken away in the midst of it, a short statement is a long one.
    tries = [await takes_none(n) for n in range(1, 11)]
    assert any(tries), "the loop ran meanwhile, each time"
    assert await numbers(db) == list(range(1, 11))


@pytest.mark.parametrize("writing", [False, True])
async def test_a_long_query_holds_up_nobody(db: Database, writing: bool) -> None:
    """It is interrupted, begun again in a thread, and its transaction keeps what it wrote before."""
    begun = asyncio.Event()

    async def long() -> int:
        async with db.write() if writing else db.read() as session:
            if writing:
                await session.execute(sa.insert(rows), {"n": 7})
            begun.set()
            return int(await session.scalar(scan(2_000_000)))

    task = asyncio.create_task(long())
    await begun.wait()
    for _ in range(10):
        assert await numbers(db) == []
    assert not task.done()
    assert await task == 2_000_000
    assert await numbers(db) == ([7] if writing else [])


async def test_the_clock_of_a_query_does_not_strike_the_next_statement(db: Database) -> None:
    """SQLite counts a prepared statement's steps over all its runs: any run may be the one that is looked at."""
    async with db.read() as session:
        with pytest.raises(sa.exc.OperationalError):
            await session.execute(sa.select(sa.column("nothing")))
    for _ in range(2000):
        async with db.read():
            pass
    async with db.write() as session:
        await session.execute(scan(1000))
        for n in range(2000):
            await session.execute(sa.insert(rows), {"n": n})
    assert len(await numbers(db)) == 2000


def many(first: int) -> list[dict[str, int]]:
    """So many rows that a thread writes them."""
    return [{"n": first + n} for n in range(sqlite.MANY + 1)]


async def test_many_rows_go_to_a_thread(db: Database) -> None:
    async with db.write() as session:
        seen = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(seen.set_result, None)
        await session.execute(sa.insert(rows), many(1))
        assert seen.done()
    assert len(await numbers(db)) == sqlite.MANY + 1


async def test_a_lock_of_another_process_is_waited_for_without_a_thread(db: Database) -> None:
    other = other_process(db)
    other.execute("BEGIN IMMEDIATE")
    begun = asyncio.Event()

    async def write() -> None:
        begun.set()
        async with db.write() as session:
            await session.execute(sa.insert(rows), {"n": 1})

    task = asyncio.create_task(write())
    await begun.wait()
    for _ in range(20):
        assert await numbers(db) == []
    other.execute("INSERT INTO rows VALUES (2)")
    assert not task.done()
    other.execute("COMMIT")
    await task
    assert await numbers(db) == [1, 2]
    other.close()


async def test_a_lock_that_stays_is_an_error_and_nothing_more(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    other = other_process(db)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            async with db.write():
                pytest.fail("it is locked")
    other.execute("ROLLBACK")
    async with db.write() as session:
        await session.execute(sa.insert(rows), {"n": 1})
    assert await numbers(db) == [1]
    other.close()


async def test_a_transaction_reads_one_moment(db: Database) -> None:
    async with db.read() as session:
        count = sa.select(sa.func.count()).select_from(rows)
        assert await session.scalar(count) == 0
        async with db.write() as writing:
            await writing.execute(sa.insert(rows), {"n": 1})
        assert await session.scalar(count) == 0
        assert await session.scalar(scan(200_000)) == 200_000
        assert await session.scalar(count) == 0
    assert await numbers(db) == [1]


async def test_readers_cannot_write(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            await session.execute(sa.insert(rows), {"n": 1})
    assert await numbers(db) == []


async def test_two_statements_of_one_transaction_take_turns(db: Database) -> None:
    async with db.read() as session:
        await session.connection()
        long = asyncio.create_task(session.scalar(scan(1_000_000)))
        await asyncio.sleep(0)
        assert await session.scalar(sa.select(1)) == 1
        assert long.done()
        assert await long == 1_000_000


async def test_a_transaction_that_ended_stays_ended(db: Database) -> None:
    for transaction in (db.read, db.write):
        async with transaction() as session:
            await session.execute(sa.select(1))
        with pytest.raises(sa.exc.InvalidRequestError, match="permanently closed"):
            await session.execute(sa.select(1))


async def test_more_readers_than_connections_take_turns(db: Database) -> None:
    inside, most = 0, 0

    async def read() -> None:
        nonlocal inside, most
        async with db.read() as session:
            inside += 1
            most = max(most, inside)
            assert await session.scalar(scan(100_000)) == 100_000
            inside -= 1

    await asyncio.gather(*(read() for _ in range(5 * sqlite.READERS)))
    assert most == sqlite.READERS


async def test_nobody_waits_for_a_connection_for_ever(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.05)
    async with db.write():
        with pytest.raises(sa.exc.TimeoutError):
            async with db.write():
                pytest.fail("somebody writes")
    async with db.write() as session:
        await session.execute(sa.insert(rows), {"n": 1})
    assert await numbers(db) == [1]


async def test_a_failed_commit_is_rolled_back(db: Database) -> None:
    async with db.write() as session:
        await session.execute(
            sa.text("CREATE TABLE later (n INTEGER REFERENCES rows (n) DEFERRABLE INITIALLY DEFERRED)")
        )

    async def write() -> None:
        async with db.write() as session:
            await session.execute(sa.insert(rows), {"n": 1})
            await session.execute(sa.text("INSERT INTO later VALUES (9)"))

    with pytest.raises(sa.exc.DBAPIError, match="FOREIGN KEY"):
        await write()
    assert await numbers(db) == []
    async with db.write() as session:
        await session.execute(sa.insert(rows), {"n": 2})
    assert await numbers(db) == [2]


class Cancelled:
    """Awaits `work`, and cancels the task the `at`-th time that it waits; `waited` counts how often it did."""

    def __init__(self, work: Callable[[], Awaitable[Any]], at: int) -> None:
        self.work = work
        self.at = at
        self.waited = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self.work().__await__()
        send: Callable[[], Any] = lambda: next(steps)  # noqa: E731
        while True:
            try:
                waits_for = send()
            except StopIteration as done:
                return done.value
            if self.waited == self.at:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            self.waited += 1
            try:
                yield waits_for
            except BaseException as error:
                send = lambda error=error: steps.throw(error)  # type: ignore[misc] # noqa: E731
            else:
                send = lambda: next(steps)  # noqa: E731


async def cancelled_at(work: Callable[[], Awaitable[Any]], at: int) -> bool:
    """Whether `work` waited so often that it was cancelled."""
    cancelling = Cancelled(work, at)

    async def run() -> None:
        await cancelling

    with_task = asyncio.create_task(run())
    await asyncio.wait([with_task])
    assert with_task.cancelled() or with_task.exception() is None
    return cancelling.waited > at


@pytest.mark.parametrize("fresh", [True, False], ids=["opening", "open"])
async def test_a_cancelled_write_is_whole_or_nothing(db: Database, fresh: bool) -> None:
    """Cancelled at each point where it waits: for the connection, a thread's statement, the commit."""
    expected: list[int] = []
    at = 0

    async def write() -> None:
        async with db.write() as session:
            await session.execute(sa.insert(rows), {"n": 1000 * at})
            await session.scalar(scan(100_000))
            await session.execute(sa.insert(rows), many(1000 * at + 1))

    while True:
        if fresh:
            await db.close()
            db.__init__(db.url)  # type: ignore[misc]
        if not await cancelled_at(write, at):
            break
        found = await numbers(db)
        assert found in (expected, [*expected, 1000 * at, *(row["n"] for row in many(1000 * at + 1))])
        expected = found
        async with db.write() as session:
            await session.execute(sa.insert(rows), {"n": 1000 * at + 500})
        expected.append(1000 * at + 500)
        at += 1
    assert at >= 3 + fresh


async def test_a_cancelled_read_leaves_its_connection_well(db: Database) -> None:
    async with db.write() as session:
        await session.execute(sa.insert(rows), {"n": 1})

    async def read() -> None:
        async with db.read() as session:
            assert await session.scalar(scan(30_000_000)) == 30_000_000

    for _ in range(sqlite.READERS + 2):
        task = asyncio.create_task(read())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await numbers(db) == [1]
    assert threading.active_count() < 3 * sqlite.READERS


async def test_many_that_are_cancelled_at_any_moment(db: Database) -> None:
    """Readers and writers, cancelled in the midst of each other: what was committed is there, and nothing else."""
    done: set[int] = set()

    async def write(n: int) -> None:
        async with db.write() as session:
            await session.execute(sa.insert(rows), {"n": n} if n % 2 else [{"n": n}, *many(1000 * (n + 1))])
        done.add(n)

    async def read() -> None:
        async with db.read() as session:
            await session.scalar(scan(50_000))

    tasks = [asyncio.create_task(work) for n in range(150) for work in (write(n), read())]
    for index, task in enumerate(tasks):
        if index % 3 == 0:
            await asyncio.sleep(0)
            task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() or task.exception() is None for task in tasks)
    assert done <= set(await numbers(db))
    async with db.write() as session:
        await session.execute(sa.insert(rows), {"n": 500})
    assert 500 in await numbers(db)
