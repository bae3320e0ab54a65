"""One command's open transaction: the projects whose rows it has locked, and what it records in their logs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.errors import Problem
from taskhub.events.catalogue import TYPES
from taskhub.people.model import User
from taskhub.projects.model import Role, projects

_PLURAL = {Role.VIEWER: "people", Role.MEMBER: "members", Role.OWNER: "owners"}


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
    #: Whether what is recorded happened long ago, as in an import: nobody is notified of it.
    is_history: bool = False
    #: Where it is said, the end of that past: of what happened after it, and before the command, people are notified.
    history_until: datetime | None = None

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
