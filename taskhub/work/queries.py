"""Reading what one person has to do, and how their projects stand, over all projects at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.events.model import events
from taskhub.people.model import users
from taskhub.projects.model import label_on_wire, labels, members, project_on_wire, projects
from taskhub.tasks.model import assignees, live, tasks
from taskhub.tasks.queries import on_wire_in_projects
from taskhub.workflow.model import OPEN_CATEGORIES, states

_IN_ITS_STATE = sa.and_(states.c.project_id == tasks.c.project_id, states.c.id == tasks.c.state)
# Asked of each task: joined, PostgreSQL would begin with the states of every project as long as they are few.
_CATEGORY = sa.select(states.c.category).where(_IN_ITS_STATE).correlate(tasks).scalar_subquery()
_IS_OPEN = sa.and_(live(), _CATEGORY.in_(OPEN_CATEGORIES))


class Place(NamedTuple):
    """Where a task stands in the order of somebody's work: by due date, those without one last."""

    due: str | None
    key: str
    number: int


async def work_of(
    session: AsyncSession, user_id: str, *, after: Place | None, limit: int
) -> tuple[list[dict[str, Any]], Place | None]:
    """A page of the open tasks assigned to a user in the user's projects; and the place of the last where more follow.

    Open is what stands on a board in a state of the categories backlog, todo and doing.
    """
    in_project = sa.tuple_(projects.c.key, tasks.c.number)
    query = (
        sa.select(*tasks.c, projects.c.key)
        .select_from(assignees)
        .join(tasks, sa.and_(tasks.c.project_id == assignees.c.project_id, tasks.c.number == assignees.c.number))
        .join(projects, projects.c.id == tasks.c.project_id)
        .join(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == assignees.c.user_id))
        .where(assignees.c.user_id == user_id, _IS_OPEN, projects.c.deleted_at.is_(None))
        .order_by(tasks.c.due.is_(None), tasks.c.due, projects.c.key, tasks.c.number)
        .limit(limit + 1)
    )
    if after is not None:
        beyond = in_project > (after.key, after.number)
        if after.due is None:
            query = query.where(tasks.c.due.is_(None), beyond)
        else:
            query = query.where(
                sa.or_(
                    tasks.c.due.is_(None),
                    tasks.c.due > after.due,
                    sa.and_(tasks.c.due == after.due, beyond),
                )
            )
    rows = (await session.execute(query)).all()
    page = rows[:limit]
    last = page[-1] if len(rows) > limit else None
    return await on_wire_in_projects(session, page), Place(last.due, last.key, last.number) if last else None


async def overview_of(
    session: AsyncSession, user_id: str, *, after: str | None, limit: int, now: datetime, today: str
) -> tuple[list[dict[str, Any]], Sequence[Row], str | None]:
    """A page of a user's projects by key, each with how it stands and the cursor from which to follow it; the
    projects' rows; and the next key's predecessor where more follow.

    A day is late before `today` (`YYYY-MM-DD`), a moment before `now`. As many queries however many projects.
    """
    query = (
        sa.select(*projects.c, members.c.role, events.c.at.label("active_at"), users.c.name.label("active_by"))
        .join(members, members.c.project_id == projects.c.id)
        .outerjoin(events, sa.and_(events.c.project_id == projects.c.id, events.c.seq == projects.c.seq))
        .outerjoin(users, users.c.id == events.c.actor_id)
        .where(members.c.user_id == user_id, projects.c.deleted_at.is_(None))
        .order_by(projects.c.key)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(projects.c.key > after)
    rows = (await session.execute(query)).all()
    page = rows[:limit]
    ids = [row.id for row in page]
    counted = await _states(session, ids) if ids else {}
    late = await _late(session, ids, now, today) if ids else {}
    mine = await _mine(session, user_id) if ids else {}
    marks = await _labels(session, ids) if ids else {}
    items = [
        project_on_wire(row)
        | {
            "role": row.role,
            "log": row.log,
            "seq": row.seq,
            "states": counted[row.id],
            "labels": marks[row.id],
            "late": late.get(row.id, 0),
            "mine": mine.get(row.id, 0),
            "active_at": clock.wire(row.active_at) if row.active_at is not None else None,
            "active_by": row.active_by,
        }
        for row in page
    ]
    return items, page, str(page[-1].key) if len(rows) > limit else None


async def _states(session: AsyncSession, project_ids: Sequence[int]) -> Mapping[int, list[dict[str, Any]]]:
    """The states of each project in their order, with how many tasks stand there."""
    count = (
        sa.select(sa.func.count())
        .select_from(tasks)
        .where(_IN_ITS_STATE, live())
        .correlate(states)
        .scalar_subquery()
        .label("count")
    )
    query = sa.select(*states.c, count).where(states.c.project_id.in_(project_ids)).order_by(states.c.rank)
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await session.execute(query):
        found[row.project_id].append({"id": row.id, "name": row.name, "category": row.category, "count": row[-1]})
    return found


async def _labels(session: AsyncSession, project_ids: Sequence[int]) -> Mapping[int, list[dict[str, Any]]]:
    """The labels of each project, by name."""
    query = sa.select(labels).where(labels.c.project_id.in_(project_ids)).order_by(labels.c.name)
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await session.execute(query):
        found[row.project_id].append(label_on_wire(row))
    return found


async def _late(session: AsyncSession, project_ids: Sequence[int], now: datetime, today: str) -> Mapping[int, int]:
    moment = clock.wire(now)
    is_day = sa.func.length(tasks.c.due) == len(today)
    query = (
        sa.select(tasks.c.project_id, sa.func.count())
        .where(
            tasks.c.project_id.in_(project_ids),
            tasks.c.due < max(moment, today),
            sa.case((is_day, tasks.c.due < today), else_=tasks.c.due < moment),
            _IS_OPEN,
        )
        .group_by(tasks.c.project_id)
    )
    return _by_project(await session.execute(query))


async def _mine(session: AsyncSession, user_id: str) -> Mapping[int, int]:
    query = (
        sa.select(assignees.c.project_id, sa.func.count())
        .join(tasks, sa.and_(tasks.c.project_id == assignees.c.project_id, tasks.c.number == assignees.c.number))
        .where(assignees.c.user_id == user_id, _IS_OPEN)
        .group_by(assignees.c.project_id)
    )
    return _by_project(await session.execute(query))


def _by_project(rows: sa.Result[*tuple[Any, ...]]) -> Mapping[int, int]:
    return {row[0]: row[1] for row in rows}
