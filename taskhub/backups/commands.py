"""Backups made, checked and restored."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import clock, migrations
from taskhub.backups import files, replacing, snapshot
from taskhub.backups.archive import Manifest, opened
from taskhub.backups.checks import trouble
from taskhub.backups.errors import BackupError, Damaged
from taskhub.backups.files import Pending
from taskhub.backups.scratch import Scratch, scratch
from taskhub.config import Settings

T = TypeVar("T")
#: Rows by table.
Counts = Mapping[str, int]

#: Stands for standard output, or input, in place of a file's name.
STANDARD = "-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made or read."""

    made_at: str
    taskhub: str
    revision: str
    counts: Counts
    #: Bytes of the file.
    size: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What `restore` did, or would do."""

    backup: Backup
    #: What was there before.
    replaced: Counts
    #: Where that is kept.
    kept: Path | None


async def back_up(settings: Settings, file: str, *, force: bool = False) -> Backup:
    """Write a backup of one moment, read it back, and restore it into a scratch database, before it gets its name.

    Raises BackupError. Where what the database itself holds does not fit together, the backup is kept all the same.
    """
    revision = await _revision(settings)
    with _target(file, force=force) as pending:
        async with scratch(revision) as rehearsal:

            def copy(connection: sa.Connection) -> Manifest:
                snapshot.begin_snapshot(connection)
                return snapshot.write(connection, rehearsal.tables, revision, pending)

            manifest = await _on_database(settings, copy)
            with opened(pending.path, file) as archive:
                archive.read_back()
                try:
                    rehearsal.load(archive)
                    wrong = trouble(rehearsal)
                except Damaged as error:
                    # As it was written: so it stands in the database.
                    wrong = f"{error.member}: {error.what}"
        made = _told(manifest, pending.path)
        if file != STANDARD:
            pending.keep(force=force)
    if wrong is not None:
        raise BackupError(f"{file} shows what the database holds, but that does not fit together: {wrong}.")
    return made


async def verify(file: str) -> Backup:
    """Read a backup, restore it into a scratch database, and change nothing. Raises BackupError."""
    async with _loaded(file) as (backup, _):
        return backup


async def restore(
    settings: Settings, file: str, *, replace: bool = False, keep: bool = True, dry_run: bool = False
) -> Restored:
    """Make the database hold what a backup has, in one transaction, after everything was checked. Raises BackupError.

    Where the database holds something already it must be replaced (`replace`); that goes into a backup of its own in
    the data folder, unless `keep` is False.
    """
    async with _loaded(file) as (backup, loaded):
        counts: Counts = {}
        if await migrations.current(settings) is not None:
            await migrations.ensure(settings)
            counts = await _on_database(settings, lambda connection: replacing.counts(connection, loaded.tables))
        if dry_run:
            return Restored(backup, counts, None)
        _refuse(counts, replace)
        await migrations.ensure(settings)
        settings.make_data_dir()
        stamp = clock.now().strftime("%Y%m%dT%H%M%S.%fZ")
        kept = settings.data_dir / f"replaced-{stamp}.zip" if keep else None
        return await _on_database(settings, lambda connection: _replace(connection, backup, loaded, replace, kept))


def _replace(connection: sa.Connection, backup: Backup, loaded: Scratch, replace: bool, kept: Path | None) -> Restored:
    replacing.lock(connection)
    # What came meanwhile counts too: from here on nothing comes.
    counts = replacing.counts(connection, loaded.tables)
    _refuse(counts, replace)
    if kept is not None and any(counts.values()):
        with files.pending(kept, force=False) as pending:
            snapshot.write(connection, loaded.tables, migrations.newest(), pending)
            with opened(pending.path, str(kept)) as archive:
                archive.read_back()
            replacing.replace(connection, loaded)
            pending.keep(force=False)
    else:
        kept = None
        replacing.replace(connection, loaded)
    connection.commit()
    return Restored(backup, counts, kept)


def _refuse(counts: Counts, replace: bool) -> None:
    if any(counts.values()) and not replace:
        raise BackupError(
            f"The database holds {words(counts)}: restore into an empty one, or replace all of it with --replace."
        )


@contextlib.asynccontextmanager
async def _loaded(file: str) -> AsyncIterator[tuple[Backup, Scratch]]:
    """A backup that was checked, loaded, and brought to the newest revision."""
    named = "standard input" if file == STANDARD else file
    with _source(file) as path, opened(path, named) as archive:
        manifest = archive.manifest
        if not migrations.knows(manifest.revision):
            raise BackupError(
                f"{named} was made by a newer TaskHub ({manifest.taskhub[:20]}, revision {manifest.revision}): "
                "restore it with that version."
            )
        async with scratch(manifest.revision) as loaded:
            loaded.load(archive)
            if wrong := trouble(loaded):
                raise BackupError(f"{named} shows a database that does not fit together: {wrong}. Take another backup.")
            if manifest.revision != migrations.newest():
                await loaded.upgrade()
            yield _told(manifest, path), loaded


async def _revision(settings: Settings) -> str:
    revision = await migrations.current(settings)
    if revision is None:
        raise BackupError(f"There is nothing to back up: {_shown(settings)} holds no TaskHub.")
    if not migrations.knows(revision):
        raise BackupError(f"The database is at revision {revision}, which a newer TaskHub made: use that version.")
    return revision


async def _on_database(settings: Settings, work: Callable[[sa.Connection], T]) -> T:
    engine = create_async_engine(settings.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@contextlib.contextmanager
def _target(file: str, *, force: bool) -> Iterator[Pending]:
    made = files.to_standard_output() if file == STANDARD else files.pending(Path(file), force=force)
    with made as pending:
        yield pending


@contextlib.contextmanager
def _source(file: str) -> Iterator[Path]:
    if file == STANDARD:
        with files.from_standard_input() as path:
            yield path
    else:
        yield Path(file)


def _told(manifest: Manifest, path: Path) -> Backup:
    counts = {name: part.rows for name, part in manifest.tables.items()}
    return Backup(manifest.made_at, manifest.taskhub, manifest.revision, counts, path.stat().st_size)


def _shown(settings: Settings) -> str:
    url = settings.url
    return url.render_as_string(hide_password=True) if settings.database_url else str(url.database)


def words(counts: Counts) -> str:
    """What a database or a backup holds, for people: `2 projects, 5,009 tasks, 31,000 events`."""
    named = {"users": "accounts", "projects": "projects", "tasks": "tasks", "comments": "comments", "events": "events"}
    return ", ".join(
        f"{counts.get(name, 0):,} {word[:-1] if counts.get(name) == 1 else word}" for name, word in named.items()
    )
