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
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
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


#: Connections that all processes of one `taskhub serve` keep: a PostgreSQL has 100 unless told otherwise.
_KEPT = 48
_LEAST, _MOST = 4, 16


def connections(processes: int) -> tuple[int, int]:
    """How many connections each of so many processes keeps, and how many more it opens when all are in use."""
    kept = max(_LEAST, min(_MOST, _KEPT // processes))
    return kept, kept // 2


class CommitUnanswered(sa.exc.OperationalError):
    """The server went away while it committed: whether the change was made is not known."""


class Server:
    """The connections of one process to a PostgreSQL server. Where it does not answer: OperationalError."""

    def __init__(self, url: URL, processes: int = 1) -> None:
        kept, more = connections(processes)
        # The one used last again: it has its statements prepared.
        self._writer = create_async_engine(
            url,
            pool_size=kept,
            max_overflow=more,
            pool_timeout=60,
            pool_use_lifo=True,
            # They are what somebody wrote, and an error's words go to the log.
            hide_parameters=True,
        )
        self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._turns = Turns()
        # The reader's events are the writer's too.
        self.pools = {"all": cast(QueuePool, self._writer.pool)}
        self.engines: tuple[sa.Engine, ...] = (self._writer.sync_engine,)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A read-only transaction that sees one moment."""
        # The end of the session too: its rollback may be what finds the server gone.
        with _lost_is_operational():
            async with AsyncSession(self._reader, expire_on_commit=False) as session:
                await _connect(session)
                yield session

    @contextlib.asynccontextmanager
    async def write(self, turn: str | None = None) -> AsyncIterator[AsyncSession]:
        """A writing transaction: committed at the end, or rolled back. Raises CommitUnanswered too."""
        waited = contextlib.nullcontext() if turn is None else self._turns.take(turn)
        async with waited, self._write() as session:
            yield session

    @contextlib.asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncSession]:
        with _lost_is_operational():
            async with AsyncSession(self._writer, expire_on_commit=False) as session:
                await _connect(session)
                yield session
                try:
                    with _lost_is_operational():
                        await session.commit()
                except sa.exc.OperationalError as error:
                    raise CommitUnanswered(error.statement, error.params, error.orig or error) from error

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
