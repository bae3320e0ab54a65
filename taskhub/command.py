"""The unit of work: every change to a project is one command, and every command is one transaction.

A command locks the project's row before it looks at anything, asks who may do it, changes the tables, appends to
the project's log under the next `seq`, runs the projections, commits, and wakes the hub. It runs shielded: a client
that hangs up never leaves a change half done, nor a change done that nobody is told of.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Database, Row, new_id, write_rows
from taskhub.errors import Problem, not_found
from taskhub.events.catalogue import TYPES
from taskhub.events.model import events, idempotency
from taskhub.people.model import User, access, users
from taskhub.projects.model import KEY, Role, members, projects

log = logging.getLogger(__name__)

T = TypeVar("T")

#: For how long the answer to an Idempotency-Key is kept.
ANSWERS_KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The client's name for one write; `fingerprint` is a hash of what was asked under it."""

    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, method: str, path: str, body: bytes) -> Idempotency:
        """For one request: the same key with another method, path or body is refused."""
        asked = b"\0".join((method.encode(), path.encode("utf-8", "surrogatepass"), body))
        return cls(key, hashlib.sha256(asked).hexdigest())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a command, and under which name the client will know it again."""

    user: User
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as a projection or the hub gets it; `body` is its JSON."""

    seq: int
    type: str
    body: bytes
    number: int | None
    at: datetime
    actor: User
    changes: Mapping[str, Any]
    entities: Mapping[str, Any]


@dataclass(slots=True)
class Unit:
    """One command's open transaction on one project whose row it has locked."""

    session: AsyncSession
    project: Row
    role: Role
    actor: User
    command_id: str
    at: datetime
    seq: int
    project_values: dict[str, Any] = field(default_factory=dict)
    recorded: list[Recorded] = field(default_factory=list)
    access_taken: bool = False

    @property
    def project_id(self) -> int:
        """The project's internal id."""
        return int(self.project.id)

    @property
    def key(self) -> str:
        """The project's KEY."""
        return str(self.project.key)

    def require(self, needed: Role, what: str) -> None:
        """Raise 403 where the caller's role does not cover `needed`; `what` completes “… may”."""
        if not self.role.covers(needed):
            raise Problem("forbidden", f"Only {_PLURAL[needed]} of the project may {what}.")

    def record(
        self,
        type: str,
        entities: Callable[[int], Mapping[str, Any]],
        *,
        changes: Mapping[str, Any],
        number: int | None = None,
        actor: User | None = None,
        at: datetime | None = None,
    ) -> Recorded:
        """Append to the log. `entities` gets the event's `seq`, which is the version of what it carries.

        `actor` and `at` are the command's own but for imported history.
        """
        self.seq += 1
        actor = actor or self.actor
        at = at or self.at
        carried = entities(self.seq)
        if tuple(carried) != TYPES[type].carries:
            raise ValueError(f"{type} carries {TYPES[type].carries}, not {tuple(carried)}")
        body = orjson.dumps(
            {
                "v": 1,
                "seq": self.seq,
                "type": type,
                "at": clock.wire(at),
                "actor": {"id": actor.id, "name": actor.name},
                "project": self.key,
                "command_id": self.command_id,
                "changes": changes,
                **carried,
            }
        )
        recorded = Recorded(self.seq, type, body, number, at, actor, changes, carried)
        self.recorded.append(recorded)
        return recorded


@dataclass(slots=True)
class Several:
    """One open transaction that writes to the logs of several projects, or of one that it has to find first.

    Projects are locked in order of id, in one step, before anything else that others may wait for: so that no two
    such transactions wait for each other, nor one of them and a command.
    """

    session: AsyncSession
    command_id: str
    at: datetime
    #: Whether rows can be held; on SQLite the one writing transaction holds them all.
    holds_rows: bool
    units: list[Unit] = field(default_factory=list)

    async def lock(self, project_ids: Collection[int]) -> Sequence[Row]:
        """Hold these projects' rows until the transaction ends; those that are not deleted, in order of id."""
        wanted = projects.c.id.in_(project_ids)
        if self.holds_rows:
            await self.session.execute(sa.select(projects.c.id).where(wanted).order_by(projects.c.id).with_for_update())
        query = sa.select(projects).where(wanted, projects.c.deleted_at.is_(None)).order_by(projects.c.id)
        return (await self.session.execute(query)).all()

    def unit(self, project: Row, role: Role, actor: User) -> Unit:
        """A command's hold on one of the locked projects; its log is written when the transaction ends."""
        unit = Unit(
            session=self.session,
            project=project,
            role=role,
            actor=actor,
            command_id=self.command_id,
            at=self.at,
            seq=int(project.seq),
        )
        self.units.append(unit)
        return unit


class Overtaken(Exception):
    """Raised by a change to several projects that another command came before: it is begun again."""


