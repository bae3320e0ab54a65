"""Instances to back up, and what they hold."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from taskhub import clock
from taskhub.backups.commands import back_up, restore
from taskhub.config import Settings
from taskhub.db import Database as Tables
from taskhub.db import new_id
from taskhub.demo.commands import make_demo
from taskhub.tables import metadata
from tests.databases import Database

Rows = list[dict[str, Any]]
Content = dict[str, Rows]


def settings(database: Database) -> Settings:
    """The settings of an instance."""
    return Settings.from_environ(database.environment)


@asynccontextmanager
async def tables(database: Database) -> AsyncIterator[Tables]:
    """An instance's tables, for this process."""
    opened = Tables(sa.make_url(database.url))
    try:
        yield opened
    finally:
        await opened.close()


async def content(database: Database) -> Content:
    """Every row of every table, in order of the primary key."""
    async with tables(database) as db, db.read() as session:
        return {
            table.name: [
                dict(row._mapping)
                for row in await session.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


def without(found: Content, *names: str, logs: bool = False) -> Content:
    """The content but for some tables, and (unless `logs`) for the `log` ids, which each restore renews.

    So are those of inboxes; one that nobody has written to may be there or not.
    """
    kept = {name: rows for name, rows in found.items() if name not in ("access", "presence", *names)}
    if not logs:
        kept["projects"] = [{**row, "log": ""} for row in kept["projects"]]
        if "inboxes" in kept:
            kept["inboxes"] = [{**row, "log": ""} for row in kept["inboxes"] if row["seq"] > 0]
    return kept


async def fill(database: Database) -> None:
    """Put something into each table: the demo, and what it leaves empty."""
    from taskhub.app import PROJECTIONS
    from taskhub.command import Commands

    async with tables(database) as db:
        await make_demo(Commands(db, projections=PROJECTIONS))
        now = clock.now()
        async with db.write() as session:
            user = await session.scalar(sa.select(metadata.tables["users"].c.id).limit(1))
            await session.execute(
                sa.update(metadata.tables["users"]).where(sa.text("email LIKE 'dee@%'")).values(password_hash=None)
            )
            some: Mapping[str, Rows] = {
                "sessions": [
                    {
                        "id": new_id(),
                        "user_id": user,
                        "secret_hash": f"good {hours}",
                        "created_at": now,
                        "expires_at": now + timedelta(hours=hours),
                    }
                    for hours in (-1, 1)
                ],
                "tokens": [{"id": new_id(), "user_id": user, "name": "cron", "secret_hash": "x", "created_at": now}],
                "idempotency": [
                    {"user_id": user, "key": "k\u2028é", "fingerprint": "f", "answer": '{"a": 1}', "created_at": now}
                ],
                "imported": [{"project_id": 1, "source": "trello:card", "external_id": "e", "target": "1"}],
                "invites": [
                    {
                        "id": new_id(),
                        "secret_hash": "i",
                        "email": None,
                        "project_id": 2,
                        "role": "viewer",
                        "created_by": user,
                        "created_at": now,
                        "expires_at": now,
                        "used_by": None,
                        "used_at": None,
                    }
                ],
                "notifications": [
                    {
                        "id": new_id(),
                        "user_id": user,
                        "project_id": 1,
                        "number": 1,
                        "seq": 1,
                        "body": "{}",
                        "read_at": None,
                    }
                ],
                "past_states": [{"project_id": 1, "id": "gone", "name": "Gone", "category": "done"}],
                "wallboards": [
                    {
                        "id": new_id(),
                        "project_id": 1,
                        "name": "Hall",
                        "titles": True,
                        "secret_hash": "w",
                        "created_by": user,
                        "created_at": now,
                        "last_used_at": None,
                    }
                ],
                "watches": [{"project_id": 1, "number": 1, "user_id": user}],
                "mutes": [{"user_id": user, "scope": "", "reason": "moved"}],
                "presence": [
                    {
                        "process": "p",
                        "connection": 1,
                        "project_id": 1,
                        "user_id": user,
                        "at": "null",
                        "expires_at": now,
                    }
                ],
            }
            for name, rows in some.items():
                await session.execute(sa.insert(metadata.tables[name]), rows)


async def make_backup(database: Database, path: Path) -> Path:
    """A backup of an instance in a file."""
    await back_up(settings(database), str(path))
    return path


async def restore_into(database: Database, path: Path, **options: Any) -> Any:
    """Restore a backup into an instance."""
    return await restore(settings(database), str(path), **options)


Members = dict[str, bytes]


def members(path: Path) -> Members:
    """What a backup consists of, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, found: Members) -> Path:
    """A backup of these parts, as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def retell(found: Members) -> Members:
    """The parts with a manifest that tells of the tables as they are now."""
    import hashlib

    manifest = orjson.loads(found["manifest.json"])
    for name, part in manifest["tables"].items():
        data = found[f"tables/{name}.jsonl"]
        part |= {"rows": data.count(b"\n"), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {**found, "manifest.json": orjson.dumps(manifest)}


def edit(found: Members, table: str, change: Callable[[Rows], object]) -> Members:
    """The parts with other rows in one table, and a manifest that agrees with them."""
    rows = [orjson.loads(line) for line in found[f"tables/{table}.jsonl"].splitlines()]
    change(rows)
    data = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    return retell({**found, f"tables/{table}.jsonl": data})


def sqlite_rows(database: Database, query: str) -> list[Any]:
    """What a query gives on an instance on SQLite."""
    connection = sqlite3.connect(database.data_dir / "taskhub.sqlite3")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
