"""Backups and databases of other revisions: migrated on the way, or refused with what to do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from taskhub import clock, migrations
from taskhub.backups.commands import back_up
from taskhub.backups.errors import BackupError
from taskhub.backups.scratch import scratch
from tests.backups.instances import content, members, pack, restore_into, retell, settings, tables, without
from tests.databases import Database, MakeDatabase


async def of_revision(revision: str, backup: Path, path: Path) -> Path:
    """The backup as that revision would have made it, in another file."""
    found = members(backup)
    manifest = orjson.loads(found["manifest.json"]) | {"revision": revision, "tables": {}}
    older = {}
    async with scratch(revision) as there:
        for table in there.tables:
            columns = [str(column.name) for column in table.columns]
            rows = [orjson.loads(line) for line in found[f"tables/{table.name}.jsonl"].splitlines()]
            older[f"tables/{table.name}.jsonl"] = b"".join(
                orjson.dumps({name: row[name] for name in columns}) + b"\n" for row in rows
            )
            none = hashlib.sha256().hexdigest()
            manifest["tables"][str(table.name)] = {"columns": columns, "rows": 0, "bytes": 0, "sha256": none}
    return pack(path, retell({**older, "manifest.json": orjson.dumps(manifest)}))


async def test_a_backup_of_an_older_revision_is_migrated(
    fresh_database: Database, demo: Database, demo_backup: Path, tmp_path: Path
) -> None:
    path = await of_revision("0001", demo_backup, tmp_path / "older.zip")
    assert "tables/invites.jsonl" not in members(path)
    await restore_into(fresh_database, path)
    found, before = await content(fresh_database), await content(demo)
    # What that revision did not know; reminders and figures follow from what it had.
    unknown = ("invites", "inbox_events", "notifications", "watches", "mutes", "past_states", "wallboards")
    assert [found[name] for name in unknown] == [[]] * len(unknown)
    assert without(found, "inboxes", "sessions", *unknown) == without(before, "inboxes", "sessions", *unknown)


async def test_a_database_of_an_older_revision_is_backed_up_before_it_is_migrated(
    database_kind: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    database = make_database(database_kind, migrated=False)
    await migrations.migrate(settings(database), "0001")
    user = {"id": "a", "email": "a@b.co", "name": "A", "is_admin": True, "created_at": clock.now()}
    insert = "INSERT INTO users (id, email, name, is_admin, created_at) VALUES (:id, :email, :name, :is_admin, :at)"
    async with tables(database) as db, db.write() as session:
        at = sa.bindparam("at", type_=sa.DateTime(timezone=True))
        await session.execute(sa.text(insert).bindparams(at), {**user, "at": user["created_at"]})
    made = await back_up(settings(database), str(tmp_path / "it.zip"))
    assert (made.revision, made.counts["users"]) == ("0001", 1)
    with pytest.raises(migrations.SchemaError, match="taskhub migrate"):
        await restore_into(database, tmp_path / "it.zip", replace=True)
    fresh = make_database(database_kind, migrated=False)
    await restore_into(fresh, tmp_path / "it.zip")
    assert await migrations.current(settings(fresh)) == migrations.newest()
    assert (await content(fresh))["users"] == [{**user, "password_hash": None}]


async def test_what_a_newer_version_made_is_left_alone(
    make_database: MakeDatabase, demo_backup: Path, tmp_path: Path
) -> None:
    database = make_database("sqlite")
    await restore_into(database, demo_backup)
    async with tables(database) as db, db.write() as session:
        await session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BackupError, match=r"9999.*newer"):
        await back_up(settings(database), str(tmp_path / "it.zip"))
    with pytest.raises(migrations.SchemaError, match="9999"):
        await restore_into(database, demo_backup, replace=True)
    assert list(tmp_path.iterdir()) == []


async def test_where_there_is_nothing_to_back_up(
    database_kind: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    database = make_database(database_kind, migrated=False)
    with pytest.raises(BackupError, match="nothing to back up"):
        await back_up(settings(database), str(tmp_path / "it.zip"))
    assert list(tmp_path.iterdir()) == list(database.data_dir.iterdir()) == []
