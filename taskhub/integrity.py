"""What the log of each project promises, as questions to a database: the answers are rows that break a promise.

The questions name no column that came later than the first migration: a backup of any revision can be asked. Rows are
read in small parts, whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from taskhub.db import Row
from taskhub.events.model import events
from taskhub.projects.model import projects
from taskhub.tasks.model import tasks

#: Rows that are read at once.
AT_ONCE = 500

_HEADS = (
    sa.select(
        projects.c.key,
        projects.c.id,
        projects.c.seq,
        sa.func.count(events.c.seq).label("events"),
        sa.func.min(events.c.seq).label("first"),
        sa.func.max(events.c.seq).label("last"),
    )
    .outerjoin(events, events.c.project_id == projects.c.id)
    .group_by(projects.c.id, projects.c.key, projects.c.seq)
    .order_by(projects.c.key)
)
_VERSIONS = sa.text("""
SELECT p.key, x.what, x.version, p.seq FROM projects p JOIN (
    SELECT project_id, 'comment ' || id AS what, version FROM comments
    UNION ALL SELECT project_id, 'label ' || id, version FROM labels
    UNION ALL SELECT project_id, 'member ' || user_id, version FROM members
    UNION ALL SELECT id, 'project', version FROM projects
    UNION ALL SELECT id, 'workflow', workflow_version FROM projects
) x ON x.project_id = p.id
WHERE x.version > p.seq ORDER BY p.key
""")
_HEARD = (
    sa.select(events.c.project_id, events.c.number, sa.func.max(events.c.seq).label("heard"))
    .where(events.c.number.is_not(None))
    .group_by(events.c.project_id, events.c.number)
    .subquery()
)
_ASTRAY = (
    sa.select(projects.c.key, tasks.c.number, tasks.c.version, _HEARD.c.heard)
    .join(projects, projects.c.id == tasks.c.project_id)
    .outerjoin(_HEARD, sa.and_(_HEARD.c.project_id == tasks.c.project_id, _HEARD.c.number == tasks.c.number))
    .where(
        sa.or_(
            tasks.c.number > projects.c.last_number,
            _HEARD.c.heard != tasks.c.version,
            # Its last event may be older than what is kept of the log.
            sa.and_(
                _HEARD.c.heard.is_(None),
                tasks.c.version
                >= sa.select(sa.func.coalesce(sa.func.min(events.c.seq), 0))
                .where(events.c.project_id == tasks.c.project_id)
                .scalar_subquery(),
            ),
        )
    )
    .order_by(projects.c.key, tasks.c.number)
)
_EVENTS = (
    sa.select(projects.c.key, events.c.seq, events.c.type, events.c.body)
    .join(projects, projects.c.id == events.c.project_id)
    .order_by(events.c.project_id, events.c.seq)
)


def heads(connection: sa.Connection) -> Sequence[Row]:
    """Of each project `key`, `id`, the head `seq` of its log, and what is there of it: `events`, `first`, `last`."""
    return connection.execute(_HEADS).all()


def reaches_head(head: Any) -> bool:
    """Whether the newest event of a log is the one that the project counts as such."""
    return bool((head.last or 0) == head.seq)


def has_gap(head: Any) -> bool:
    """Whether a log lacks events. It may begin late, but then has everything."""
    return bool(head.events and (head.first < 1 or head.events != head.last - head.first + 1))


def beyond(connection: sa.Connection) -> Iterator[Any]:
    """What has a `version` that the log, which ends at `seq`, has not reached: `what` of the project `key`."""
    return streamed(connection, _VERSIONS)


def unheard(connection: sa.Connection) -> Iterator[Any]:
    """Tasks (`key`, `number`) of another `version` than the log says: it `heard` of them last then, or never (None)."""
    return streamed(connection, _ASTRAY)


def unreadable(connection: sa.Connection) -> Iterator[Any]:
    """Events (`key`, `seq`) whose body is none, or that of another event."""
    for row in streamed(connection, _EVENTS):
        try:
            event = orjson.loads(row.body)
            fits = (event["seq"], event["type"]) == (row.seq, row.type)
        except (ValueError, TypeError, KeyError):
            fits = False
        if not fits:
            yield row


def streamed(connection: sa.Connection, query: sa.Select[Any] | sa.TextClause) -> Iterator[Any]:
    """The rows of a query, read in small parts."""
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
        yield from rows
