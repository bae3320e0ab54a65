"""A private SQLite database at any revision, in a temporary folder.

It says which tables and columns a revision has; a backup loaded into it is known to restore; and a backup of an
older revision is migrated in it before anything of the instance is touched.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError

from taskhub import migrations
from taskhub.backups.archive import Archive
from taskhub.backups.errors import BackupError
from taskhub.backups.rows import Lines, batches
from taskhub.config import Settings
from taskhub.db import UtcDateTime

#: Tables that no backup has, each with the reason.
LEFT_OUT = {
    "alembic_version": "the manifest says the revision",
    "access": "a counter by which running processes see each other's changes",
    "presence": "who is there now",
}


class Scratch:
    """The database; `scratch` is the way to one. `tables` are in an order in which rows may be inserted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = sa.create_engine(settings.url.set(drivername="sqlite"))
        self.tables = self._reflect()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to what was loaded."""
        with self._engine.connect() as connection:
            yield connection

    def load(self, archive: Archive) -> None:
        """Fill the database with a backup of its revision. Raises BackupError where its rows do not fit together."""
        if wrong := sorted({table.name for table in self.tables} ^ archive.manifest.tables.keys()):
            raise archive.broken("manifest.json", f"the table {wrong[0]} is missing, or is none of its revision")
        with _room(), self._engine.connect() as connection:
            for pragma in ("foreign_keys=OFF", "synchronous=OFF"):
                connection.exec_driver_sql(f"PRAGMA {pragma}").close()
            for table in self.tables:
                for rows in batches(archive.rows(table.name, Lines(table))):
                    try:
                        connection.execute(sa.insert(table), rows)
                    except IntegrityError as error:
                        raise archive.broken(f"tables/{table.name}.jsonl", str(error.orig)) from None
            connection.commit()
            astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if astray is not None:
            raise archive.broken(f"tables/{astray[0]}.jsonl", f"row {astray[1]} refers to nothing in {astray[2]}")

    async def upgrade(self) -> None:
        """Bring it to the newest revision."""
        self._engine.dispose()
        with _room():
            await migrations.migrate(self._settings)
        self.tables = self._reflect()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _reflect(self) -> list[sa.Table]:
        metadata = sa.MetaData()
        metadata.reflect(self._engine)
        tables = [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]
        for column in (column for table in tables for column in table.columns):
            # As the models have it, so that each database reads and writes them in its own way.
            if isinstance(column.type, sa.DateTime):
                column.type = UtcDateTime()
            elif isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
            else:
                column.type = column.type.as_generic()
        return tables


@contextlib.asynccontextmanager
async def scratch(revision: str) -> AsyncIterator[Scratch]:
    """An empty database at a revision; it is deleted at the end. Raises BackupError where there is no room for it."""
    with contextlib.ExitStack() as lifetime:
        with _room():
            folder = tempfile.TemporaryDirectory(prefix="taskhub-", ignore_cleanup_errors=True)
            settings = Settings(data_dir=Path(lifetime.enter_context(folder)))
            await migrations.migrate(settings, revision)
            made = Scratch(settings)
        lifetime.callback(made.close)
        yield made


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError) as error:
        what = error.strerror if isinstance(error, OSError) else error.orig
        raise BackupError(
            f"Can't check the backup in {tempfile.gettempdir()}: {what}. TMPDIR names another folder."
        ) from None
