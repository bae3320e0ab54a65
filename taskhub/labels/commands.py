"""Changing labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from taskhub.command import Caller, Commands
from taskhub.db import Row
from taskhub.errors import Problem, invalid, not_found
from taskhub.merging import refuse_conflicts
from taskhub.projects.commands import add_label_row
from taskhub.projects.model import Role, label_on_wire, labels
from taskhub.tasks.commands import record_changed
from taskhub.tasks.model import task_labels, tasks
from taskhub.tasks.queries import load_tasks
from taskhub.unit import Unit

#: How many labels a project may have: each board carries them all. An import may bring more.
MOST_LABELS = 200


async def create(commands: Commands, caller: Caller, key: str, *, name: str, color: str) -> dict[str, Any]:
    """Make a label of one of the `LABEL_COLORS`.

    Raises Problem `duplicate` for a name that another label has, in whatever case; `invalid` beyond `MOST_LABELS`.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        there = await _labels(unit)
        _refuse_more(there, name)
        return await add_label_row(unit, name=name, color=color)

    return await commands.on_project(caller, key, Role.MEMBER, "write labels", change)


async def edit(
    commands: Commands,
    caller: Caller,
    key: str,
    label_id: str,
    fields: Mapping[str, str],
    *,
    base_version: int | None = None,
) -> dict[str, Any]:
    """Change a label's `name`, `color` or both. Raises Problem `not_found`, `duplicate`, `edit_conflict`."""

    async def change(unit: Unit) -> dict[str, Any]:
        before = await find(unit, label_id)
        if before is None:
            raise _no_label()
        await refuse_conflicts(unit, "label", before, fields, base_version)
        return await write_edit(unit, before, fields)

    return await commands.on_project(caller, key, Role.MEMBER, "write labels", change)


async def delete(commands: Commands, caller: Caller, key: str, label_id: str) -> None:
    """Take a label off every task that has it, then away. Raises Problem `not_found`."""

    async def change(unit: Unit) -> None:
        label = await find(unit, label_id)
        if label is None:
            raise _no_label()
        await take_away(unit, label)

    await commands.on_project(caller, key, Role.MEMBER, "write labels", change)


async def write_edit(unit: Unit, before: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """Write changed fields of a label and the event, within a command; the label as on the wire then.

    Where none differs nothing is written. Raises Problem `duplicate`.
    """
    differ = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    if not differ:
        return dict(before)
    if "name" in differ:
        _refuse_duplicate([row for row in await _labels(unit) if row.id != before["id"]], fields["name"])
    after = {**before, **fields, "version": unit.seq + 1}
    await unit.session.execute(
        sa.update(labels)
        .where(labels.c.id == before["id"])
        .values({name: after[name] for name in ("name", "color", "version")})
    )
    unit.record("label.edited", lambda _seq: {"label": after}, changes=differ)
    return after


async def take_away(unit: Unit, label: Mapping[str, Any]) -> None:
    """Take a label off every task that has it, then away, with the events, within a command."""
    await take_off_tasks(unit, label["id"])
    unit.record("label.deleted", lambda seq: {"label": {**label, "version": seq}}, changes={})
    await unit.session.execute(sa.delete(labels).where(labels.c.id == label["id"]))


async def bring_back(unit: Unit, label: Mapping[str, Any]) -> None:
    """Make a deleted label one again within a command, under its old id; `label.created` says so.

    It is on no task. Raises Problem `duplicate`, `invalid` beyond `MOST_LABELS`.
    """
    _refuse_more(await _labels(unit), label["name"])
    entity = {name: label[name] for name in ("id", "name", "color")} | {"version": unit.seq + 1}
    await unit.session.execute(sa.insert(labels).values(project_id=unit.project_id, **entity))
    changes = {name: [None, label[name]] for name in ("name", "color")}
    unit.record("label.created", lambda _seq: {"label": entity}, changes=changes)


async def find(unit: Unit, label_id: str) -> dict[str, Any] | None:
    """A label of the project as on the wire."""
    query = sa.select(labels).where(labels.c.id == label_id, labels.c.project_id == unit.project_id)
    row = (await unit.session.execute(query)).one_or_none()
    return None if row is None else label_on_wire(row)


async def put_on_tasks(unit: Unit, label_id: str, relabelled: Sequence[tuple[Mapping[str, Any], list[str]]]) -> None:
    """Write `task.edited` for each task with its new labels, which `label_id` is among, and link it in a command."""
    edited = [record_changed(unit, "task.edited", task, {"labels": marks}) for task, marks in relabelled]
    await _write_versions(unit, edited)
    if edited:
        # Whole, since the ranks of those behind the label move too.
        own = sa.and_(task_labels.c.project_id == unit.project_id, task_labels.c.number == sa.bindparam("at_number"))
        await unit.session.execute(
            sa.delete(task_labels).where(own), [{"at_number": task["number"]} for task in edited]
        )
        await unit.session.execute(
            sa.insert(task_labels),
            [
                {"project_id": unit.project_id, "number": task["number"], "label_id": mark, "rank": rank}
                for task in edited
                for rank, mark in enumerate(task["labels"])
            ],
        )


async def take_off_tasks(unit: Unit, label_id: str) -> None:
    """Write `task.edited` for each task with the label, archived ones among them, and unlink it within a command.

    Deleted tasks let go of it without an event.
    """
    wearing = sa.select(task_labels.c.number).where(task_labels.c.label_id == label_id)
    found = await load_tasks(unit.session, unit.project, tasks.c.number.in_(wearing))
    edited = [
        record_changed(unit, "task.edited", task, {"labels": [one for one in task["labels"] if one != label_id]})
        for task in found
    ]
    await _write_versions(unit, edited)
    await unit.session.execute(sa.delete(task_labels).where(task_labels.c.label_id == label_id))


async def _write_versions(unit: Unit, edited: Sequence[Mapping[str, Any]]) -> None:
    if edited:
        number, version = sa.bindparam("at_number", type_=sa.Integer), sa.bindparam("at_version", type_=sa.BigInteger)
        await unit.session.execute(
            sa.update(tasks)
            .where(tasks.c.project_id == unit.project_id, tasks.c.number == number)
            .values(version=version, updated_at=unit.at),
            [{"at_number": task["number"], "at_version": task["version"]} for task in edited],
        )


async def _labels(unit: Unit) -> list[Row]:
    return list((await unit.session.execute(sa.select(labels).where(labels.c.project_id == unit.project_id))).all())


def _no_label() -> Problem:
    return not_found("There is no such label in the project.")


def _refuse_more(there: list[Row], name: str) -> None:
    if len(there) >= MOST_LABELS:
        raise invalid("name", f"a project has at most {MOST_LABELS} labels; delete one first")
    _refuse_duplicate(there, name)


def _refuse_duplicate(there: list[Row], name: str) -> None:
    for row in there:
        if row.name.casefold() == name.casefold():
            raise Problem("duplicate", f"There is a label “{row.name}” already.")
