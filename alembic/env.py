"""Runs migrations over the async engine, under `taskhub migrate` and under the alembic command alike."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.config import Settings
from taskhub.tables import metadata


def run(connection: sa.Connection) -> None:
    """Migrate over an open connection, all steps in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our column type into a new migration as plain SQLAlchemy: a migration outlives the code."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


async def connect_and_run() -> None:
    """The way of the alembic command, which brings no connection."""
    settings = Settings.from_environ()
    if settings.database_url is None:
        settings.make_data_dir()
    engine = create_async_engine(settings.url)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


given: sa.Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(connect_and_run())
