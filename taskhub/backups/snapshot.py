"""Everything a database holds at one moment, written as a backup."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from taskhub import clock
from taskhub.backups.archive import Manifest, Writer
from taskhub.backups.errors import BackupError
from taskhub.backups.files import Pending
from taskhub.backups.rows import AT_ONCE, Lines


def begin_snapshot(connection: sa.Connection) -> None:
    """Begin a read-only transaction that sees one moment and keeps no writer waiting."""
    if connection.dialect.name == "sqlite":
        begin_sqlite(connection, "BEGIN")
        connection.exec_driver_sql("PRAGMA query_only=ON").close()
    else:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def begin_sqlite(connection: sa.Connection, begin: str) -> None:
    """Begin a transaction on SQLite by this statement; the driver has no say in it."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.isolation_level = None
    for pragma in ("busy_timeout=60000", "synchronous=FULL", "foreign_keys=ON"):
        connection.exec_driver_sql(f"PRAGMA {pragma}").close()
    connection.exec_driver_sql(begin).close()


def write(connection: sa.Connection, tables: Sequence[sa.Table], revision: str, pending: Pending) -> Manifest:
    """Write what the connection's transaction sees, row by row. Raises BackupError."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found != revision:
        raise BackupError(f"The database was migrated to {found} just now: try again.")
    moment = clock.now()
    writer = Writer(pending.file)
    try:
        for table in tables:
            lines = Lines(table)
            writer.table(table.name, lines.columns, _lines(connection, table, lines, moment))
        manifest = writer.finish(
            taskhub=importlib.metadata.version("taskhub"),
            revision=revision,
            made_at=clock.wire(moment),
            database=connection.dialect.name,
        )
    except BaseException:
        writer.abandon()
        raise
    pending.sync()
    return manifest


def _lines(connection: sa.Connection, table: sa.Table, lines: Lines, moment: datetime) -> Iterator[bytes]:
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    with connection.execute(query) as rows:
        for row in rows:
            # Sessions that have run out open nothing any more.
            if table.name != "sessions" or row.expires_at > moment:
                yield lines.write(row)
