"""A backup with something in each table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backups.instances import fill, make_backup
from tests.databases import Database, MakeDatabase


@pytest.fixture(scope="session")
async def demo(make_database: MakeDatabase) -> Database:
    """An instance on SQLite with something in each table. It stays as it is."""
    database = make_database("sqlite")
    await fill(database)
    return database


@pytest.fixture(scope="session")
async def demo_backup(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of `demo`."""
    return await make_backup(demo, tmp_path_factory.mktemp("backup") / "demo.zip")
