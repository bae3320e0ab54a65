"""Every query has its index: how SQLite and PostgreSQL say they would carry out what the requests ask of them."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
import sqlalchemy as sa

from taskhub.tables import metadata
from tests.databases import Database, MakeDatabase
from tests.queries.world import REQUESTS, Statement, follow, statements, tell, world

#: A part of a query → why it may go through a whole table.
SCANS = {
    "FROM access": "the table has one row",
    "FROM inbox_events JOIN inboxes": "all inboxes, once an hour; of each only what goes",
    "password_hash IS NOT NULL": "it stops at the first account that somebody can sign in to",
}
#: A part of a query → why its rows are sorted each time.
SORTS = {
    "FROM members": "a project's members, or a person's projects",
    "FROM projects JOIN members": "a person's projects",
    "FROM projects JOIN tasks ON tasks.project_id = projects.id": "what a search finds, the best first",
    "FROM labels": "a project's labels",
    "FROM states": "a workflow's states",
    "FROM transitions": "a workflow's transitions",
    "FROM invites": "a project's open invites",
    "FROM assignees": "the people and the labels of the tasks of one answer; what one person has to do",
}
#: A part of a query → why it may go through all that a project has in one of the tables that GROW.
OF_A_PROJECT = {
    "tasks.archived IS 0 ORDER BY": "a board has every task that stands on it",
    "assignees.user_id = ?": "somebody leaves: once, and not often",
    "FROM notifications WHERE notifications.project_id = ? AND notifications.read_at IS NULL": "a project is deleted",
    "notifications.project_id = ? AND notifications.read_at IS NULL RETURNING": "a project is deleted",
    "tasks.deleted_at IS NULL ORDER BY tasks.number": "an import looks for what came before",
    "FROM projects JOIN tasks ON tasks.project_id = projects.id": "a search looks within all words",
    "FROM events WHERE events.project_id = ? AND events.type IN": "an import looks for what was changed since",
}
GROW = ("tasks", "events", "comments", "assignees", "task_labels", "notifications", "inbox_events", "watches")

#: (table, columns) that refer to another table without an index of their own → why.
NO_INDEX = {
    ("tasks", "project_id", "state"): "asked when a workflow loses a state; each move would write another index",
    ("transitions", "project_id", "to_state"): "a workflow has few",
}


async def asked(database: Database) -> list[Statement]:
    """Each different statement that a request of every route, and a follower, ask of an instance with much in it."""
    found: dict[str, Statement] = {}
    async with world(database, tasks=1000, people=50) as there:
        with statements(there.app) as seen:
            await follow(there)
            await tell(there)
            for call in REQUESTS:
                await there.send(*call)
        for sql, parameters in seen:
            found.setdefault(sql, (sql, parameters))
    assert len(found) > 60
    return list(found.values())


async def test_every_query_has_its_index_on_sqlite(make_database: MakeDatabase) -> None:
    database = make_database("sqlite")
    queries = await asked(database)
    # A plan that is cached would outlive its index.
    file = sqlite3.connect(database.data_dir / "taskhub.sqlite3", cached_statements=0)
    with contextlib.closing(file) as connection:
        assert unexplained_on_sqlite(connection, queries) == []
        # And it would be seen.
        for index in ("ix_events_task", "ix_comments_task", "ix_members_user_id", "uq_tasks_live_position"):
            (there,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
            connection.execute(f"DROP INDEX {index}")
            assert unexplained_on_sqlite(connection, queries) != [], index
            connection.execute(there)


def unexplained_on_sqlite(connection: sqlite3.Connection, queries: list[Statement]) -> list[str]:
    """The queries that go through a whole table, or a whole project, or sort, without a reason."""
    found = []
    for sql, parameters in queries:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters):
            reasons: Mapping[str, str] | None = None
            if re.match(r"SCAN (?!(\d+ )?CONSTANT ROW|\(subquery)", step):
                reasons = SCANS
            elif re.match(rf"SEARCH ({'|'.join(GROW)}) .*\(project_id=\?\)$", step):
                reasons = OF_A_PROJECT
            elif step.startswith("USE TEMP B-TREE"):
                reasons = SORTS
            if reasons is not None and not is_explained(sql, reasons):
                found.append(f"{step}: {plain(sql)}")
    return found


async def test_every_query_has_its_index_on_postgresql(make_database: MakeDatabase) -> None:
    database = make_database("postgresql")
    queries = await asked(database)
    connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
    try:
        await connection.execute("ANALYZE")
        # What goes through a whole table all the same has no index that would do.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            await connection.execute(f"SET enable_{way} = off")
        assert await unexplained_on_postgresql(connection, queries) == []
        # And it would be seen.
        await connection.execute("DROP INDEX ix_members_user_id, ix_comments_task")
        assert await unexplained_on_postgresql(connection, queries) != []
    finally:
        await connection.close()


async def unexplained_on_postgresql(connection: asyncpg.Connection, queries: list[Statement]) -> list[str]:
    """The queries that go through a whole table, or a whole index, without a reason."""
    found = []
    for sql, parameters in queries:
        (plan,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *parameters))
        for node in steps(plan["Plan"]):
            whole_index = "Index" in node["Node Type"] and "Index Cond" not in node
            if (node["Node Type"] == "Seq Scan" or whole_index) and not is_explained(sql, SCANS):
                found.append(f"{node}: {plain(sql)}")
    return found


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's steps."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from steps(below)


def plain(sql: str) -> str:
    """On one line."""
    return " ".join(sql.split())


def is_explained(sql: str, reasons: Mapping[str, str]) -> bool:
    """Whether one of the reasons is for this query."""
    return any(part in plain(sql) for part in reasons)


def test_what_refers_to_another_table_is_found_from_there() -> None:
    """Else deleting there, and the check of it, goes through all that refers."""
    missing = set()
    for table in metadata.tables.values():
        begins = [table.primary_key.columns, *(index.columns for index in table.indexes if not is_conditional(index))]
        begins += [one.columns for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
        for constraint in table.foreign_key_constraints:
            columns = tuple(constraint.column_keys)
            if not any({column.name for column in list(begin)[: len(columns)]} == {*columns} for begin in begins):
                missing.add((table.name, *columns))
    assert missing == set(NO_INDEX)


def is_conditional(index: sa.Index) -> bool:
    """Whether the index has some of the rows alone."""
    return index.dialect_options["sqlite"].get("where") is not None
