"""Reading tasks, and the board's snapshot."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.errors import not_found
from taskhub.projects.model import project_on_wire
from taskhub.projects.queries import labels_of, members_of
from taskhub.tasks.model import assignees, live, task_labels, tasks
from taskhub.workflow.queries import load_workflow

_CHECK = re.compile(r"^\s{0,12}(?:[-*+]|\d{1,9}[.)])\s+\[([ xX])\](?=\s)", flags=re.MULTILINE)


def checklist(description: str) -> dict[str, int] | None:
    """How many items of the Markdown task lists are ticked: `{done, total}`, None where there are none."""
    marks = _CHECK.findall(description)
    return {"done": len(marks) - marks.count(" "), "total": len(marks)} if marks else None


def task_on_wire(row: Row, key: str, people: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """A task as the API and the log carry it."""
    return {
        "ref": f"{key}-{row.number}",
        "project": key,
        "number": row.number,
        "title": row.title,
        "description": row.description,
        "state": row.state,
        "position": row.position,
        "priority": row.priority,
        "due": row.due,
        "assignees": list(people),
        "labels": list(labels),
        "archived": bool(row.archived),
        "comment_count": row.comment_count,
        "checklist": checklist(row.description),
        "version": row.version,
        "created_at": clock.wire(row.created_at),
        "updated_at": clock.wire(row.updated_at),
        "created_by": row.created_by,
    }


async def load_task(session: AsyncSession, project: Row, number: int) -> dict[str, Any]:
    """One task as on the wire. Raises Problem `not_found` for none and for a deleted one."""
    found = await load_tasks(session, project, tasks.c.number == number)
    if not found:
        raise not_found(f"There is no task {project.key}-{number}.")
    return found[0]


async def load_tombstone(session: AsyncSession, project: Row, number: int) -> dict[str, Any] | None:
    """A deleted task as on the wire, as it was and as far as its people and labels are still known; else None."""
    found = await load_tasks(session, project, tasks.c.number == number, deleted=True)
    return found[0] if found else None


async def load_tasks(
    session: AsyncSession,
    project: Row,
    *wanted: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[Any]] = (tasks.c.number,),
    limit: int | None = None,
    deleted: bool = False,
) -> list[dict[str, Any]]:
    """The project's tasks under the conditions, as on the wire; three queries however many.

    None of them is a deleted one, or with `deleted` each of them is.
    """
    there = tasks.c.deleted_at.is_not(None) if deleted else tasks.c.deleted_at.is_(None)
    where = sa.and_(tasks.c.project_id == project.id, there, *wanted)
    rows = (await session.execute(sa.select(tasks).where(where).order_by(*order).limit(limit))).all()
    if not rows:
        return []
    if len(rows) == 1 or limit is not None:
        mine: sa.ColumnElement[bool] = sa.true()
        numbers: Sequence[int] | None = [row.number for row in rows]
    else:
        mine, numbers = where, None
    people = await _linked(session, project, assignees, assignees.c.user_id, numbers, mine)
    marks = await _linked(session, project, task_labels, task_labels.c.label_id, numbers, mine)
    return [task_on_wire(row, project.key, people.get(row.number, ()), marks.get(row.number, ())) for row in rows]


async def _linked(
    session: AsyncSession,
    project: Row,
    table: sa.Table,
    column: sa.Column[str],
    numbers: Sequence[int] | None,
    mine: sa.ColumnElement[bool],
) -> Mapping[int, list[str]]:
    query = sa.select(table.c.number, column).where(table.c.project_id == project.id)
    if numbers is not None:
        query = query.where(table.c.number.in_(numbers))
    else:
        query = query.join(
            tasks, sa.and_(tasks.c.project_id == table.c.project_id, tasks.c.number == table.c.number)
        ).where(mine)
    linked: defaultdict[int, list[str]] = defaultdict(list)
    for number, value in await session.execute(query.order_by(table.c.number, table.c.rank)):
        linked[number].append(value)
    return linked


async def count_by_state(session: AsyncSession, project_id: int) -> Mapping[str, int]:
    """How many live tasks stand in each state; a state without any is absent."""
    query = (
        sa.select(tasks.c.state, sa.func.count())
        .where(tasks.c.project_id == project_id, live())
        .group_by(tasks.c.state)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def board(session: AsyncSession, project: Row) -> dict[str, Any]:
    """The snapshot of the board at one moment: `{log, seq, project, workflow, members, labels, tasks}`."""
    workflow = await load_workflow(session, project)
    return {
        "log": project.log,
        "seq": project.seq,
        "project": project_on_wire(project),
        "workflow": workflow.on_wire(),
        "members": await members_of(session, project.id),
        "labels": await labels_of(session, project.id),
        "tasks": await load_tasks(session, project, live(), order=(tasks.c.state, tasks.c.position)),
    }
