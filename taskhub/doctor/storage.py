"""The database: whether it answers, what it is set to, at which schema it is, and its clock. All of it only reads."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import migrations
from taskhub.config import Settings
from taskhub.doctor.model import Finding, ok, problem, warning
from taskhub.postgres import connections
from taskhub.tables import metadata

T = TypeVar("T")

#: Seconds by which two clocks may differ, and by which they may differ at most.
APART, FAR_APART = 1.0, 30.0
#: Seconds after which a database that does not answer is given up.
PATIENCE = 10
_OLDEST_POSTGRES = 13
_SHOWN = ("server_version", "max_connections", "superuser_reserved_connections", "fsync", "synchronous_commit")
_MOST_NAMED = 5


async def reading(settings: Settings, look: Callable[[sa.Connection], T]) -> T:
    """What a function finds on a connection, in one read-only transaction that sees one moment.

    Raises what the drivers raise where the database does not answer, FileNotFoundError where there is none.
    """
    if settings.database_url is None:
        with _file(settings) as connection:
            return look(connection)
    engine = create_async_engine(settings.url, connect_args={"timeout": PATIENCE})
    try:
        async with engine.connect() as server:
            server = await server.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await server.run_sync(look)
    finally:
        await engine.dispose()


@contextlib.contextmanager
def _file(settings: Settings) -> Iterator[sa.Connection]:
    path = settings.data_dir / "taskhub.sqlite3"
    path.stat()

    def connect() -> sqlite3.Connection:
        # Read-only for SQLite itself: nothing here can change the file.
        found = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None)
        found.execute("BEGIN")
        return found

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def schema(connection: sa.Connection) -> Finding:
    """Whether the tables are those of this version."""
    found, newest = MigrationContext.configure(connection).get_current_revision(), migrations.newest()
    if found == newest:
        missing = metadata.tables.keys() - set(sa.inspect(connection).get_table_names())
        if missing:
            return problem("schema.incomplete", revision=newest, missing=", ".join(sorted(missing)))
        return ok("schema.good", revision=newest)
    if found is None:
        return problem("schema.none", newest=newest)
    return problem("schema.behind" if migrations.knows(found) else "schema.newer", revision=found, newest=newest)


def sqlite(connection: sa.Connection) -> Iterator[Finding]:
    """SQLite's own look at its file, and how it is kept."""
    wrong = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_NAMED})")]
    if wrong != ["ok"]:
        yield problem("database.damaged", why="; ".join(wrong))
        return
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if journal != "wal":
        yield warning("database.journal", mode=journal)
    astray = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_MOST_NAMED)
    if astray:
        where = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in astray}))
        yield problem("database.orphans", where=where)
    yield ok("database.good", name=f"SQLite {sqlite3.sqlite_version}")


def postgres(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """Version, what it is set to, its clock, and whether all workers get their connections."""
    shown = {
        name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        for name in (
            "server_version",
            "max_connections",
            "superuser_reserved_connections",
            "fsync",
            "synchronous_commit",
        )
    }
    version = str(shown["server_version"]).split()[0]
    if int(version.partition(".")[0]) < _OLDEST_POSTGRES:
        yield warning("database.old", version=version, oldest=_OLDEST_POSTGRES)
    for name in ("fsync", "synchronous_commit"):
        if shown[name] == "off":
            yield warning("database.unsafe", name=name)
    most = int(shown["max_connections"]) - int(shown["superuser_reserved_connections"])
    needed = connections(settings.workers) * settings.workers
    others = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
        "AND datname IS DISTINCT FROM current_database()"
    ).scalar_one()
    facts = {"most": most, "needed": needed, "workers": settings.workers, "others": others}
    if needed > most:
        yield problem("database.connections", **facts)
    elif needed + others > most:
        yield warning("database.connections", **facts)
    yield ok("database.good", name=f"PostgreSQL {version}")


def clock(connection: sa.Connection) -> Finding:
    """This machine's clock beside the database's and the newest event."""
    if connection.dialect.name == "postgresql":
        theirs = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        apart = abs((datetime.now(UTC) - theirs).total_seconds())
        if apart > APART:
            said = problem if apart > FAR_APART else warning
            return said("clock.apart", seconds=f"{apart:.1f}")
    newest = connection.exec_driver_sql(
        "SELECT max(e.at) FROM projects p JOIN events e ON e.project_id = p.id AND e.seq = p.seq"
    ).scalar_one()
    if newest is not None:
        at = newest if isinstance(newest, datetime) else datetime.fromisoformat(str(newest))
        ahead = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
        if ahead > APART:
            said = problem if ahead > FAR_APART else warning
            return said("clock.behind", seconds=f"{ahead:.0f}", at=at.isoformat(timespec="seconds"))
    return ok("clock.good")
