"""Changing labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from taskhub.command import Caller, Commands, Unit
from taskhub.db import Row
from taskhub.errors import Problem, invalid, not_found
from taskhub.merging import refuse_conflicts
from taskhub.projects.commands import add_label_row
from taskhub.projects.model import Role, label_on_wire, labels
from taskhub.tasks.commands import record_changed
from taskhub.tasks.model import task_labels, tasks
from taskhub.tasks.queries import load_tasks

#: How many labels a project may have: each board carries them all. An import may bring more.
MOST_LABELS = 200


async def create(commands: Commands, caller: Caller, key: str, *, name: str, color: str) -> dict[str, Any]:
    """Make a label of one of the `LABEL_COLORS`.

    Raises Problem `duplicate` for a name that another label has, in whatever case; `invalid` beyond `MOST_LABELS`.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        there = await _labels(unit)
        if len(there) >= MOST_LABELS:
            raise invalid("name", f"a project has at most {MOST_LABELS} labels; delete one first")
        _refuse_duplicate(there, name)
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
        there = await _labels(unit)
        before = label_on_wire(_find(there, label_id))
        await refuse_conflicts(unit, "label", before, fields, base_version)
        differ = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
        if not differ:
            return before
        if "name" in differ:
            _refuse_duplicate([row for row in there if row.id != label_id], fields["name"])
        after = {**before, **fields, "version": unit.seq + 1}
        await unit.session.execute(
            sa.update(labels)
            .where(labels.c.id == label_id)
            .values({name: after[name] for name in ("name", "color", "version")})
        )
        unit.record("label.edited", lambda _seq: {"label": after}, changes=differ)
        return after

    return await commands.on_project(caller, key, Role.MEMBER, "write labels", change)


async def delete(commands: Commands, caller: Caller, key: str, label_id: str) -> None:
    """Take a label off every task that has it, then away. Raises Problem `not_found`."""

    async def change(unit: Unit) -> None:
        label = label_on_wire(_find(await _labels(unit), label_id))
        await take_off_tasks(unit, label_id)
        unit.record("label.deleted", lambda seq: {"label": label | {"version": seq}}, changes={})
        await unit.session.execute(sa.delete(labels).where(labels.c.id == label_id))

    await commands.on_project(caller, key, Role.MEMBER, "write labels", change)


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
    if edited:
        number, version = sa.bindparam("at_number", type_=sa.Integer), sa.bindparam("at_version", type_=sa.BigInteger)
        await unit.session.execute(
            sa.update(tasks)
            .where(tasks.c.project_id == unit.project_id, tasks.c.number == number)
            .values(version=version, updated_at=unit.at),
            [{"at_number": task["number"], "at_version": task["version"]} for task in edited],
        )
    await unit.session.execute(sa.delete(task_labels).where(task_labels.c.label_id == label_id))


async def _labels(unit: Unit) -> list[Row]:
    return list((await unit.session.execute(sa.select(labels).where(labels.c.project_id == unit.project_id))).all())


def _find(there: list[Row], label_id: str) -> Row:
    for row in there:
        if row.id == label_id:
            return row
    raise not_found("There is no such label in the project.")


def _refuse_duplicate(there: list[Row], name: str) -> None:
    for row in there:
        if row.name.casefold() == name.casefold():
            raise Problem("duplicate", f"There is a label “{row.name}” already.")
