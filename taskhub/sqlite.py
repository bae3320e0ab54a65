"""SQLite from an event loop: short statements on the loop's own thread, whatever may take long in another.

A statement that is answered from memory takes some ten microseconds; handing it to another thread and waiting for it
takes several times as long. So statements run right where they are asked for, with these exceptions:

- COMMIT, which waits for the disk (`synchronous=FULL`), runs in a thread;
- a query that is not done after `PATIENCE` is interrupted and begun again in a thread (an interrupted query leaves
  its transaction as it was, https://www.sqlite.org/c3ref/interrupt.html); a statement with the execution option
  `long=True` or with more than `MANY` rows of parameters goes there at once. So no scan holds up the loop;
- a transaction of many statements lets the loop go round every `TURN`;
- nobody waits for a lock on the loop's thread: SQLite's busy timeout is zero, and who finds the database locked by
  another process asks again a moment later, for as long as `BUSY_SECONDS`.

Why that is safe: SQLite and Python's sqlite3 let any thread use a connection, as long as no two do at the same time
(https://www.sqlite.org/threadsafe.html). A connection here belongs to one transaction at a time, and a transaction to
one task. While a thread works for it the task waits, also when it is cancelled: the cancellation goes on only when
the thread is done. `Connection` refuses anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL

T = TypeVar("T")

#: Seconds that a query may hold the event loop.
PATIENCE = 0.004
#: Seconds after which the statements of one transaction let others run.
TURN = 0.005
#: Seconds for which what another process has locked is tried again.
BUSY_SECONDS = 15.0
#: Rows of parameters beyond which a statement is long.
MANY = 50
#: Transactions that read at the same time, each with a connection of its own; further ones wait their turn,
READERS = 8
#: for as many seconds.
TURN_SECONDS = 60.0

_INSTRUCTIONS = 1_000  # of SQLite's virtual machine between two looks at the clock: some 50 µs
_SHORTEST_WAIT, _LONGEST_WAIT = 0.0005, 0.01

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class _Cursor(sqlite3.Cursor):
    """Has all its rows as soon as it is executed: reading them neither takes time nor is interrupted."""

    _rows: list[Any]

    def execute(self, sql: str, parameters: Any = (), /) -> _Cursor:
        super().execute(sql, parameters)
        self._rows = super().fetchall()
        return self

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows


class _Driver(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class Connection:
    """One connection to the file, for one transaction after another.

    To be used by one task at a time: raises RuntimeError where two meet. What SQLite refuses comes as SQLAlchemy's
    exceptions.
    """

    def __init__(self, engine: sa.Engine, threads: ThreadPoolExecutor) -> None:
        """Opens the file, which may wait for locks and the disk: not for the loop's thread."""
        # SQLAlchemy's own transaction begins with the first statement and never ends: the real ones are begun and
        # ended below it, without what it does around them.
        self._connection = engine.connect()
        self._raw = cast(sqlite3.Connection, self._connection.connection.dbapi_connection)
        self._threads = threads
        self._away = False
        self._deadline = math.inf
        self._since = 0.0
        self._raw.set_progress_handler(self._is_over, _INSTRUCTIONS)

    @property
    def is_well(self) -> bool:
        """Whether another transaction may begin on it."""
        return not (self._away or self._connection.invalidated or self._raw.in_transaction)

    @property
    def is_away(self) -> bool:
        """Whether a thread works on it."""
        return self._away

    async def begin(self, how: str) -> None:
        """Begin a transaction by `how`. Raises OperationalError where the database is locked for too long."""
        retry = None
        while True:
            try:
                self._refuse_two()
                self._transact(how)
                self._since = perf_counter()
                return
            except sa.exc.OperationalError as error:
                retry = retry or _Retry()
                await retry.after(error)

    async def commit(self) -> None:
        """Commit; a commit that fails is rolled back."""
        try:
            await self._in_thread(self._transact, "COMMIT")
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Give up the transaction, if there still is one."""
        if not self._away and self._raw.in_transaction:
            # One that can't be rolled back is seen by `is_well`: its connection is closed, which gives it up.
            with contextlib.suppress(sqlite3.Error):
                self._raw.execute("ROLLBACK")

    async def execute(self, statement: sa.Executable, parameters: Parameters | None = None) -> sa.Result[Any]:
        """The whole result of a statement."""
        long = bool(statement.get_execution_options().get("long")) or _many(parameters)
        if perf_counter() - self._since > TURN:
            await asyncio.sleep(0)
            self._since = perf_counter()
        retry = None
        while True:
            try:
                if long:
                    return await self._in_thread(self._fetch, statement, parameters, interrupt=statement.is_select)
                return self._at_once(statement, parameters)
            except sa.exc.OperationalError as error:
                if _code(error) == sqlite3.SQLITE_INTERRUPT and not long:
                    long = True
                    continue
                retry = retry or _Retry()
                await retry.after(error)

    def close(self) -> None:
        """Close it, which gives up what was not committed; it may write to the file: not for the loop's thread."""
        self._connection.invalidate()
        with contextlib.suppress(sqlite3.Error):
            self._raw.close()

    def _transact(self, sql: str) -> None:
        try:
            self._raw.execute(sql)
        except sqlite3.Error as error:
            kind = sa.exc.OperationalError if isinstance(error, sqlite3.OperationalError) else sa.exc.DBAPIError
            raise kind(sql, None, error) from error

    def _at_once(self, statement: sa.Executable, parameters: Parameters | None) -> sa.Result[Any]:
        self._refuse_two()
        # SQLite undoes the whole transaction of a writing statement that is interrupted.
        if not statement.is_select:
            return self._connection.execute(statement, parameters)
        self._deadline = perf_counter() + PATIENCE
        try:
            return self._connection.execute(statement, parameters)
        finally:
            self._deadline = math.inf

    def _fetch(self, statement: sa.Executable, parameters: Parameters | None) -> sa.Result[Any]:
        # No looks at the clock: each would wait for the loop's thread to let go of the interpreter.
        self._raw.set_progress_handler(None, 0)
        try:
            result = self._connection.execute(statement, parameters)
            return result.freeze()() if result.returns_rows else result
        finally:
            self._raw.set_progress_handler(self._is_over, _INSTRUCTIONS)

    def _is_over(self) -> bool:
        return perf_counter() > self._deadline

    def _refuse_two(self) -> None:
        if self._away:
            raise RuntimeError("two statements of one transaction at the same time")

    async def _in_thread(self, work: Callable[..., T], *arguments: Any, interrupt: bool = False) -> T:
        self._refuse_two()
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        self._away = True
        cancelled = False
        while not future.done():
            try:
                # Again and again: what is not running yet when it is interrupted does not notice.
                await asyncio.wait((future,), timeout=0.01 if cancelled and interrupt else None)
            except asyncio.CancelledError:
                cancelled = True
            if cancelled and interrupt:
                self._raw.interrupt()
        self._away = False
        if cancelled:
            future.exception()
            raise asyncio.CancelledError
        return future.result()


