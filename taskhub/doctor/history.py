"""Whether the log of each project is whole, and the tables are what it tells.

Everything is read row by row or in small parts: a million events take some seconds, and no more memory than a few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from taskhub import integrity
from taskhub.comments.model import comments
from taskhub.db import Row
from taskhub.doctor.model import Finding, ok, problem
from taskhub.doctor.projections import charts, inbox_counts
from taskhub.events.model import events
from taskhub.projects.model import projects
from taskhub.tasks.model import assignees, task_labels, tasks
from taskhub.tasks.queries import task_on_wire

#: How many findings of one kind are told, one by one.
MOST_TOLD = 10

_TOLD = (
    sa.select(*tasks.c, projects.c.key, events.c.body)
    .join(projects, projects.c.id == tasks.c.project_id)
    .join(events, sa.and_(events.c.project_id == tasks.c.project_id, events.c.seq == tasks.c.version))
    .order_by(tasks.c.project_id, tasks.c.number)
)
_LIVE_COMMENTS = (
    sa.select(comments.c.project_id, comments.c.number, sa.func.count().label("there"))
    .where(comments.c.deleted_at.is_(None))
    .group_by(comments.c.project_id, comments.c.number)
    .subquery()
)
_MISCOUNTED = (
    sa.select(projects.c.key, tasks.c.number, tasks.c.comment_count, _LIVE_COMMENTS.c.there)
    .join(projects, projects.c.id == tasks.c.project_id)
    .outerjoin(
        _LIVE_COMMENTS,
        sa.and_(_LIVE_COMMENTS.c.project_id == tasks.c.project_id, _LIVE_COMMENTS.c.number == tasks.c.number),
    )
    .where(tasks.c.comment_count != sa.func.coalesce(_LIVE_COMMENTS.c.there, 0), tasks.c.deleted_at.is_(None))
    .order_by(projects.c.key, tasks.c.number)
)


@dataclass(slots=True)
class _Told:
    """Findings, of each kind only the first."""

    counts: dict[str, int]

    def some(self, found: Iterator[Finding]) -> Iterator[Finding]:
        for each in found:
            self.counts[each.code] += 1
            if self.counts[each.code] <= MOST_TOLD:
                yield each

    def rest(self) -> Iterator[Finding]:
        for code, count in self.counts.items():
            if count > MOST_TOLD:
                yield problem("log.more", count=count - MOST_TOLD, code=code)


def history(connection: sa.Connection) -> Iterator[Finding]:
    """All that is wrong between the log and the tables; else one finding that says how much was read."""
    told = _Told(defaultdict(int))
    heads = integrity.heads(connection)
    for look in (_gaps(connection, heads), _beyond(connection), _unheard(connection), _other(connection)):
        yield from told.some(look)
    for look in (_miscounted(connection), charts(connection), inbox_counts(connection), _unreadable(connection)):
        yield from told.some(look)
    yield from told.rest()
    if not told.counts:
        yield ok("log.good", projects=len(heads), events=sum(row.events for row in heads))


def _gaps(connection: sa.Connection, heads: Sequence[Row]) -> Iterator[Finding]:
    for row in heads:
        if not integrity.reaches_head(row):
            yield problem("log.head", key=row.key, head=row.seq, last=row.last or 0)
        if integrity.has_gap(row):
            before = sa.func.lag(events.c.seq).over(order_by=events.c.seq).label("before")
            run = sa.select(events.c.seq, before).where(events.c.project_id == row.id).subquery()
            gaps = sa.select(run).where(run.c.seq != run.c.before + 1).order_by(run.c.seq).limit(MOST_TOLD)
            for gap in connection.execute(gaps).all():
                yield problem("log.gap", key=row.key, first=gap.before + 1, last=gap.seq - 1)


def _beyond(connection: sa.Connection) -> Iterator[Finding]:
    for row in integrity.beyond(connection):
        yield problem("log.beyond", key=row.key, what=row.what, version=row.version, head=row.seq)


def _unheard(connection: sa.Connection) -> Iterator[Finding]:
    for row in integrity.unheard(connection):
        heard = "–" if row.heard is None else row.heard
        yield problem("log.version", ref=f"{row.key}-{row.number}", version=row.version, heard=heard)


def _other(connection: sa.Connection) -> Iterator[Finding]:
    """Tasks that are not what the log last said of them."""
    with connection.execute(_TOLD.execution_options(yield_per=integrity.AT_ONCE)) as found:
        for part in found.partitions():
            for of, rows in groupby(part, key=lambda row: row.project_id):
                yield from _compare(connection, of, list(rows))


def _compare(connection: sa.Connection, project_id: int, rows: list[Any]) -> Iterator[Finding]:
    people, marks = (
        _links(connection, table, column, project_id, rows[0].number, rows[-1].number)
        for table, column in ((assignees, "user_id"), (task_labels, "label_id"))
    )
    for row in rows:
        said = _task_in(row.body)
        if said is None:
            continue  # told of as an event that is not what it should be
        is_so = task_on_wire(row, row.key, people[row.number], marks[row.number])
        # What a later version adds to a task is not in its older events.
        differ = sorted(name for name in said.keys() & is_so.keys() if said[name] != is_so[name])
        # A tombstone lets go of people and labels that are gone, and of its state, without an event.
        if row.deleted_at is not None:
            differ = [name for name in differ if name not in ("state", "assignees", "labels")]
        if differ:
            ref = f"{row.key}-{row.number}"
            yield problem("log.differs", ref=ref, version=row.version, fields=", ".join(differ))


def _task_in(body: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)["task"]
    except (ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, dict) else None


def _links(
    connection: sa.Connection, table: sa.Table, column: str, project_id: int, first: int, last: int
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = sa.select(table.c.number, table.c[column]).where(
        table.c.project_id == project_id, table.c.number.between(first, last)
    )
    for number, value in connection.execute(query.order_by(table.c.number, table.c.rank)):
        found[number].append(value)
    return found


def _miscounted(connection: sa.Connection) -> Iterator[Finding]:
    for row in integrity.streamed(connection, _MISCOUNTED):
        ref, there = f"{row.key}-{row.number}", row.there or 0
        yield problem("log.comments", ref=ref, said=row.comment_count, there=there)


def _unreadable(connection: sa.Connection) -> Iterator[Finding]:
    for row in integrity.unreadable(connection):
        yield problem("log.event", key=row.key, seq=row.seq)
