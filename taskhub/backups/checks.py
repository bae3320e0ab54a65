"""Whether a loaded backup keeps the promises of the log. What single tables promise, their constraints have shown."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import sqlalchemy as sa

from taskhub.backups.scratch import Scratch

# A log may begin late, but then has everything up to its head.
_LOG = """
SELECT p.key, p.seq, count(e.seq) AS events, min(e.seq) AS first, max(e.seq) AS last
FROM projects p LEFT JOIN events e ON e.project_id = p.id
GROUP BY p.id HAVING p.seq > 0 AND (last IS NOT p.seq OR first < 1 OR events <> last - first + 1) OR p.seq < events
ORDER BY p.key
"""
_VERSIONS = """
SELECT p.key, x.what, x.version, p.seq FROM projects p JOIN (
    SELECT project_id, 'task ' || number AS what, version FROM tasks
    UNION ALL SELECT project_id, 'comment ' || id, version FROM comments
    UNION ALL SELECT project_id, 'label ' || name, version FROM labels
    UNION ALL SELECT project_id, 'member ' || user_id, version FROM members
    UNION ALL SELECT id, 'project', version FROM projects
    UNION ALL SELECT id, 'workflow', workflow_version FROM projects
) x ON x.project_id = p.id
WHERE x.version > p.seq ORDER BY p.key
"""
_LAST_HEARD = """
SELECT p.key, t.number, t.version,
    (SELECT max(seq) FROM events e WHERE e.project_id = t.project_id AND e.number = t.number) AS heard
FROM tasks t JOIN projects p ON p.id = t.project_id
WHERE t.number > p.last_number OR heard IS NOT t.version AND NOT (
    heard IS NULL AND t.version < (SELECT min(seq) FROM events e WHERE e.project_id = t.project_id)
) ORDER BY p.key, t.number
"""
_EVENTS = "SELECT p.key, e.seq, e.type, e.body FROM events e JOIN projects p ON p.id = e.project_id"


def trouble(loaded: Scratch) -> str | None:
    """The first promise that is broken, in words: a log with a gap, a version that its log has not reached."""
    with loaded.reading() as connection:
        return next(_broken(connection), None)


def _broken(connection: sa.Connection) -> Iterator[str]:
    for row in connection.exec_driver_sql(_LOG):
        found = f"{row.events} events, from {row.first} to {row.last}" if row.events else "no events"
        yield f"the log of {row.key} has {found}, and its head is {row.seq}"
    for row in connection.exec_driver_sql(_VERSIONS):
        yield f"{row.what} of {row.key} is of version {row.version}, and the log ends at {row.seq}"
    for row in connection.exec_driver_sql(_LAST_HEARD):
        told = "never" if row.heard is None else f"at {row.heard} at last"
        yield f"{row.key}-{row.number} is of version {row.version}, and the log tells of it {told}"
    for row in connection.exec_driver_sql(_EVENTS):
        try:
            event = orjson.loads(row.body)
            fits = (event["seq"], event["type"]) == (row.seq, row.type)
        except (ValueError, TypeError, KeyError):
            fits = False
        if not fits:
            yield f"event {row.seq} of {row.key} is not what it should be"
