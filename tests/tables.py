"""What stands in an instance's tables, past the API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Database as Tables
from taskhub.events.model import events
from taskhub.projects.model import projects
from tests.databases import Database
from tests.store import Event


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[AsyncSession]:
    """A session that sees one moment."""
    tables = Tables(make_url(database.url))
    try:
        async with tables.read() as session:
            yield session
    finally:
        await tables.close()


async def whole_log(session: AsyncSession, key: str) -> list[Event]:
    """Every event of a project, also of a deleted one."""
    query = (
        sa.select(events.c.seq, events.c.body)
        .join(projects, projects.c.id == events.c.project_id)
        .where(projects.c.key == key)
        .order_by(events.c.seq)
    )
    found = [(row.seq, json.loads(row.body)) for row in await session.execute(query)]
    assert all(seq == event["seq"] for seq, event in found)
    return [event for _, event in found]
