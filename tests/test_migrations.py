"""Models and migrations agree, and every migration goes up and down, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import migrations
from taskhub.config import Settings
from taskhub.tables import metadata
from tests.command_line import run_taskhub
from tests.databases import Database, MakeDatabase


def settings(database: Database) -> Settings:
    return Settings.from_environ(database.environment)


async def look(database: Database, question: Any) -> Any:
    engine = create_async_engine(database.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


def differences(connection: sa.Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def table_names(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


async def test_models_and_migrations_agree(fresh_database: Database) -> None:
    assert await look(fresh_database, differences) == []


async def test_the_comparison_sees_a_difference(fresh_database: Database) -> None:
    engine = create_async_engine(fresh_database.url)
    async with engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE labels ADD COLUMN forgotten INTEGER"))
        await connection.execute(sa.text("DROP INDEX ix_comments_task"))
    await engine.dispose()
    assert len(await look(fresh_database, differences)) == 2


async def test_up_and_down_and_up_again(database_kind: str, make_database: MakeDatabase) -> None:
    database = make_database(database_kind, migrated=False)
    newest = migrations.newest()
    assert await migrations.current(settings(database)) is None
    assert await migrations.migrate(settings(database)) == (None, newest)
    assert await look(database, table_names) == {*metadata.tables, "alembic_version"}
    assert await migrations.migrate(settings(database)) == (newest, newest)
    assert await migrations.migrate(settings(database), "base") == (newest, None)
    assert await look(database, table_names) == {"alembic_version"}
    assert await migrations.migrate(settings(database)) == (None, newest)
    assert await look(database, differences) == []


async def test_processes_that_migrate_at_once_take_turns(database_kind: str, make_database: MakeDatabase) -> None:
    database = make_database(database_kind, migrated=False)
    ends = await asyncio.gather(
        *(asyncio.to_thread(run_taskhub, "migrate", env=database.environment, check=False) for _ in range(3))
    )
    assert [(end.returncode, end.stderr) for end in ends] == [(0, "")] * 3
    assert await look(database, differences) == []


async def test_a_database_of_a_newer_version_is_left_alone(fresh_database: Database) -> None:
    engine = create_async_engine(fresh_database.url)
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(migrations.SchemaError, match=r"9999.*newer"):
        await migrations.migrate(settings(fresh_database))
    assert await migrations.current(settings(fresh_database)) == "9999"
