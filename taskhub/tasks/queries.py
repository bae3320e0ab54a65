"""Reading tasks, and the board's snapshot."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.errors import not_found
from taskhub.projects.model import project_on_wire
from taskhub.projects.queries import labels_of, members_of
from taskhub.tasks.model import assignees, live, task_labels, tasks
from taskhub.workflow.queries import kept_workflow

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
    row = (await session.execute(_ONE, {"project": project.id, "number": number})).one_or_none()
    if row is None:
        raise not_found(f"There is no task {project.key}-{number}.")
    return task_on_wire(row, project.key, _in_their_order(row.people), _in_their_order(row.marks))


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
    """The project's tasks under the conditions, as on the wire; two queries however many.

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

    def of(table: sa.Table) -> sa.Select[Any]:
        query = _linked(table).where(table.c.project_id == project.id)
        if numbers is not None:
            return query.where(table.c.number.in_(numbers))
        same = sa.and_(tasks.c.project_id == table.c.project_id, tasks.c.number == table.c.number)
        return query.join(tasks, same).where(mine)

    links = _by_number(await session.execute(_in_order(of(assignees), of(task_labels))))
    return [task_on_wire(row, project.key, *links.get(row.number, _NONE)) for row in rows]


async def on_wire_in_projects(session: AsyncSession, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Tasks of several projects as on the wire, in the order given; one query however many.

    `rows` have a task's columns and its project's `key`.
    """
    if not rows:
        return []
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        wanted[row.project_id].append(row.number)

    def of(table: sa.Table) -> sa.Select[Any]:
        # Pairs in one list would be looked for through the whole table on SQLite.
        each = (sa.and_(table.c.project_id == id_, table.c.number.in_(numbers)) for id_, numbers in wanted.items())
        return _linked(table).add_columns(table.c.project_id.label("project")).where(sa.or_(*each))

    links: defaultdict[tuple[int, int], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for row in await session.execute(_in_order(of(assignees), of(task_labels))):
        links[row.project, row.task][row.is_label].append(row.id)
    return [task_on_wire(row, row.key, *links.get((row.project_id, row.number), _NONE)) for row in rows]


#: The assignees and the labels of a task that has neither.
_NONE: tuple[list[str], list[str]] = ([], [])


def _linked(table: sa.Table) -> sa.Select[Any]:
    """What a table links to tasks: `task, is_label, id, place`."""
    is_label = table is task_labels
    id_ = table.c.label_id if is_label else table.c.user_id
    return sa.select(
        table.c.number.label("task"),
        sa.literal(int(is_label)).label("is_label"),
        id_.label("id"),
        table.c.rank.label("place"),
    )


def _in_order(people: sa.Select[Any], marks: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    return sa.union_all(people, marks).order_by("task", "is_label", "place")


def _by_number(rows: sa.Result[Any]) -> Mapping[int, tuple[list[str], list[str]]]:
    linked: defaultdict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for row in rows:
        linked[row.task][row.is_label].append(row.id)
    return linked


#: Part of the statement: as a value it would be put into the text of the statement each time it is run.
_COMMA: Any = sa.literal_column("','")


def _joined(table: sa.Table) -> sa.ScalarSelect[str | None]:
    """What a table links to the one task that is asked for, in one text; see `_in_their_order`."""
    id_ = table.c.label_id if table is task_labels else table.c.user_id
    each = sa.cast(table.c.rank, sa.String) + " " + id_
    of = (table.c.project_id == sa.bindparam("project"), table.c.number == sa.bindparam("number"))
    return sa.select(sa.func.aggregate_strings(each, _COMMA)).where(*of).scalar_subquery()


def _in_their_order(joined: str | None) -> list[str]:
    """The ids of `RANK ID,RANK ID…`: in which order an aggregate takes rows no database promises."""
    if joined is None:
        return []
    ranked = [each.split(" ") for each in joined.split(",")]
    return [id_ for _, id_ in sorted((int(rank), id_) for rank, id_ in ranked)]


# Asked by every command on a task: one statement, made once, as making one takes several times as long as running it.
_ONE = sa.select(tasks, _joined(assignees).label("people"), _joined(task_labels).label("marks")).where(
    tasks.c.project_id == sa.bindparam("project"),
    tasks.c.number == sa.bindparam("number"),
    tasks.c.deleted_at.is_(None),
)
_COUNTS = (
    sa.select(tasks.c.state, sa.func.count())
    .where(
        tasks.c.project_id == sa.bindparam("project"), tasks.c.state.in_(sa.bindparam("states", expanding=True)), live()
    )
    .group_by(tasks.c.state)
)


async def count_by_state(session: AsyncSession, project_id: int, states: Collection[str]) -> Mapping[str, int]:
    """How many live tasks stand in each of the states; one without any is absent."""
    if not states:
        return {}
    rows = await session.execute(_COUNTS, {"project": project_id, "states": list(states)})
    return {row[0]: row[1] for row in rows}


async def board(session: AsyncSession, project: Row) -> dict[str, Any]:
    """The snapshot of the board at one moment: `{log, seq, project, workflow, members, labels, tasks}`."""
    found = [task async for part in _on_board(session, project) for task in part]
    return {**await _board_but_tasks(session, project), "tasks": found}


async def board_as_json(session: AsyncSession, project: Row) -> bytes:
    """The snapshot, serialised; of a large board in parts, between which others run."""
    head = orjson.dumps(await _board_but_tasks(session, project))
    parts = [orjson.dumps(part)[1:-1] async for part in _on_board(session, project)]
    return b'%b,"tasks":[%b]}' % (head[:-1], b",".join(parts))


async def _board_but_tasks(session: AsyncSession, project: Row) -> dict[str, Any]:
    workflow = await kept_workflow(session, project)
    return {
        "log": project.log,
        "seq": project.seq,
        "project": project_on_wire(project),
        "workflow": workflow.on_wire(),
        "members": await members_of(session, project.id),
        "labels": await labels_of(session, project.id),
    }


#: Tasks of a board that are read at once: some ten milliseconds, then others run.
PART = 250


async def _on_board(session: AsyncSession, project: Row) -> AsyncIterator[list[dict[str, Any]]]:
    """The board's tasks by state and position, in parts of which none is empty."""
    place = (tasks.c.state, tasks.c.position)
    beyond: sa.ColumnElement[bool] = sa.true()
    while part := await load_tasks(session, project, live(), beyond, order=place, limit=PART):
        yield part
        if len(part) < PART:
            return
        beyond = sa.tuple_(*place) > sa.tuple_(part[-1]["state"], part[-1]["position"])
