"""Whether what commands keep beside the log agrees with the tables: the figures of the charts, and the inboxes."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from taskhub.dashboards.model import ALL, BOARD, FLOW, NOBODY, PEOPLE, figures
from taskhub.doctor.model import Finding, problem
from taskhub.notifications.model import UNREAD, inbox_events, inboxes, notifications
from taskhub.projects.model import projects
from taskhub.tasks.model import assignees, live, tasks

#: A number's kind, project, state and person.
_Key = tuple[str, int, str, str]

_THERE = sa.select(tasks.c.project_id, tasks.c.state, sa.literal(NOBODY), sa.func.count()).group_by(
    tasks.c.project_id, tasks.c.state
)
_ALL, _BOARD = _THERE.where(tasks.c.deleted_at.is_(None)), _THERE.where(live())
_PERSON = sa.func.coalesce(assignees.c.user_id, NOBODY)
_PEOPLE = (
    sa.select(tasks.c.project_id, tasks.c.state, _PERSON, sa.func.count())
    .outerjoin(assignees, sa.and_(assignees.c.project_id == tasks.c.project_id, assignees.c.number == tasks.c.number))
    .where(live())
    .group_by(tasks.c.project_id, tasks.c.state, _PERSON)
)
# What the days say together: for FLOW all that there is now, for the others what stands without a day.
_KEPT = (
    sa.select(
        figures.c.kind, figures.c.project_id, figures.c.state, figures.c.person, sa.func.sum(figures.c.n).label("n")
    )
    .where(figures.c.kind.in_((ALL, BOARD, PEOPLE, FLOW)))
    .group_by(figures.c.kind, figures.c.project_id, figures.c.state, figures.c.person)
)
_UNREAD = (
    sa.select(notifications.c.user_id, sa.func.count().label("n"))
    .where(UNREAD)
    .group_by(notifications.c.user_id)
    .subquery()
)
_TOLD = (
    sa.select(
        inbox_events.c.user_id,
        sa.func.count().label("n"),
        sa.func.min(inbox_events.c.seq).label("first"),
        sa.func.max(inbox_events.c.seq).label("last"),
    )
    .group_by(inbox_events.c.user_id)
    .subquery()
)
_INBOXES = (
    sa.select(
        inboxes.c.user_id,
        inboxes.c.unread,
        inboxes.c.seq,
        sa.func.coalesce(_UNREAD.c.n, 0).label("there"),
        sa.func.coalesce(_TOLD.c.n, 0).label("events"),
        sa.func.coalesce(_TOLD.c.first, 1).label("first"),
        sa.func.coalesce(_TOLD.c.last, 0).label("last"),
    )
    .outerjoin(_UNREAD, _UNREAD.c.user_id == inboxes.c.user_id)
    .outerjoin(_TOLD, _TOLD.c.user_id == inboxes.c.user_id)
    .order_by(inboxes.c.user_id)
)


def charts(connection: sa.Connection) -> Iterator[Finding]:
    """Numbers of the charts that are not what the tasks say."""
    keys = {row.id: row.key for row in connection.execute(sa.select(projects.c.id, projects.c.key))}
    there: dict[_Key, int] = {}
    for kinds, query in (((ALL, FLOW), _ALL), ((BOARD,), _BOARD), ((PEOPLE,), _PEOPLE)):
        for project_id, state, person, count in connection.execute(query):
            there.update({(kind, project_id, state, person): count for kind in kinds})
    kept = {(row.kind, row.project_id, row.state, row.person): int(row.n) for row in connection.execute(_KEPT)}
    for key in sorted(there.keys() | kept.keys()):
        said, real = kept.get(key, 0), there.get(key, 0)
        if said != real:
            kind, project_id, state, _ = key
            yield problem("log.figures", key=keys[project_id], state=state, kind=kind, said=said, there=real)


def inbox_counts(connection: sa.Connection) -> Iterator[Finding]:
    """Inboxes whose count or whose log is not what is in them."""
    for row in connection.execute(_INBOXES):
        if row.unread != row.there:
            yield problem("log.unread", user=row.user_id, said=row.unread, there=row.there)
        if row.events and (row.last != row.seq or row.events != row.last - row.first + 1):
            yield problem("log.inbox", user=row.user_id, head=row.seq, last=row.last, count=row.events)
