"""Changing projects, members and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Caller, Change, Commands, Overtaken
from taskhub.db import Row, new_id
from taskhub.errors import Problem, invalid, not_found
from taskhub.merging import refuse_conflicts
from taskhub.people.commands import normal_name
from taskhub.people.model import User, users
from taskhub.projects import queries
from taskhub.projects.model import KEY, Role, labels, member_on_wire, members, project_on_wire, projects
from taskhub.unit import Several, Unit


async def create(
    commands: Commands,
    caller: Caller,
    *,
    key: str,
    name: str,
    enforced: bool,
    first: Change[None],
    then: Change[Mapping[str, Any] | None] | None = None,
) -> dict[str, Any]:
    """Make a project owned by the caller; `first` writes its workflow as part of the same command.

    `then` goes on in that command, when the caller is the owner already: imported history, a demo's story. What it
    answers stands in the answer as well.

    Raises Problem `invalid` for a malformed key, `duplicate` for one that is or was taken.
    """
    if KEY.fullmatch(key) is None:
        raise invalid("key", "use 2 to 10 capital letters and digits, a letter first, such as WEB")

    async def insert(session: AsyncSession) -> Row:
        values = {
            "key": key,
            "name": name,
            "log": new_id(),
            "seq": 0,
            "last_number": 0,
            "version": 1,
            "workflow_version": 0,
            "enforced": enforced,
            "created_at": clock.now(),
        }
        try:
            query = sa.insert(projects).values(values).returning(*projects.c)
            return (await session.execute(query)).one()
        except IntegrityError:
            raise Problem("duplicate", f"The key {key} is taken, or was once; choose another.") from None

    async def begin(unit: Unit) -> dict[str, Any]:
        entity = project_on_wire(unit.project)
        unit.record(
            "project.created",
            lambda seq: {"project": entity | {"version": seq}},
            changes={"name": [None, name]},
        )
        await first(unit)
        await add_member_row(unit, unit.actor, Role.OWNER)
        more = await then(unit) if then is not None else None
        return entity | {"role": Role.OWNER.value} | dict(more or {})

    return await commands.begin_project(caller, insert, begin)


async def edit(
    commands: Commands, caller: Caller, key: str, *, name: str | None, base_version: int | None = None
) -> dict[str, Any]:
    """Change the project's own fields. Raises Problem `edit_conflict`, `invalid` for the version."""

    async def change(unit: Unit) -> dict[str, Any]:
        sent = {} if name is None else {"name": name}
        await refuse_conflicts(unit, "project", project_on_wire(unit.project), sent, base_version)
        return write_edit(unit, sent) | {"role": unit.role.value}

    return await commands.on_project(caller, key, Role.OWNER, "change its settings", change)


