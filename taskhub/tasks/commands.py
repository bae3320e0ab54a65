"""Changing tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.db import write_rows
from taskhub.errors import Problem, invalid, not_found
from taskhub.merging import refuse_conflicts
from taskhub.people.model import User
from taskhub.projects.model import Role, labels, members
from taskhub.tasks import positions
from taskhub.tasks.model import assignees, parse_ref, task_labels, tasks
from taskhub.tasks.queries import checklist, count_by_state, load_task, load_tasks
from taskhub.unit import Unit
from taskhub.workflow.model import Refusal
from taskhub.workflow.queries import kept_workflow

#: The fields a PATCH may change, and a new task may be given.
EDITABLE = ("title", "description", "priority", "due", "assignees", "labels")


async def create(
    commands: Commands, caller: Caller, key: str, fields: Mapping[str, Any], state: str | None
) -> dict[str, Any]:
    """Make a task at the end of `state` (None: where new tasks begin).

    `fields` are some of `EDITABLE`, with at least a `title`. Raises Problem `invalid` for people or labels that are
    not the project's, `transition_not_allowed` or `wip_limit_reached` with `allowed`.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        workflow = await kept_workflow(unit.session, unit.project)
        target = state or workflow.birth_state()
        if workflow.state(target) is None:
            raise invalid("state", f"the project has no state {target!r}")
        counts = await count_by_state(unit.session, unit.project_id, workflow.limited)
        if refusal := workflow.may_create(target, counts=counts):
            raise refused(refusal)
        await _check_links(unit, fields)
        return await insert(unit, {**fields, "state": target})

    return await commands.on_project(caller, key, Role.MEMBER, "write tasks", change)


async def edit(
    commands: Commands, caller: Caller, ref: str, fields: Mapping[str, Any], *, base_version: int | None = None
) -> dict[str, Any]:
    """Change some of the `EDITABLE` fields. Raises Problem `not_found`, `invalid`, `edit_conflict`."""
    key, number = split(ref)

    async def change(unit: Unit) -> dict[str, Any]:
        task = await load_task(unit.session, unit.project, number)
        await refuse_conflicts(unit, "task", task, fields, base_version, number=number)
        await _check_links(unit, fields)
        return await apply(unit, "task.edited", task, fields)

    return await commands.on_project(caller, key, Role.MEMBER, "write tasks", change)


async def delete(commands: Commands, caller: Caller, ref: str) -> None:
    """Take a task away, leaving a tombstone. Raises Problem `not_found`."""
    key, number = split(ref)

    async def change(unit: Unit) -> None:
        task = await load_task(unit.session, unit.project, number)
        await apply(unit, "task.deleted", task, {})

    await commands.on_project(caller, key, Role.MEMBER, "write tasks", change)


async def move(
    commands: Commands, caller: Caller, ref: str, *, state: str, before: str | None, after: str | None
) -> dict[str, Any]:
    """Put a task into `state`: directly above `before`, or directly below `after`, or at the end.

    Raises Problem `not_found`, `invalid` for no such state, `transition_not_allowed` or `wip_limit_reached` with
    `allowed`.
    """
    key, number = split(ref)

    async def change(unit: Unit) -> dict[str, Any]:
        task = await load_task(unit.session, unit.project, number)
        if task["archived"]:
            raise invalid("ref", f"{task['ref']} is archived and stands in no column; restore it first")
        workflow = await kept_workflow(unit.session, unit.project)
        if workflow.state(state) is None:
            raise invalid("state", f"the project has no state {state!r}")
        if state != task["state"]:
            counts = await count_by_state(unit.session, unit.project_id, workflow.limited)
            if refusal := workflow.may_move(task, state, role=unit.role, counts=counts):
                raise refused(refusal)
        position = await _place(unit, task, state, before, after)
        return task if position is None else await put(unit, task, state, position)

    return await commands.on_project(caller, key, Role.MEMBER, "move tasks", change)


async def put(unit: Unit, task: Mapping[str, Any], state: str, position: str) -> dict[str, Any]:
    """Write a move to a position that no other live task has, within a command; the task as it is then.

    A position that grew too long makes the whole column be numbered anew, each task by an event of its own.
    """
    if len(position) <= positions.LONGEST:
        return await apply(unit, "task.moved", task, {"state": state, "position": position})
    return await _renumber(unit, task, state, position)