Change = Callable[[Unit], Awaitable[T]]
Projection = Callable[[Unit], Awaitable[None]]
#: Called within the command that removes a member, before the removal, with the member's user id: higher rooms let go
#: of what they hold of that person.
Leaving = Callable[[Unit, str], Awaitable[None]]
#: Called within the command that drops states from the workflow, before they go, with their names by id and the id of
#: a state that stays: higher rooms refuse, or let go of what they keep under them.
Dropping = Callable[[Unit, Mapping[str, str], str], Awaitable[None]]
#: Called after a commit with the project's id, the id of its log, what was recorded there, and whether access was taken
#: from somebody.
Wake = Callable[[int, str, Sequence[Recorded], bool], None]

_PLURAL = {Role.VIEWER: "people", Role.MEMBER: "members", Role.OWNER: "owners"}


def _nobody(_project_id: int, _log: str, _recorded: Sequence[Recorded], _access_taken: bool) -> None:
    return None


class Rehearsed(Exception):
    """Raised by a change that only wanted to see what it would do: everything is rolled back."""


class Commands:
    """Runs commands on one database. `wake` tells this process's hub; other processes poll."""

    def __init__(
        self,
        db: Database,
        *,
        projections: tuple[Projection, ...] = (),
        leaving: tuple[Leaving, ...] = (),
        dropping: tuple[Dropping, ...] = (),
        wake: Wake = _nobody,
    ) -> None:
        self.db = db
        self.projections = projections
        self.leaving = leaving
        self.dropping = dropping
        self.wake = wake
        self._running: set[asyncio.Task[Any]] = set()

    async def on_project(self, caller: Caller, key: str, needs: Role, what: str, change: Change[T]) -> T:
        """Run `change` as one command on the project KEY.

        Raises Problem: `not_found` for who is no member, `forbidden` below `needs` (`what` completes “may …”),
        `idempotency_mismatch`, and whatever `change` refuses with; then nothing has happened.
        """
        return await self._finish(self._on_project(caller, key, needs, what, change))

    async def outside(self, caller: Caller | None, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run a change that belongs to no project's log (accounts, credentials) in one transaction."""
        return await self._finish(self._known(caller, self._outside(caller, change)))

    async def on_several(self, caller: Caller | None, change: Callable[[Several], Awaitable[T]]) -> T:
        """Run a change that finds its projects itself as one command, in one transaction, under each one's log.

        `change` locks the projects and asks who may; where it raises `Overtaken` it runs again, from nothing.
        """
        return await self._finish(self._known(caller, self._on_several(caller, change)))

    async def begin_project(
        self, caller: Caller, insert: Callable[[AsyncSession], Awaitable[Row]], change: Change[T]
    ) -> T:
        """Make a project by `insert`, and write the first events of its log with `change`, as one command."""

        async def begin() -> T:
            async with self.db.write() as session:
                if known := await self._answer(session, caller):
                    return cast(T, known[0])
                unit = self._unit(session, await insert(session), Role.OWNER, caller)
                answer = await change(unit)
                await self._close(unit, caller, answer)
            self._tell(unit)
            return answer

        return await self._finish(self._known(caller, begin()))

    async def drain(self) -> None:
        """Wait until no command runs any more."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def _known(self, caller: Caller | None, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except IntegrityError:
            if caller is None:
                raise
            async with self.db.read() as session:
                if await session.scalar(sa.select(users.c.id).where(users.c.id == caller.user.id)) is not None:
                    raise
            # Since the request was let in, a backup was restored that does not have the account.
            raise Problem("unauthenticated", "This account is gone; sign in again.") from None

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        # Looked at here so that a failure nobody waits for any more still reaches the log.
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, (Problem, Rehearsed)):
            log.error("a command failed: %s", type(error).__name__)

    async def _outside(self, caller: Caller | None, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with self.db.write() as session:
            if caller is not None and (known := await self._answer(session, caller)):
                return cast(T, known[0])
            answer = await change(session)
            if caller is not None:
                await self._keep(session, caller, answer)
        return answer

    async def _on_several(self, caller: Caller | None, change: Callable[[Several], Awaitable[T]]) -> T:
        while True:
            try:
                async with self.db.write() as session:
                    if caller is not None and (known := await self._answer(session, caller)):
                        return cast(T, known[0])
                    several = Several(session, self._command_id(caller), clock.now(), not self.db.is_sqlite)
                    answer = await change(several)
                    for unit in several.units:
                        await self._log(unit)
                    if caller is not None:
                        await self._keep(session, caller, answer)
            except Overtaken:
                continue
            for unit in several.units:
                self._tell(unit)
            return answer

    async def _on_project(self, caller: Caller, key: str, needs: Role, what: str, change: Change[T]) -> T:
        async with self.db.write(turn=key) as session:
            if caller.idempotency is not None:
                await self._wait_for_twin(session, caller)
            project, role = await member_of(session, key, caller.user.id, lock=not self.db.is_sqlite)
            unit = self._unit(session, project, role, caller)
            unit.require(needs, what)
            if known := await self._answer(session, caller):
                return cast(T, known[0])
            answer = await change(unit)
            await self._close(unit, caller, answer)
        self._tell(unit)
        return answer

    def _unit(self, session: AsyncSession, project: Row, role: Role, caller: Caller) -> Unit:
        return Unit(
            session=session,
            project=project,
            role=role,
            actor=caller.user,
            command_id=self._command_id(caller),
            at=clock.now(),
            seq=int(project.seq),
        )

    def _command_id(self, caller: Caller | None) -> str:
        return caller.idempotency.key if caller is not None and caller.idempotency else new_id()

    async def _close(self, unit: Unit, caller: Caller, answer: Any) -> None:
        await self._log(unit)
        await self._keep(unit.session, caller, answer)

    async def _log(self, unit: Unit) -> None:
        for projection in self.projections:
            await projection(unit)
        if unit.recorded:
            await write_rows(
                unit.session,
                _APPEND,
                (
                    {
                        "project_id": unit.project_id,
                        "seq": event.seq,
                        "type": event.type,
                        "at": event.at,
                        "actor_id": event.actor.id,
                        "command_id": unit.command_id,
                        "number": event.number,
                        "body": event.body.decode(),
                    }
                    for event in unit.recorded
                ),
            )
        if unit.recorded or unit.project_values:
            await unit.session.execute(_ADVANCE, {"of": unit.project_id, "seq": unit.seq, **unit.project_values})
        if unit.access_taken:
            await take_access(unit.session)

    def _tell(self, unit: Unit) -> None:
        if unit.recorded or unit.access_taken:
            self.wake(unit.project_id, str(unit.project.log), unit.recorded, unit.access_taken)

    async def _wait_for_twin(self, session: AsyncSession, caller: Caller) -> None:
        # On SQLite the one write transaction is the queue already.
        if caller.idempotency is not None and not self.db.is_sqlite:
            name = f"{caller.user.id}\0{caller.idempotency.key}".encode()
            number = int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
            await session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    async def _answer(self, session: AsyncSession, caller: Caller) -> tuple[Any] | None:
        if caller.idempotency is None:
            return None
        await self._wait_for_twin(session, caller)
        row = (
            await session.execute(
                sa.select(idempotency.c.fingerprint, idempotency.c.answer).where(
                    idempotency.c.user_id == caller.user.id, idempotency.c.key == caller.idempotency.key
                )
            )
        ).one_or_none()
        if row is None:
            return None
        if row.fingerprint != caller.idempotency.fingerprint:
            raise Problem(
                "idempotency_mismatch",
                "This Idempotency-Key was used for another request; a new request needs a new key.",
            )
        return (orjson.loads(row.answer),)

    async def _keep(self, session: AsyncSession, caller: Caller, answer: Any) -> None:
        if caller.idempotency is None:
            return
        moment = clock.now()
        await session.execute(
            sa.delete(idempotency).where(
                idempotency.c.user_id == caller.user.id, idempotency.c.created_at < moment - ANSWERS_KEPT
            )
        )
        await session.execute(
            sa.insert(idempotency).values(
                user_id=caller.user.id,
                key=caller.idempotency.key,
                fingerprint=caller.idempotency.fingerprint,
                answer=orjson.dumps(answer).decode(),
                created_at=moment,
            )
        )


# Statements of every command: made once, as making one takes several times as long as running it.
_APPEND = sa.insert(events)
_ADVANCE = sa.update(projects).where(projects.c.id == sa.bindparam("of"))
_NOTED = "taskhub.member"
_MEMBERSHIP = (
    sa.select(*projects.c, members.c.role)
    .join(members, members.c.project_id == projects.c.id)
    .where(
        projects.c.key == sa.bindparam("of"),
        projects.c.deleted_at.is_(None),
        members.c.user_id == sa.bindparam("by"),
    )
)


async def member_of(session: AsyncSession, key: str, user_id: str, *, lock: bool = False) -> tuple[Row, Role]:
    """The project KEY and the user's role in it; `lock` holds its row until the transaction ends (on PostgreSQL;
    SQLite's one writer needs none).

    Raises Problem `not_found` where there is no such project, it was deleted, or the user is no member.
    """
    if KEY.fullmatch(key) is None:
        raise not_found()
    if lock:
        # By itself: what a joined table shows to a query that waited for the lock is from before the wait.
        await session.execute(sa.select(projects.c.id).where(projects.c.key == key).with_for_update())
    noted = None if lock else session.info.get(_NOTED)
    if noted is not None and noted[:2] == (key, user_id):
        row = noted[2]
    else:
        row = (await session.execute(_MEMBERSHIP, {"of": key, "by": user_id})).one_or_none()
    if row is None:
        raise not_found()
    return row, Role(row.role)


def note_member(session: AsyncSession, key: str, user_id: str, row: Row | None) -> None:
    """Tell `member_of` what this read-only transaction has found already: the project with the role; None for none."""
    session.info[_NOTED] = key, user_id, row


async def take_access(session: AsyncSession) -> None:
    """Note that somebody lost a right, a session or a token, so that every process looks again."""
    await session.execute(sa.update(access).where(access.c.id == 1).values(seq=access.c.seq + 1))
