"""SQLite from an event loop: short statements on the loop's own thread, whatever may take long in aiosqlite's.

A statement that is answered from memory takes some ten microseconds; handing it to another thread and waiting for it
takes several times as long. So `Connection`, aiosqlite's with statements of its own, runs them right where they are
asked for, with these exceptions:

- COMMIT, which waits for the disk (`synchronous=FULL`), runs in the connection's thread, as does opening and closing;
- a query that is not done after `PATIENCE` is interrupted and begun again in the thread (an interrupted query leaves
  its transaction as it was, https://www.sqlite.org/c3ref/interrupt.html); a statement with more than `MANY` rows of
  parameters goes there at once. So no scan holds up the loop;
- a transaction of many statements lets the loop go round every `TURN`;
- nobody waits for a lock on the loop's thread: SQLite's busy timeout is zero, and who finds the database locked by
  another process asks again a moment later, for as long as `BUSY_SECONDS`.

Why that is safe: SQLite and Python's sqlite3 let any thread use a connection, as long as no two do at the same time
(https://www.sqlite.org/threadsafe.html). A connection has one transaction at a time, and SQLAlchemy runs its
statements one by one. While the thread works for a task the task waits, also when it is cancelled: the cancellation
goes on only when the thread is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import random
import re
import sqlite3
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Self, TypeVar, cast

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection, QueuePool
from sqlalchemy.util import await_only

from taskhub import turns

T = TypeVar("T")

#: Seconds that a query may hold the event loop.
PATIENCE = 0.004
#: Seconds after which the statements of one transaction let others run.
TURN = 0.005
#: Seconds for which what another process has locked is tried again.
BUSY_SECONDS = 15.0
#: Rows of parameters beyond which a statement is long.
MANY = 50
#: Transactions that read at the same time, each with a connection of its own; further ones wait their turn.
READERS = 8

_INSTRUCTIONS = 1_000  # of SQLite's virtual machine between two looks at the clock: some 50 µs
_SHORTEST_WAIT, _LONGEST_WAIT = 0.0005, 0.01
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


class Cursor(aiosqlite.Cursor):
    """Has all rows as soon as it is executed: reading them neither takes time nor is interrupted."""

    _conn: Connection
    _rows: list[Any]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        """Run a statement, on the loop's thread if that is short."""
        self._rows = await self._conn.run(self._fetch, sql, parameters or (), query=_is_query(sql))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        """Run a statement for each row of parameters."""
        rows = list(parameters)
        await self._conn.run(self._cursor.executemany, sql, rows, long=len(rows) > MANY)
        return self

    async def fetchall(self) -> list[Any]:
        """All rows that were not fetched yet."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let go of the statement."""
        self._cursor.close()

    def _fetch(self, sql: str, parameters: Any) -> list[Any]:
        return self._cursor.execute(sql, parameters).fetchall()


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, whose statements run on the loop's thread as long as they are short."""

    def __init__(self, path: str, *, query_only: bool) -> None:
        super().__init__(functools.partial(self._open, path, query_only), iter_chunk_size=64)
        # One that was forgotten keeps no process from ending.
        self._thread.daemon = True
        self._begin = "BEGIN" if query_only else "BEGIN IMMEDIATE"
        self._working = 0
        self._deadline = math.inf
        self._since = 0.0

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor; not to be awaited, since that takes nothing."""
        return Cursor(self, self._conn.cursor())

    async def begin(self) -> None:
        """Begin a transaction. Raises sqlite3.OperationalError where the database is locked for too long."""
        self._since = perf_counter()
        await self.run(self._conn.execute, self._begin)

    async def commit(self) -> None:
        """Commit; what can't be committed is rolled back, which SQLAlchemy takes for done."""
        try:
            await super().commit()
        except BaseException:
            await self.rollback()
            raise

    async def rollback(self) -> None:
        """Give up the transaction, if there is one."""
        if self._working:
            await super().rollback()
        elif self._conn.in_transaction:
            self._conn.rollback()

    async def close(self) -> None:
        """Close it; what was not committed is given up."""
        if self._connection is not None:
            # A statement that somebody still refers to, if only by an exception's traceback, would keep the
            # transaction and its lock alive (https://www.sqlite.org/c3ref/close.html).
            with contextlib.suppress(sqlite3.Error):
                await self.rollback()
        await super().close()

    async def run(self, work: Callable[..., T], *arguments: Any, query: bool = False, long: bool = False) -> T:
        """What `work` answers, at once or from the thread; again and again while others have the database locked.

        A `query` changes nothing, so it may be interrupted and begun again.
        """
        if perf_counter() - self._since > TURN:
            await asyncio.sleep(0)
            self._since = perf_counter()
        retry = None
        while True:
            try:
                if long or self._working:
                    return await self._execute(self._without_clock, work, *arguments, _query=query)
                return self._at_once(work, arguments, query)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT and not long:
                    long = True
                    continue
                retry = retry or _Retry()
                await retry.after(error)

    def _at_once(self, work: Callable[..., T], arguments: tuple[Any, ...], query: bool) -> T:
        # SQLite undoes the whole transaction of a writing statement that is interrupted.
        if not query:
            return work(*arguments)
        self._deadline = perf_counter() + PATIENCE
        try:
            return work(*arguments)
        finally:
            self._deadline = math.inf

    def _without_clock(self, work: Callable[..., T], *arguments: Any) -> T:
        # Each look at the clock would wait for the loop's thread to let go of the interpreter.
        self._conn.set_progress_handler(None, 0)
        try:
            return work(*arguments)
        finally:
            self._conn.set_progress_handler(self._is_over, _INSTRUCTIONS)

    async def _execute(self, fn: Callable[..., T], *args: Any, _query: bool = False, **kwargs: Any) -> T:
        """In the thread, whose work a task waits for also when it is cancelled; a query is then interrupted."""
        work = asyncio.ensure_future(super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]
        self._working += 1
        cancelled = False
        while not work.done():
            try:
                # Again and again: what is not running yet when it is interrupted does not notice.
                await asyncio.wait((work,), timeout=0.01 if cancelled and _query else None)
            except asyncio.CancelledError:
                cancelled = True
            if cancelled and _query and not work.done():
                self._conn.interrupt()
        self._working -= 1
        if cancelled:
            work.exception()
            raise asyncio.CancelledError
        return cast(T, work.result())

    def _open(self, path: str, query_only: bool) -> sqlite3.Connection:
        # Without an isolation level the driver leaves it to us when a transaction begins.
        raw = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        if not query_only:
            raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute(f"PRAGMA query_only={'ON' if query_only else 'OFF'}")
        raw.execute("PRAGMA busy_timeout=0")
        raw.set_progress_handler(self._is_over, _INSTRUCTIONS)
        return raw

    def _is_over(self) -> bool:
        return perf_counter() > self._deadline


