"""The connections of one process to a PostgreSQL server, and what it means when the server goes away.

asyncpg reports a lost server in many ways: as an OSError while it connects, as an error without a class of its own
in the middle of a statement, by an SQLSTATE while the server starts or stops. Here all of them are OperationalErrors.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

from taskhub.turns import Turns

#: SQLSTATEs (PostgreSQL manual, appendix A) of connections that end through no fault of the client's. asyncpg gives
#: those of class 08 itself, and SQLAlchemy calls them no disconnect where the connection was not made yet.
_LOST = {
    "08000",  # connection_exception
    "08001",  # sqlclient_unable_to_establish_sqlconnection
    "08003",  # connection_does_not_exist
    "08006",  # connection_failure
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "53300",  # too_many_connections
}


#: Connections of all processes of one `taskhub serve`: a PostgreSQL has 100 unless told otherwise.
_ALL = 72
_LEAST, _MOST = 6, 24


def connections(processes: int) -> int:
    """How many connections each of so many processes opens at most."""
    return max(_LEAST, min(_MOST, _ALL // processes))


class CommitUnanswered(sa.exc.OperationalError):
    """The server went away while it committed: whether the change was made is not known."""


class Server:
    """The connections of one process to a PostgreSQL server. Where it does not answer: OperationalError."""

    def __init__(self, url: URL, processes: int = 1) -> None:
        # The one used last again: it has its statements prepared. All are kept that were ever needed: to open one and
        # prepare them costs as much as several commands.
        self._writer = create_async_engine(
            url,
            pool_size=connections(processes),
            max_overflow=0,
            pool_timeout=60,
            pool_use_lifo=True,
            # They are what somebody wrote, and an error's words go to the log.
            hide_parameters=True,
        )
        self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._at_once = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        self._turns = Turns()
        # The reader's events are the writer's too.
        self.pools = {"all": cast(QueuePool, self._writer.pool)}
        self.engines: tuple[sa.Engine, ...] = (self._writer.sync_engine,)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A read-only transaction that sees one moment."""
        async with self._session(self._reader) as session:
            yield session

    @contextlib.asynccontextmanager
    async def read_once(self) -> AsyncIterator[AsyncSession]:
        """For one statement that reads: without a transaction around it, which would be two more ways to the server."""
        async with self._session(self._at_once) as session:
            yield session

    @contextlib.asynccontextmanager
    async def write(self, turn: str | None = None) -> AsyncIterator[AsyncSession]:
        """A writing transaction: committed at the end, or rolled back. Raises CommitUnanswered too."""
        waited = contextlib.nullcontext() if turn is None else self._turns.take(turn)
        async with waited, self._write() as session:
            yield session

    @contextlib.asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncSession]:
        async with self._session(self._writer) as session:
            yield session
            try:
                with _lost_is_operational():
                    await session.commit()
            except sa.exc.OperationalError as error:
                raise CommitUnanswered(error.statement, error.params, error.orig or error) from error

    @contextlib.asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        # The end of the session too: its rollback may be what finds the server gone.
        with _lost_is_operational():
            async with AsyncSession(engine, expire_on_commit=False) as session:
                await _connect(session)
                yield session

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()


async def _connect(session: AsyncSession) -> None:
    try:
        await session.connection()
    except OSError as error:
        raise sa.exc.OperationalError(None, None, error) from error


@contextlib.contextmanager
def _lost_is_operational() -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        lost = error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _LOST
        if not lost or isinstance(error, sa.exc.OperationalError):
            raise
        raise sa.exc.OperationalError(
            error.statement, error.params, error.orig or error, connection_invalidated=error.connection_invalidated
        ) from error
