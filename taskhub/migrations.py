"""Bringing a database to the newest schema, and saying whether it is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.config import Settings, migrations_dir

#: Any number will do, as long as no other program uses it in the same PostgreSQL database.
_ADVISORY_LOCK = 7_245_117_301


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    return config


def newest() -> str:
    """The newest revision this code knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in {migrations_dir()}")
    return head


def knows(revision: str) -> bool:
    """Whether this code can bring a database of that revision to the newest."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def take_turn(connection: sa.Connection) -> None:
    """Wait, on PostgreSQL, until no other process migrates or restores, and keep others waiting until the commit."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


async def migrate(settings: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade (or, for `base` and older revisions, downgrade) to `revision`; the revisions before and after.

    Two processes that start at once take turns. A failure leaves the database as it was.
    """
    if settings.database_url is None:
        settings.make_data_dir()
    engine = create_async_engine(settings.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_migrate, revision)
    finally:
        await engine.dispose()


def _migrate(connection: sa.Connection, revision: str) -> tuple[str | None, str | None]:
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.isolation_level = None  # the BEGIN below is ours
        for pragma in ("busy_timeout=60000", "journal_mode=WAL", "foreign_keys=OFF"):
            connection.exec_driver_sql(f"PRAGMA {pragma}").close()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        take_turn(connection)
    config = _config()
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision()
    if before is not None and not knows(before):
        raise SchemaError(
            f"The database is at revision {before}, which this version of TaskHub does not know: "
            "it was made by a newer one. Install that version."
        )
    if revision == "head" or before is None:
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)
    after = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return before, after


class SchemaError(Exception):
    """The database is at another schema than this version needs; the text is one line for the operator."""


async def ensure(settings: Settings) -> None:
    """Make the tables of a database that has none; raise SchemaError for one at another revision."""
    revision = await current(settings)
    if revision is None:
        await migrate(settings)
    elif revision != newest():
        raise SchemaError(
            f"The database is at revision {revision}, this version of TaskHub needs {newest()}: run taskhub migrate."
        )


async def current(settings: Settings) -> str | None:
    """The revision the database is at; None for an empty one."""
    if settings.database_url is None and not (settings.data_dir / "taskhub.sqlite3").exists():
        return None
    engine = create_async_engine(settings.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()