async def let_go_of_member(unit: Unit, user_id: str) -> None:
    """Take a leaving member off the tasks they are assigned to, deleted ones aside."""
    mine = sa.select(assignees.c.number).where(
        assignees.c.project_id == unit.project_id, assignees.c.user_id == user_id
    )
    for task in await load_tasks(unit.session, unit.project, tasks.c.number.in_(mine)):
        left = [person for person in task["assignees"] if person != user_id]
        await apply(unit, "task.edited", task, {"assignees": left})


async def insert(
    unit: Unit,
    fields: Mapping[str, Any],
    *,
    actor: User | None = None,
    at: datetime | None = None,
    position: str | None = None,
) -> dict[str, Any]:
    """Write a new task and its event within a command; `fields` are `EDITABLE` ones and `state`, checked already.

    `actor` and `at` are the command's own but for imported history; without `position` it goes to the end.
    """
    if position is None:
        position = await positions.end_of(unit.session, unit.project_id, fields["state"])
    task = record_created(unit, fields, position=position, actor=actor, at=at)
    await write_created(unit, [task])
    return task


def record_created(
    unit: Unit, fields: Mapping[str, Any], *, position: str, actor: User | None = None, at: datetime | None = None
) -> dict[str, Any]:
    """The event of a new task, and the task; `write_created` is still to write its rows (see `insert`)."""
    moment = at or unit.at
    number = unit.project_values.get("last_number", unit.project.last_number) + 1
    unit.project_values["last_number"] = number
    task = {
        "ref": f"{unit.key}-{number}",
        "project": unit.key,
        "number": number,
        "title": fields["title"],
        "description": fields.get("description") or "",
        "state": fields["state"],
        "position": position,
        "priority": fields.get("priority") or "none",
        "due": fields.get("due"),
        "assignees": list(fields.get("assignees") or ()),
        "labels": list(fields.get("labels") or ()),
        "archived": False,
        "comment_count": 0,
        "checklist": checklist(fields.get("description") or ""),
        "version": unit.seq + 1,
        "created_at": clock.wire(moment),
        "updated_at": clock.wire(moment),
        "created_by": (actor or unit.actor).id,
    }
    changes = {
        name: [None, task[name]] for name in (*EDITABLE, "state", "position") if task[name] not in ("", [], None)
    }
    unit.record("task.created", lambda _seq: {"task": task}, changes=changes, number=number, actor=actor, at=at)
    return task


