"""What a database holds, replaced by a loaded backup in one transaction, also under servers that run meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from taskhub import migrations
from taskhub.backups.errors import BackupError
from taskhub.backups.rows import AT_ONCE, batches
from taskhub.backups.scratch import Scratch
from taskhub.backups.snapshot import begin_sqlite
from taskhub.db import new_id
from taskhub.live.model import presence
from taskhub.notifications.model import inboxes
from taskhub.people.model import access, sessions
from taskhub.projects.model import projects
from taskhub.tables import metadata

#: Milliseconds that each attempt waits for the commands that run just now. The first are shorter than the second
#: after which PostgreSQL ends one of two that wait for each other: we give way. A vacuum gives way after it.
_PATIENCE = (700, 700, 700, 5_000, 5_000, 10_000)
_CANCELED = "57014"

Rows = Iterable[dict[str, Any]]


def lock(connection: sa.Connection) -> None:
    """Begin a transaction in which nobody else writes; readers go on with what was there. Raises BackupError."""
    if connection.dialect.name == "sqlite":
        begin_sqlite(connection, "BEGIN IMMEDIATE")
        return
    names = ", ".join(table.name for table in metadata.sorted_tables)
    for patience in _PATIENCE:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {patience}")
        try:
            migrations.take_turn(connection)
            connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
        except DBAPIError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) != _CANCELED:
                raise
        else:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            return
    raise BackupError("The database is too busy to be replaced: stop the server, and try again.")


def replace(connection: sa.Connection, backup: Scratch) -> None:
    """Replace everything, in a transaction that `lock` has begun.

    Every project and every inbox gets a new `log` id, and the access counter grows: running servers tell their
    clients to fetch what they show anew, and look again at who may follow what. An id of a project that is there stays
    that project's, since they know projects by their ids. Who is signed in stays so, where the backup has the account.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found != migrations.newest():
        raise BackupError(f"The database is at revision {found}: run taskhub migrate first.")
    occupied = any(counts(connection, backup.tables).values())
    ids = _project_ids(connection, backup)
    kept = [dict(row._mapping) for row in connection.execute(sa.select(sessions))] if occupied else None
    connection.execute(sa.delete(presence).where(presence.c.project_id.not_in(ids.values())))
    for table in reversed(backup.tables):
        connection.execute(sa.delete(metadata.tables[table.name]))
    with backup.reading() as source:
        accounts = set(source.exec_driver_sql("SELECT id FROM users").scalars())
        for table in backup.tables:
            rows: Rows = (
                {str(name): value for name, value in row._mapping.items()}
                for row in source.execute(sa.select(table).execution_options(yield_per=AT_ONCE))
            )
            if table.name == sessions.name and kept is not None:
                rows = (row for row in kept if row["user_id"] in accounts)
            for batch in batches(_renumbered(table, rows, ids)):
                connection.execute(sa.insert(metadata.tables[table.name]), batch)
        begun = set(connection.scalars(sa.select(inboxes.c.user_id)))
        # An inbox that nobody has written to is another one too than that of the same person here.
        empty = ({"user_id": id_, "log": new_id(), "seq": 0, "unread": 0} for id_ in sorted(accounts - begun))
        for batch in batches(empty):
            connection.execute(sa.insert(inboxes), batch)
    connection.execute(sa.update(access).values(seq=access.c.seq + 1))
    if connection.dialect.name == "postgresql" and ids:
        last = max(*ids.values(), _highest_id(connection))
        connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence("projects", "id"), last)))


def counts(connection: sa.Connection, tables: Sequence[sa.Table]) -> Mapping[str, int]:
    """How many rows each of the tables has."""
    return {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[table.name])) or 0
        for table in tables
    }


def _project_ids(connection: sa.Connection, backup: Scratch) -> Mapping[int, int]:
    """The id here of each project of the backup: its own, but for one that another project here has had."""
    here = {row.key: row.id for row in connection.execute(sa.select(projects.c.key, projects.c.id))}
    with backup.reading() as source:
        there = {row.key: row.id for row in source.exec_driver_sql("SELECT key, id FROM projects ORDER BY id")}
    highest = max([_highest_id(connection), *here.values()])
    fresh = max([highest, *there.values()])
    ids = {}
    for key, id_ in there.items():
        if key in here:
            ids[id_] = here[key]
        elif id_ > highest:
            ids[id_] = id_
        else:
            fresh += 1
            ids[id_] = fresh
    return ids


def _highest_id(connection: sa.Connection) -> int:
    """The highest id that a project was given here so far, as far as the database knows."""
    if connection.dialect.name == "postgresql":
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence("projects", "id")))
        last, called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608
        return int(last) if called else 0
    return connection.scalar(sa.select(sa.func.max(projects.c.id))) or 0


def _renumbered(table: sa.Table, rows: Rows, ids: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if table.name == projects.name:
            row |= {"id": ids[row["id"]], "log": new_id()}
        elif table.name == inboxes.name:
            row |= {"log": new_id()}
        elif row.get("project_id") is not None:
            row["project_id"] = ids[row["project_id"]]
        yield row