def write_edit(unit: Unit, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write changed fields of the project and the event, within a command; the project as on the wire then.

    Where none differs nothing is written.
    """
    before = project_on_wire(unit.project)
    differ = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    if not differ:
        return before
    after = {**before, **fields, "version": unit.seq + 1}
    unit.record("project.edited", lambda _seq: {"project": after}, changes=differ)
    unit.project_values |= {name: after[name] for name in (*differ, "version")}
    return after


async def delete(commands: Commands, caller: Caller, key: str) -> None:
    """Hide the project at once and for good; its key stays taken."""

    async def change(unit: Unit) -> None:
        entity = project_on_wire(unit.project)
        event = unit.record("project.deleted", lambda seq: {"project": entity | {"version": seq}}, changes={})
        unit.project_values |= {"deleted_at": unit.at, "version": event.seq}
        unit.access_taken = True

    await commands.on_project(caller, key, Role.OWNER, "delete it", change)


async def change_role(
    commands: Commands, caller: Caller, key: str, user_id: str, *, role: Role, base_version: int | None = None
) -> dict[str, Any]:
    """Give a member another role. Raises Problem `not_found`, `last_owner`, `edit_conflict`."""

    async def change(unit: Unit) -> dict[str, Any]:
        row = await _member(unit, user_id)
        await refuse_conflicts(unit, "member", member_on_wire(row), {"role": role.value}, base_version)
        before = Role(row.role)
        if before is role:
            return member_on_wire(row)
        if before is Role.OWNER:
            await _refuse_last_owner(unit)
        entity = member_on_wire(row) | {"role": role.value}
        event = unit.record(
            "member.changed",
            lambda seq: {"member": entity | {"version": seq}},
            changes={"role": [before.value, role.value]},
        )
        await unit.session.execute(
            sa.update(members)
            .where(members.c.project_id == unit.project_id, members.c.user_id == user_id)
            .values(role=role.value, version=event.seq)
        )
        unit.access_taken = not role.covers(before)
        return entity | {"version": event.seq}

    return await commands.on_project(caller, key, Role.OWNER, "change roles", change)


async def remove_member(commands: Commands, caller: Caller, key: str, user_id: str) -> None:
    """Take a member out of the project (an owner anybody, everybody themselves); what they listened on ends.

    Raises Problem `not_found`, `last_owner`.
    """

    async def change(unit: Unit) -> None:
        if user_id != unit.actor.id:
            unit.require(Role.OWNER, "remove members")
        row = await _member(unit, user_id)
        if row.role == Role.OWNER.value:
            await _refuse_last_owner(unit)
        for let_go in commands.leaving:
            await let_go(unit, user_id)
        entity = member_on_wire(row)
        unit.record("member.removed", lambda seq: {"member": entity | {"version": seq}}, changes={})
        await unit.session.execute(
            sa.delete(members).where(members.c.project_id == unit.project_id, members.c.user_id == user_id)
        )
        unit.access_taken = True

    await commands.on_project(caller, key, Role.VIEWER, "leave it", change)


async def rename_user(commands: Commands, caller: Caller, name: str) -> dict[str, Any]:
    """Give the caller another name, which each of their projects hears of; the user as on the wire.

    Raises Problem `invalid`.
    """
    name = normal_name(name)
    user_id = caller.user.id
    mine = (
        sa.select(members.c.project_id)
        .join(projects, projects.c.id == members.c.project_id)
        .where(members.c.user_id == user_id, projects.c.deleted_at.is_(None))
    )

    async def change(several: Several) -> dict[str, Any]:
        session = several.session
        ids = set((await session.execute(mine)).scalars())
        found = await several.lock(ids)
        # FOR UPDATE, so that nobody can be let into a further project under the old name meanwhile: a membership
        # points to this row. Who was let in since the projects were counted has to be counted.
        query = sa.select(users.c.name).where(users.c.id == user_id).with_for_update()
        before = (await session.execute(query)).scalar_one()
        if not set((await session.execute(mine)).scalars()) <= ids:
            raise Overtaken
        after = replace(caller.user, name=name)
        if before == name:
            return after.on_wire()
        await session.execute(sa.update(users).where(users.c.id == user_id).values(name=name))
        memberships = await queries.memberships_of(session, user_id)
        for project in found:
            if (row := memberships.get(project.id)) is not None:
                await _rename_member(several.unit(project, Role(row.role), after), row, before)
        return after.on_wire()

    return await commands.on_several(caller, change)


async def add_member_row(unit: Unit, user: User, role: Role) -> dict[str, Any]:
    """Write the membership and its event within a command. Raises Problem `duplicate`."""
    here = await unit.session.scalar(
        sa.select(members.c.role).where(members.c.project_id == unit.project_id, members.c.user_id == user.id)
    )
    if here is not None:
        raise Problem("duplicate", f"{user.name} is in the project already, as {here}.")
    await unit.session.execute(
        sa.insert(members).values(
            project_id=unit.project_id,
            user_id=user.id,
            role=role.value,
            version=unit.seq + 1,
            joined_at=unit.at,
        )
    )
    entity = member_on_wire(await _member(unit, user.id))
    unit.record("member.added", lambda seq: {"member": entity}, changes={"role": [None, role.value]})
    return entity


async def add_label_row(unit: Unit, *, name: str, color: str) -> dict[str, Any]:
    """Write a label and its event within a command. Raises Problem `duplicate`."""
    entity: dict[str, Any] = {"id": new_id(), "name": name, "color": color, "version": unit.seq + 1}
    taken = await unit.session.scalar(
        sa.select(labels.c.id).where(labels.c.project_id == unit.project_id, labels.c.name == name)
    )
    if taken is not None:
        raise Problem("duplicate", f"There is a label “{name}” already.")
    await unit.session.execute(sa.insert(labels).values(project_id=unit.project_id, **entity))
    unit.record(
        "label.created",
        lambda seq: {"label": entity},
        changes={"name": [None, name], "color": [None, color]},
    )
    return entity


async def _rename_member(unit: Unit, row: Row, before: str) -> None:
    event = unit.record(
        "member.changed",
        lambda seq: {"member": member_on_wire(row, version=seq)},
        changes={"name": [before, row.name]},
    )
    await unit.session.execute(
        sa.update(members)
        .where(members.c.project_id == unit.project_id, members.c.user_id == row.user_id)
        .values(version=event.seq)
    )


async def _member(unit: Unit, user_id: str) -> Row:
    for row in await queries.load_members(unit.session, unit.project_id):
        if row.user_id == user_id:
            return row
    raise not_found("There is no such member in the project.")


async def _refuse_last_owner(unit: Unit) -> None:
    if await queries.owners_count(unit.session, unit.project_id) == 1:
        raise Problem("last_owner", "A project keeps at least one owner. Make somebody else an owner first.")
