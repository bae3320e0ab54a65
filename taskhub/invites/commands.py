"""Making invites, taking them back, and coming in by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.db import Row, new_id
from taskhub.errors import Problem, invalid, not_found
from taskhub.invites.model import LASTS, MOST_OPEN, invite_on_wire, invites, is_good, secret_of
from taskhub.invites.queries import by_secret
from taskhub.people import passwords
from taskhub.people.commands import SignedIn, check_registration, insert_user, normal_email, open_session, own_email
from taskhub.people.model import User, secret_hash, users
from taskhub.people.throttle import Throttle
from taskhub.projects.commands import add_member_row
from taskhub.projects.model import Role, members, project_on_wire, projects
from taskhub.unit import Several, Unit


@dataclass(frozen=True, slots=True)
class Registered:
    """A new account, signed in; `project` is the KEY of the project that its invite led into."""

    signed_in: SignedIn
    project: str | None


async def invite(
    commands: Commands, caller: Caller, *, email: str | None, project: str | None, role: Role | None, signing_key: str
) -> dict[str, Any]:
    """Make an invite: into a project by its owners, to the instance alone by its administrators.

    It is answered without its link, whose secret is `secret_of(id, signing_key)`. An earlier one that is open for
    the same address is replaced. Raises Problem `forbidden`, `not_found`, `invalid`, `duplicate` for the address of
    somebody who is in the project.
    """
    email = None if email is None else own_email(email)
    if project is not None:

        async def into_project(unit: Unit) -> dict[str, Any]:
            if email is not None:
                await _refuse_member(unit, email)
            return await _insert_into_project(unit, email, role or Role.MEMBER, signing_key)

        return await commands.on_project(caller, project, Role.OWNER, "invite people", into_project)
    if role is not None:
        raise invalid("role", "only an invite into a project gives a role; name the project")
    if not caller.user.is_admin:
        raise Problem("forbidden", "Only administrators may invite to the instance. Name a project that you own.")

    async def to_instance(session: AsyncSession) -> dict[str, Any]:
        return await _insert(session, caller.user, clock.now(), email, signing_key)

    return await commands.outside(caller, to_instance)


async def add_member(
    commands: Commands, caller: Caller, key: str, *, email: str, role: Role, signing_key: str
) -> dict[str, Any]:
    """Let an account into the project: the member; or where there is no such account, `{"invite": …}` for it.

    Raises Problem `invalid`, `duplicate` for a member.
    """
    email = normal_email(email)

    async def change(unit: Unit) -> dict[str, Any]:
        query = sa.select(users.c.id, users.c.email, users.c.name).where(users.c.email == email)
        found = (await unit.session.execute(query)).one_or_none()
        if found is not None:
            return await add_member_row(unit, User(found.id, found.email, found.name), role)
        return {"invite": await _insert_into_project(unit, own_email(email), role, signing_key)}

    return await commands.on_project(caller, key, Role.OWNER, "add members", change)


async def revoke(commands: Commands, caller: Caller, invite_id: str) -> None:
    """Take an open invite back: by who made it, by owners of its project. Raises Problem `not_found`, `forbidden`."""

    async def change(session: AsyncSession) -> None:
        query = (
            sa.select(invites.c.project_id, invites.c.created_by, members.c.role)
            .outerjoin(projects, sa.and_(projects.c.id == invites.c.project_id, projects.c.deleted_at.is_(None)))
            .outerjoin(members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == caller.user.id))
            .where(invites.c.id == invite_id)
        )
        row = (await session.execute(query)).one_or_none()
        if row is None:
            raise _no_such()
        if row.created_by != caller.user.id and row.role != Role.OWNER.value:
            if row.role is None:
                raise _no_such()
            raise Problem("forbidden", "Only who made an invite and owners of its project may take it back.")
        gone = await session.execute(
            sa.delete(invites).where(invites.c.id == invite_id, invites.c.used_at.is_(None)).returning(invites.c.id)
        )
        if gone.one_or_none() is None:
            raise _no_such()

    await commands.outside(caller, change)


async def register(
    commands: Commands, throttle: Throttle, *, email: str, name: str, password: str, address: str, secret: str
) -> Registered:
    """Make an account by an invite, join its project, and sign in, all at once; registration may be closed.

    Raises Problem `invalid` (for an invite that is no good, too), `duplicate`, `rate_limited`.
    """
    email, name = check_registration(throttle, email=email, name=name, password=password, address=address)
    # Asked before the hash is paid for, and again when it counts.
    async with commands.db.read() as session:
        _refuse_other(_good(await by_secret(session, secret), clock.now()), email, "email")
    hashed = await passwords.hash(password)

    async def change(several: Several) -> Registered:
        found, project = await _hold(several, secret)
        _refuse_other(found, email, "email")
        user = await insert_user(several.session, email, name, hashed, is_admin=False)
        await _use(several, found, project, user)
        signed_in = await open_session(several.session, user)
        return Registered(signed_in, None if project is None else str(project.key))

    return await commands.on_several(None, change)


async def accept(commands: Commands, caller: Caller, secret: str) -> dict[str, Any]:
    """Join the invite's project with the account one has: the project, with one's role in it.

    To who is in it already nothing happens, and the invite stays open. Raises Problem `invalid` for an invite that
    is no good, is for another address, or leads into no project.
    """

    async def change(several: Several) -> dict[str, Any]:
        found, project = await _hold(several, secret)
        _refuse_other(found, caller.user.email, "invite")
        if project is None:
            raise invalid("invite", "it is for somebody without an account, and you have one")
        query = sa.select(members.c.role).where(members.c.project_id == project.id, members.c.user_id == caller.user.id)
        role = await several.session.scalar(query)
        if role is None:
            await _use(several, found, project, caller.user)
            role = found.role
        return project_on_wire(project) | {"role": role}

    return await commands.on_several(caller, change)


async def _insert_into_project(unit: Unit, email: str | None, role: Role, signing_key: str) -> dict[str, Any]:
    return await _insert(unit.session, unit.actor, unit.at, email, signing_key, project=unit.project, role=role)


async def _insert(
    session: AsyncSession,
    maker: User,
    at: datetime,
    email: str | None,
    signing_key: str,
    *,
    project: Row | None = None,
    role: Role | None = None,
) -> dict[str, Any]:
    project_id = None if project is None else project.id
    leads = sa.and_(invites.c.project_id == project_id, invites.c.used_at.is_(None))
    replaced = invites.c.expires_at <= at
    if email is not None:
        replaced |= invites.c.email == email
    await session.execute(sa.delete(invites).where(leads, replaced))
    count = await session.scalar(sa.select(sa.func.count()).select_from(invites).where(leads))
    if count is not None and count >= MOST_OPEN:
        raise invalid("project" if project else "email", f"there are {MOST_OPEN} open invites; take some back first")
    id_ = new_id()
    row = (
        await session.execute(
            sa.insert(invites)
            .values(
                id=id_,
                secret_hash=secret_hash(secret_of(id_, signing_key)),
                email=email,
                project_id=project_id,
                role=None if role is None else role.value,
                created_by=maker.id,
                created_at=at,
                expires_at=at + LASTS,
            )
            .returning(*invites.c)
        )
    ).one()
    return invite_on_wire(row, None if project is None else project.key)


async def _refuse_member(unit: Unit, email: str) -> None:
    query = (
        sa.select(users.c.name)
        .join(members, members.c.user_id == users.c.id)
        .where(users.c.email == email, members.c.project_id == unit.project_id)
    )
    name = await unit.session.scalar(query)
    if name is not None:
        raise Problem("duplicate", f"{name} is in the project already.")


async def _hold(several: Several, secret: str) -> tuple[Row, Row | None]:
    """The good invite and the project it leads into, whose row is locked; read again under the lock."""
    session = several.session
    found = await by_secret(session, secret)
    if found is None or found.project_id is None:
        return _good(found, several.at), None
    held = await several.lock([found.project_id])
    found = _good(await by_secret(session, secret), several.at)
    return found, held[0]


async def _use(several: Several, found: Row, project: Row | None, user: User) -> None:
    mine = (
        sa.update(invites)
        .where(invites.c.id == found.id, invites.c.used_at.is_(None))
        .values(used_by=user.id, used_at=several.at)
        .returning(invites.c.id)
    )
    # Of two who come at once one waits here, or for the project's row, and finds it used.
    if (await several.session.execute(mine)).one_or_none() is None:
        raise _no_good()
    if project is not None:
        role = Role(found.role)
        await add_member_row(several.unit(project, role, user), user, role)


def _good(found: Row | None, now: datetime) -> Row:
    if found is None or not is_good(found, now):
        raise _no_good()
    return found


def _refuse_other(found: Row, email: str, field: str) -> None:
    if found.email is not None and found.email != email:
        raise invalid(field, "the invite is for another e-mail address")


def _no_good() -> Problem:
    # One answer for whatever is wrong with it: nobody learns which links there were.
    return invalid("invite", "this link is not known, was used, has run out or was taken back; ask for a new one")


def _no_such() -> Problem:
    return not_found("There is no such open invite, or it is not yours to see.")
