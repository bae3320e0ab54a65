"""The database: tables' common ground, connections, and everything in which SQLite and PostgreSQL differ.

Reads run in a read-only transaction that sees one moment (REPEATABLE READ on PostgreSQL, one deferred BEGIN in
WAL mode on SQLite); writes run under READ COMMITTED on PostgreSQL and under BEGIN IMMEDIATE, one at a time in a
process, on SQLite. An acknowledged write outlives a power cut: WAL with synchronous=FULL.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

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

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BUSY_MS = 15_000


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
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Database:
    """The engines of one process. Open it inside the event loop that will use it; `close` it there too."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = create_async_engine(url, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(url, pool_size=8, max_overflow=0, pool_timeout=60)
            _sqlite(self._writer, begin="BEGIN IMMEDIATE", query_only=False)
            _sqlite(self._reader, begin="BEGIN", query_only=True)
        else:
            self._writer = create_async_engine(url, pool_size=16, max_overflow=8, pool_timeout=60)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._one_writer = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session in a read-only transaction that sees the database at one moment."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in a writing transaction: committed at the end, rolled back by an exception."""
        turn = self._one_writer if self.is_sqlite else contextlib.nullcontext()
        async with turn, AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raise whatever the driver raises where the database does not answer."""
        async with self.read() as session:
            await session.execute(sa.select(1))

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def _sqlite(engine: AsyncEngine, *, begin: str, query_only: bool) -> None:
    # The driver's own idea of when a transaction begins is switched off: `begin` below says it.
    @sa.event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        if not query_only:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA query_only={'ON' if query_only else 'OFF'}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)