async def write_created(unit: Unit, created: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of tasks that `record_created` made, as they are by now."""
    if not created:
        return
    columns = ("number", "title", "description", "state", "position", "priority", "due", "archived")
    await write_rows(
        unit.session,
        sa.insert(tasks),
        (
            {name: task[name] for name in (*columns, "comment_count", "version", "created_by")}
            | {name: clock.parse(task[name]) for name in ("created_at", "updated_at")}
            | {"project_id": unit.project_id}
            for task in created
        ),
    )
    for table, name in _LINKS.items():
        await _link(unit, table, [(int(task["number"]), task[name]) for task in created])


async def apply(
    unit: Unit,
    type: str,
    task: Mapping[str, Any],
    fields: Mapping[str, Any],
    *,
    actor: User | None = None,
    at: datetime | None = None,
    with_entity: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write changed fields of a task and the event that says so, within a command; the task as it is then.

    `fields` need not all differ; where none does and the type is an edit or a move, nothing is written. Events of
    other types are written all the same; `with_entity` (a comment) stands before the task in them, and `changes`
    replaces what is found by comparing.
    """
    result = record_changed(unit, type, task, fields, actor=actor, at=at, with_entity=with_entity, changes=changes)
    if result["version"] != task["version"]:
        differ = [name for name, value in fields.items() if task[name] != value]
        await write_changed(unit, result, differ, deleted=_DELETED.get(type))
    return result


def record_changed(
    unit: Unit,
    type: str,
    task: Mapping[str, Any],
    fields: Mapping[str, Any],
    *,
    actor: User | None = None,
    at: datetime | None = None,
    with_entity: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event of a changed task, and the task as it is then; its rows are still to be written (see `apply`)."""
    differ = {name: [task[name], value] for name, value in fields.items() if task[name] != value}
    if not differ and type in ("task.edited", "task.moved"):
        return dict(task)
    result = {**task, **fields, "updated_at": clock.wire(at or unit.at), "version": unit.seq + 1}
    if "description" in differ:
        result["checklist"] = checklist(result["description"])
    unit.record(
        type,
        lambda _seq: {**(with_entity or {}), "task": result},
        changes=differ if changes is None else changes,
        number=int(task["number"]),
        actor=actor,
        at=at,
    )
    return result


async def write_changed(
    unit: Unit, task: Mapping[str, Any], changed: Collection[str], *, deleted: bool | None = None
) -> None:
    """Write the fields named in `changed`, and the version, of a task as `record_changed` left it.

    `deleted` makes it a tombstone (True) or a task again (False); None leaves it what it is.
    """
    number = int(task["number"])
    moment = clock.parse(task["updated_at"])
    values = {name: task[name] for name in changed if name not in _LINKS.values()}
    values |= {"version": task["version"], "updated_at": moment, "of": unit.project_id, "this": number}
    if deleted is not None:
        values["deleted_at"] = moment if deleted else None
    await unit.session.execute(_CHANGE, values)
    for table, name in _LINKS.items():
        if name in changed:
            await unit.session.execute(
                sa.delete(table).where(table.c.project_id == unit.project_id, table.c.number == number)
            )
            await _link(unit, table, [(number, task[name])])


def split(ref: str) -> tuple[str, int]:
    """`WEB-42` as key and number. Raises Problem `not_found` for what is no reference."""
    parsed = parse_ref(ref)
    if parsed is None:
        raise not_found(f"There is no task {ref[:40]}.")
    return parsed


#: What these events say about a task's being there.
_DELETED: Mapping[str, bool] = {"task.deleted": True, "task.restored": False}

_CHANGE = sa.update(tasks).where(tasks.c.project_id == sa.bindparam("of"), tasks.c.number == sa.bindparam("this"))

_LINKS: Mapping[sa.Table, str] = {assignees: "assignees", task_labels: "labels"}


async def _link(unit: Unit, table: sa.Table, linked: Iterable[tuple[int, Sequence[str]]]) -> None:
    column = "user_id" if table is assignees else "label_id"
    rows = (
        {"project_id": unit.project_id, "number": number, column: id_, "rank": rank}
        for number, ids in linked
        for rank, id_ in enumerate(ids)
    )
    await write_rows(unit.session, sa.insert(table), rows)


async def _check_links(unit: Unit, fields: Mapping[str, Any]) -> None:
    for name, strangers in (await _strangers(unit, fields)).items():
        what = "member" if name == "assignees" else "label"
        raise invalid(name, f"the project has no {what} {strangers[0]!r}")


async def without_strangers(unit: Unit, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a task without the assignees who left the project and the labels that are gone."""
    gone = await _strangers(unit, fields)
    return {**fields, **{name: [id_ for id_ in fields[name] if id_ not in ids] for name, ids in gone.items()}}


async def _strangers(unit: Unit, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    strangers: dict[str, list[str]] = {}
    for name, column, project in (
        ("assignees", members.c.user_id, members.c.project_id),
        ("labels", labels.c.id, labels.c.project_id),
    ):
        wanted = fields.get(name)
        if not wanted:
            continue
        query = sa.select(column).where(project == unit.project_id, column.in_(wanted))
        found = set((await unit.session.execute(query)).scalars())
        if missing := [id_ for id_ in wanted if id_ not in found]:
            strangers[name] = missing
    return strangers


async def _place(unit: Unit, task: Mapping[str, Any], state: str, before: str | None, after: str | None) -> str | None:
    anchor = before or after
    if anchor is not None:
        parsed = parse_ref(anchor)
        if anchor == task["ref"]:
            return None if state == task["state"] else await _end(unit, task, state)
        if parsed is not None and parsed[0] == unit.key:
            position = await positions.beside(
                unit.session,
                unit.project_id,
                state,
                anchor=parsed[1],
                above=before is not None,
                mover=int(task["number"]),
            )
            if position is not None:
                return position or None
    return await _end(unit, task, state)


async def _end(unit: Unit, task: Mapping[str, Any], state: str) -> str | None:
    last = await positions.last(unit.session, unit.project_id, state)
    if state == task["state"] and last == task["position"]:
        return None
    return positions.following(last)


async def _renumber(unit: Unit, task: Mapping[str, Any], state: str, position: str) -> dict[str, Any]:
    number = int(task["number"])
    fresh = await positions.renumbered(unit.session, unit.project_id, state, (number, position))
    # From the last to the first: at every step of the log the column stands in the order it had.
    result: dict[str, Any] = {}
    for other, key in reversed(fresh):
        if other == number:
            result = await apply(unit, "task.moved", task, {"state": state, "position": key})
        else:
            neighbour = await load_task(unit.session, unit.project, other)
            await apply(unit, "task.moved", neighbour, {"position": key})
    return result


def refused(refusal: Refusal) -> Problem:
    """The workflow's refusal as the contract has it."""
    return Problem(refusal.code, refusal.reason, reason=refusal.reason, allowed=list(refusal.allowed))