class Session:
    """What the statements of one transaction are run on, until it ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection

    async def execute(self, statement: sa.Executable, parameters: Parameters | None = None) -> sa.Result[Any]:
        """The whole result of a statement. Raises RuntimeError where the transaction has ended."""
        if self._connection is None:
            raise RuntimeError("the transaction has ended")
        return await self._connection.execute(statement, parameters)

    async def scalar(self, statement: sa.Executable, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, None where there is no row."""
        return (await self.execute(statement, parameters)).scalar()

    async def scalars(self, statement: sa.Executable, parameters: Parameters | None = None) -> sa.ScalarResult[Any]:
        """The first column of every row."""
        return (await self.execute(statement, parameters)).scalars()

    def end(self) -> None:
        """Refuse further statements."""
        self._connection = None


class File:
    """The connections of one process to one SQLite file: one that writes, `READERS` that read."""

    def __init__(self, url: URL) -> None:
        self.writer = _engine(url, query_only=False)
        self.reader = _engine(url, query_only=True)
        self.engines = (self.writer, self.reader)
        self._threads = ThreadPoolExecutor(READERS + 1, thread_name_prefix="sqlite")
        self._open: set[Connection] = set()
        self._idle: dict[sa.Engine, list[Connection]] = {self.writer: [], self.reader: []}
        self._turns = {self.writer: asyncio.Semaphore(1), self.reader: asyncio.Semaphore(READERS)}

    def read(self) -> _Transaction:
        """A read-only transaction: from its first statement on it sees the database at one moment."""
        return _Transaction(self, self.reader, "BEGIN")

    def write(self) -> _Transaction:
        """A writing transaction, alone in this process and on this file: committed at the end, or rolled back."""
        return _Transaction(self, self.writer, "BEGIN IMMEDIATE")

    async def close(self) -> None:
        """Close every connection, when what threads do for them is done."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        for connection in self._open:
            connection.close()
        for engine, idle in self._idle.items():
            idle.clear()
            engine.dispose()

    async def take(self, engine: sa.Engine) -> Connection:
        """A connection for one transaction, to be given back."""
        idle, turn = self._idle[engine], self._turns[engine]
        await _wait_for(turn)
        if idle:
            return idle.pop()
        try:
            return await self._connect(engine)
        except BaseException:
            turn.release()
            raise

    def give_back(self, engine: sa.Engine, connection: Connection) -> None:
        """Roll back what was not committed, and let the next transaction have the connection."""
        connection.rollback()
        if connection.is_well:
            self._idle[engine].append(connection)
        else:
            self._discard(connection)
        self._turns[engine].release()

    async def _connect(self, engine: sa.Engine) -> Connection:
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(self._threads, Connection, engine, self._threads)

        def opened(done: asyncio.Future[Connection]) -> None:
            if done.exception() is None:
                self._open.add(done.result())
                if cancelled:
                    self._idle[engine].append(done.result())

        cancelled = False
        opening.add_done_callback(opened)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            cancelled = True
            raise

    def _discard(self, connection: Connection) -> None:
        # One that a thread still works on, because its task was thrown away with its loop, is left for the end.
        if not connection.is_away:
            self._open.discard(connection)
            self._threads.submit(connection.close)


class _Transaction:
    # A class, as a generator for each transaction would cost a tenth of a small one.
    __slots__ = ("_connection", "_engine", "_file", "_how", "_session")

    def __init__(self, file: File, engine: sa.Engine, how: str) -> None:
        self._file = file
        self._engine = engine
        self._how = how

    async def __aenter__(self) -> Session:
        self._connection = await self._file.take(self._engine)
        try:
            await self._connection.begin(self._how)
        except BaseException:
            self._file.give_back(self._engine, self._connection)
            raise
        self._session = Session(self._connection)
        return self._session

    async def __aexit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        self._session.end()
        try:
            if error is None and self._engine is self._file.writer:
                await self._connection.commit()
        finally:
            self._file.give_back(self._engine, self._connection)


class _Retry:
    """Turns at something another process has locked, until it takes too long."""

    def __init__(self) -> None:
        self._until = perf_counter() + BUSY_SECONDS
        self._wait = _SHORTEST_WAIT

    async def after(self, error: sa.exc.OperationalError) -> None:
        """Wait a moment; raises the error where it is another one, and where this was tried for long enough."""
        if _code(error) != sqlite3.SQLITE_BUSY or perf_counter() > self._until:
            raise error
        # By chance, lest two processes that write all the time keep step with each other.
        await asyncio.sleep(self._wait * random.uniform(0.5, 1.5))  # noqa: S311
        self._wait = min(1.5 * self._wait, _LONGEST_WAIT)


def _code(error: sa.exc.DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _many(parameters: Parameters | None) -> bool:
    return isinstance(parameters, Sequence) and len(parameters) > MANY


async def _wait_for(turn: asyncio.Semaphore) -> None:
    if not turn.locked():
        await turn.acquire()
        return
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await turn.acquire()
    except TimeoutError:
        raise sa.exc.TimeoutError(f"the database was in use for {TURN_SECONDS:.0f} s") from None


def _engine(url: URL, *, query_only: bool) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=sa.NullPool,
        # Without an isolation level the driver leaves it to us when a transaction begins.
        connect_args={
            "check_same_thread": False,
            "factory": _Driver,
            "isolation_level": None,
            "timeout": BUSY_SECONDS,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: Any) -> None:
        if not query_only:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA query_only={'ON' if query_only else 'OFF'}")
        connection.execute("PRAGMA busy_timeout=0")

    return engine