class File:
    """The connections of one process to one SQLite file: one that writes, `READERS` that read."""

    def __init__(self, url: URL) -> None:
        self._writer = _engine(url, 1, query_only=False)
        self._reader = _engine(url, READERS, query_only=True)
        self.engines = (self._writer.sync_engine, self._reader.sync_engine)
        self.pools = {
            name: cast(QueuePool, engine.pool) for name, engine in (("write", self._writer), ("read", self._reader))
        }
        self._writing, self._reading = asyncio.Semaphore(1), asyncio.Semaphore(READERS)

    def read(self) -> Transaction:
        """A read-only transaction: from its first statement on it sees the database at one moment."""
        return Transaction(self._reader, self._reading, commit=False)

    def read_once(self) -> Transaction:
        """For one statement that reads."""
        return self.read()

    def write(self, _turn: str | None = None) -> Transaction:
        """A writing transaction, alone in this process and on this file: committed at the end, or rolled back."""
        return Transaction(self._writer, self._writing, commit=True)

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


class Dialect(SQLiteDialect_aiosqlite):
    """SQLAlchemy's dialect of aiosqlite, for connections that know how they begin."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin for real; by a listener of the event every statement would pay for it."""
        await_only(cast(Connection, dbapi_connection.driver_connection).begin())


registry.register("sqlite.aiosqlite_on_loop", __name__, Dialect.__name__)


def _engine(url: URL, size: int, *, query_only: bool) -> AsyncEngine:
    path = url.database or ":memory:"

    async def connect() -> Connection:
        return cast(Connection, await Connection(path, query_only=query_only))

    # Who waits for a connection waits for a turn before, in order.
    url = url.set(drivername="sqlite+aiosqlite_on_loop")
    return create_async_engine(url, async_creator=connect, pool_size=size, max_overflow=0, hide_parameters=True)


class Transaction:
    """An asynchronous context manager of one transaction, whose value is its session."""

    __slots__ = ("_commit", "_session", "_turn")

    def __init__(self, engine: AsyncEngine, turn: asyncio.Semaphore, *, commit: bool) -> None:
        self._session = AsyncSession(engine, expire_on_commit=False, close_resets_only=False)
        self._turn = turn
        self._commit = commit

    async def __aenter__(self) -> AsyncSession:
        """Raises OperationalError or TimeoutError of SQLAlchemy where others write for too long."""
        await turns.take(self._turn)
        if self._commit:
            try:
                # What a command finds, it must find after it has the lock.
                await self._session.connection()
            except BaseException:
                await self._end()
                raise
        return self._session

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._commit and kind is None:
                await self._session.commit()
        finally:
            await self._end()

    async def _end(self) -> None:
        try:
            await self._session.close()
        finally:
            self._turn.release()


class _Retry:
    """Turns at something another process has locked, until it takes too long."""

    def __init__(self) -> None:
        self._until = perf_counter() + BUSY_SECONDS
        self._wait = _SHORTEST_WAIT

    async def after(self, error: sqlite3.OperationalError) -> None:
        """Wait a moment; raises the error where it is another one, and where this was tried for long enough."""
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or perf_counter() > self._until:
            raise error
        # By chance, lest two processes that write all the time keep step with each other.
        await asyncio.sleep(self._wait * random.uniform(0.5, 1.5))  # noqa: S311
        self._wait = min(1.5 * self._wait, _LONGEST_WAIT)


@functools.lru_cache(maxsize=1024)
def _is_query(sql: str) -> bool:
    """Whether a statement surely changes nothing."""
    start = sql.lstrip()[:6].upper()
    return start == "SELECT" or (start.startswith("WITH") and not _WRITES.search(sql))
