"""The database: tables' common ground, connections, and everything in which SQLite and PostgreSQL differ.

Reads run in a read-only transaction that sees one moment (REPEATABLE READ on PostgreSQL, one deferred BEGIN in
WAL mode on SQLite); writes run under READ COMMITTED on PostgreSQL and under BEGIN IMMEDIATE, one at a time in a
process, on SQLite. An acknowledged write outlives a power cut: WAL with synchronous=FULL.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import QueuePool

from taskhub.postgres import CommitUnanswered, Server
from taskhub.sqlite import File

__all__ = [
    "ByteOrdered",
    "CommitUnanswered",
    "Database",
    "Row",
    "UtcDateTime",
    "in_parts",
    "metadata",
    "new_id",
    "write_rows",
]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Text that sorts by its bytes on every database (SQLite's default collation does; PostgreSQL's "C" does).
ByteOrdered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

#: A row of any query.
Row = sa.Row[*tuple[Any, ...]]

T = TypeVar("T")

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


#: Rows that are written at once: some milliseconds, then others run.
_AT_ONCE = 250


async def write_rows(session: AsyncSession, statement: sa.Executable, rows: Iterable[Mapping[str, Any]]) -> None:
    """Run a statement for each of many rows, some hundreds at a time; between them others run."""
    left = iter(rows)
    while part := list(itertools.islice(left, _AT_ONCE)):
        await session.execute(statement, part)
        if len(part) == _AT_ONCE:
            await asyncio.sleep(0)


#: Values that one statement is given at most: PostgreSQL's protocol counts them in 15 bits, and one may stand twice.
MOST_VALUES = 5_000


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """The values for `IN`, as many at a time as one statement may be given."""
    left = iter(values)
    while part := list(itertools.islice(left, MOST_VALUES)):
        yield part


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no zones, keeps it naive in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def new_id() -> str:
    """A fresh opaque id: 16 characters, 80 random bits."""
    bits = int.from_bytes(secrets.token_bytes(10))
    return "".join([_PAIRS[bits >> shift & 1023] for shift in range(0, 80, 10)])


class Database:
    """The connections of one process. Open it inside the event loop that will use it; `close` it there too.

    Transactions of one process that write wait for each other on SQLite. Raises what SQLAlchemy raises where the
    database does not answer: OperationalError, InterfaceError, TimeoutError; and CommitUnanswered, an OperationalError,
    where a change may have been made all the same.
    """

    def __init__(self, url: URL, processes: int = 1) -> None:
        """`processes` is how many share what connections a PostgreSQL server has."""
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._backend: File | Server = File(url) if self.is_sqlite else Server(url, processes)

    @property
    def engines(self) -> Sequence[sa.Engine]:
        """What the statements of reads and writes pass through, for who listens to them."""
        return self._backend.engines

    @property
    def pools(self) -> Mapping[str, QueuePool]:
        """The connections by what they are for."""
        return self._backend.pools

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session in a read-only transaction that sees the database at one moment."""
        return self._backend.read()

    def read_once(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session for one statement that reads, which sees the database at one moment by itself."""
        return self._backend.read_once()

    def write(self, turn: str | None = None) -> AbstractAsyncContextManager[AsyncSession]:
        """A session in a writing transaction: committed at the end, rolled back by an exception.

        Those of this process that name the same `turn` come one after another. Who would wait for a row's lock all the
        same waits here, without a connection.
        """
        return self._backend.write(turn)

    async def ping(self) -> None:
        """Raise whatever the driver raises where the database does not answer."""
        async with self.read() as session:
            await session.execute(sa.select(1))

    async def close(self) -> None:
        """Close every connection."""
        await self._backend.close()
