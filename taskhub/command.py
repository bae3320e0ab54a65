"""The unit of work: every change to a project is one command, and every command is one transaction.

A command locks the project's row before it looks at anything, asks who may do it, changes the tables, appends to
the project's log under the next `seq`, runs the projections, commits, and wakes the hub. It runs shielded: a client
that hangs up never leaves a change half done, nor a change done that nobody is told of.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Database, Row, new_id, write_rows
from taskhub.errors import Problem
from taskhub.events.model import events, idempotency
from taskhub.membership import member_of, take_access
from taskhub.people.model import User, users
from taskhub.projects.model import Role, projects
from taskhub.unit import Recorded, Several, Unit

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
class Dropped:
    """The states that a command drops from the workflow, and where to with what is kept under them."""

    #: Their names, by id.
    names: Mapping[str, str]
    #: A state that stays.
    stays: str
    #: The states that stay, where the owner said so, by the ids of those that go.
    targets: Mapping[str, str]
    #: The names and limits of those that stay and have a limit, by id.
    limited: Mapping[str, tuple[str, int]]


class Overtaken(Exception):
    """Raised by a change to several projects that another command came before: it is begun again."""


Change = Callable[[Unit], Awaitable[T]]
Asked = Callable[[AsyncSession], Awaitable[None]]
Projection = Callable[[Unit], Awaitable[None]]
#: Called within the command that removes a member, before the removal, with the member's user id: higher rooms let go
#: of what they hold of that person.
Leaving = Callable[[Unit, str], Awaitable[None]]
#: Called within the command that drops states from the workflow, before they go: higher rooms refuse, or carry over
#: what they keep under them.
Dropping = Callable[[Unit, Dropped], Awaitable[None]]
#: Called after a commit with the project's id, the id of its log, what was recorded there, and whether access was taken
#: from somebody.
Wake = Callable[[int, str, Sequence[Recorded], bool], None]
#: Called after a commit with how far it has brought inboxes: the `seq` by user id.
Nudge = Callable[[Mapping[str, int]], None]

#: Called when a command is over with `done`, `refused` or `failed`, and the seconds it took.
Took = Callable[[str, float], None]


def _uncounted(_outcome: str, _seconds: float) -> None:
    return None


def _nobody(_project_id: int, _log: str, _recorded: Sequence[Recorded], _access_taken: bool) -> None:
    return None


def _no_inbox(_heads: Mapping[str, int]) -> None:
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
        took: Took = _uncounted,
        nudge: Nudge = _no_inbox,
    ) -> None:
        self.db = db
        self.projections = projections
        self.leaving = leaving
        self.dropping = dropping
        self.wake = wake
        self.took = took
        self.nudge = nudge
        self._running: set[asyncio.Task[Any]] = set()

    async def on_project(self, caller: Caller, key: str, needs: Role, what: str, change: Change[T]) -> T:
        """Run `change` as one command on the project KEY.

        Raises Problem: `not_found` for who is no member, `forbidden` below `needs` (`what` completes “may …”),
        `idempotency_mismatch`, and whatever `change` refuses with; then nothing has happened.
        """
        return await self._finish(self._on_project(caller, key, needs, what, change))

    async def outside(
        self, caller: Caller | None, change: Callable[[AsyncSession], Awaitable[T]], *, may: Asked | None = None
    ) -> T:
        """Run a change that belongs to no project's log (accounts, credentials) in one transaction.

        `change` asks itself who may; where its answer is kept already `may` does, and raises Problem.
        """
        return await self._finish(self._known(caller, self._outside(caller, change, may)))

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
            self._tell_inboxes(unit.session)
            return answer

        return await self._finish(self._known(caller, begin()))

    async def drain(self) -> None:
        """Wait until no command runs any more."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(partial(self._ended, perf_counter()))
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

    def _ended(self, begun: float, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        # Looked at here so that a failure nobody waits for any more still reaches the log.
        error = None if task.cancelled() else task.exception()
        refused = isinstance(error, (Problem, Rehearsed))
        failed = task.cancelled() or (error is not None and not refused)
        self.took("failed" if failed else "refused" if refused else "done", perf_counter() - begun)
        if error is not None and not refused:
            log.error("a command failed: %s", type(error).__name__)

    async def _outside(
        self, caller: Caller | None, change: Callable[[AsyncSession], Awaitable[T]], may: Asked | None
    ) -> T:
        async with self.db.write() as session:
            if caller is not None and (known := await self._answer(session, caller)):
                if may is not None:
                    await may(session)
                return cast(T, known[0])
            answer = await change(session)
            if caller is not None:
                await self._keep(session, caller, answer)
        self._tell_inboxes(session)
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
            self._tell_inboxes(session)
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
        self._tell_inboxes(unit.session)
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
        rows = [
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
        ]
        if rows and not self.db.is_sqlite:
            last = {f"event_{name}": value for name, value in rows.pop().items()}
            await write_rows(unit.session, _APPEND, rows)
            await unit.session.execute(_APPEND_AND_ADVANCE, last | unit.project_values)
        elif rows or unit.project_values:
            await write_rows(unit.session, _APPEND, rows)
            await unit.session.execute(_ADVANCE, {"of": unit.project_id, "seq": unit.seq, **unit.project_values})
        if unit.access_taken:
            await take_access(unit.session)

    def _tell(self, unit: Unit) -> None:
        if unit.recorded or unit.access_taken:
            self.wake(unit.project_id, str(unit.project.log), unit.recorded, unit.access_taken)

    def _tell_inboxes(self, session: AsyncSession) -> None:
        if heads := session.info.get(_INBOXES):
            self.nudge(heads)

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
# The last event and the head together, where each statement is a way to a server and back.
_LAST_EVENT = {column.name: sa.bindparam(f"event_{column.name}", type_=column.type) for column in events.c}
_APPEND_AND_ADVANCE = (
    sa.update(projects)
    .where(projects.c.id == _LAST_EVENT["project_id"])
    .values(seq=_LAST_EVENT["seq"])
    .add_cte(sa.insert(events).values(_LAST_EVENT).cte("appended"))
)


_INBOXES = "taskhub.inboxes"


def note_inbox(session: AsyncSession, user_id: str, seq: int) -> None:
    """Let the hub hear, once this transaction is committed, that it has brought somebody's inbox to `seq`."""
    session.info.setdefault(_INBOXES, {})[user_id] = seq
