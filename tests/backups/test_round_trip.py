"""What is backed up comes back, on either database, and nothing else does."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from taskhub import clock, migrations
from taskhub.backups.commands import verify
from taskhub.backups.errors import BackupError
from taskhub.backups.rows import Lines
from taskhub.backups.scratch import LEFT_OUT, scratch
from taskhub.projects.model import projects
from taskhub.tables import metadata
from tests.backups.instances import content, make_backup, members, restore_into, tables, without
from tests.databases import Database, MakeDatabase


async def test_every_table_is_in_a_backup_or_left_out_for_a_reason(demo: Database, demo_backup: Path) -> None:
    async with scratch(migrations.newest()) as empty:
        kept = {table.name for table in empty.tables}
        for table in empty.tables:
            assert Lines(table).columns == [column.name for column in metadata.tables[table.name].columns]
    assert kept | set(LEFT_OUT) == {*metadata.tables, "alembic_version"}
    assert {f"tables/{name}.jsonl" for name in kept} | {"manifest.json"} == set(members(demo_backup))
    # The demo that these tests restore has something of each.
    assert [name for name, rows in (await content(demo)).items() if not rows] == []


async def test_from_sqlite_to_postgresql_and_back(
    demo: Database, demo_backup: Path, make_database: MakeDatabase, tmp_path: Path
) -> None:
    there, back = make_database("postgresql"), make_database("sqlite")
    await restore_into(there, demo_backup)
    await restore_into(back, await make_backup(there, tmp_path / "there.zip"))
    before = await content(demo)
    now = clock.now()
    before["sessions"] = [row for row in before["sessions"] if row["expires_at"] > now]
    assert len(before["sessions"]) == 1
    for database in (there, back):
        found = await content(database)
        assert without(found) == without(before)
        assert found["presence"] == []
        assert found["access"][0]["seq"] > 0
    logs = [[row["log"] for row in (await content(database))["projects"]] for database in (demo, there, back)]
    assert len({log for some in logs for log in some}) == 3 * len(before["projects"])


async def test_the_next_project_gets_an_id_of_its_own(fresh_database: Database, demo_backup: Path) -> None:
    await restore_into(fresh_database, demo_backup)
    known = {row["key"]: row["id"] for row in (await content(fresh_database))["projects"]}
    async with tables(fresh_database) as db, db.write() as session:
        values = {"key": "NEW", "name": "New", "log": "new", "created_at": clock.now()}
        made = await session.scalar(sa.insert(projects).values(values).returning(projects.c.id))
    assert made == max(known.values()) + 1


async def test_a_project_keeps_its_id_and_takes_nobody_elses(
    fresh_database: Database, make_database: MakeDatabase, demo_backup: Path, tmp_path: Path
) -> None:
    """Running servers know projects by their ids: one must never come to mean another project."""
    await restore_into(fresh_database, demo_backup)
    before = {row["key"]: row["id"] for row in (await content(fresh_database))["projects"]}
    first, second, third = before
    other = make_database("sqlite")
    await restore_into(other, demo_backup)
    async with tables(other) as db, db.write() as session:
        # Two projects have swapped places, and in the place of the third there is one that was never here.
        for old, new in ((first, "SWAP"), (second, first), ("SWAP", second), (third, "STRANGE")):
            await session.execute(sa.update(projects).where(projects.c.key == old).values(key=new))
    await restore_into(fresh_database, await make_backup(other, tmp_path / "other.zip"), replace=True)
    found = await content(fresh_database)
    after = {row["key"]: row["id"] for row in found["projects"]}
    assert {first: after[first], second: after[second]} == {first: before[first], second: before[second]}
    assert after["STRANGE"] not in before.values()
    ids = {row["key"]: row["id"] for row in (await content(other))["projects"]}
    for name, rows in (await content(other)).items():
        if name not in LEFT_OUT and "project_id" in metadata.tables[name].c:
            for key, there in ids.items():
                moved = [row for row in found[name] if row["project_id"] == after[key]]
                assert len(moved) == len([row for row in rows if row["project_id"] == there]), (name, key)


async def test_what_is_there_is_replaced_only_if_asked_and_kept(
    fresh_database: Database, demo_backup: Path, tmp_path: Path
) -> None:
    await restore_into(fresh_database, demo_backup)
    before = await content(fresh_database)
    with pytest.raises(BackupError, match=r"holds 4 accounts, .*--replace"):
        await restore_into(fresh_database, demo_backup)
    await restore_into(fresh_database, demo_backup, replace=True, dry_run=True)
    assert await content(fresh_database) == before
    async with tables(fresh_database) as db, db.write() as session:
        await session.execute(sa.update(metadata.tables["tasks"]).values(title="Changed since"))
    before = await content(fresh_database)
    done = await restore_into(fresh_database, demo_backup, replace=True)
    assert "Changed since" not in {row["title"] for row in (await content(fresh_database))["tasks"]}
    assert done.kept is not None
    assert done.kept.parent == fresh_database.data_dir
    await restore_into(fresh_database, done.kept, replace=True, keep=False)
    assert without(await content(fresh_database)) == without(before)
    assert list(fresh_database.data_dir.glob("*.zip")) == [done.kept]
    assert list(fresh_database.data_dir.glob(".*")) == []


async def test_nobody_who_was_signed_out_is_signed_in_again(fresh_database: Database, demo_backup: Path) -> None:
    await restore_into(fresh_database, demo_backup)
    sessions, now = metadata.tables["sessions"], clock.now()
    async with tables(fresh_database) as db, db.write() as session:
        user = await session.scalar(sa.select(sessions.c.user_id))
        await session.execute(sa.delete(sessions))
        since = {"user_id": user, "created_at": now, "expires_at": now + timedelta(hours=1)}
        await session.execute(sa.insert(sessions).values(id="since", secret_hash="since", **since))
    await restore_into(fresh_database, demo_backup, replace=True)
    assert [row["id"] for row in (await content(fresh_database))["sessions"]] == ["since"]


async def test_a_backup_is_for_its_owner_alone_and_never_written_over(demo: Database, tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    path = await make_backup(demo, tmp_path / "it.zip")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    with pytest.raises(BackupError, match="--force"):
        await make_backup(demo, path)
    assert path.read_bytes() == first
    assert (await verify(str(path))).counts["projects"] == 3
    assert list(tmp_path.iterdir()) == [path]
