"""Keeping the figures up, within the command that changes them: two statements for a move, one for a new assignee.

How much history there is makes no difference. A comment, a title, a place within a column cost nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.dashboards.model import (
    ALL,
    BOARD,
    ENTERED,
    FLOW,
    NOBODY,
    PEOPLE,
    STANDING,
    day_of,
    figures,
    past_states,
    state_of,
    task_entries,
)
from taskhub.db import UtcDateTime, write_rows
from taskhub.unit import Recorded, Unit

#: day, kind, state, person: what a number of `figures` stands under.
_Key = tuple[int, str, str, str]


class Standing(NamedTuple):
    """Where a task stands that is not deleted."""

    state: str
    archived: bool
    people: tuple[str, ...]


async def keep_figures(unit: Unit) -> None:
    """The projection: whatever the command's events say of where tasks stand, told to the figures."""
    keeper = _Keeper(unit)
    for event in unit.recorded:
        if event.type == "workflow.changed":
            await _keep_dropped(unit, event)
        elif event.number is not None:
            before, after = standings(event)
            if before != after:
                await keeper.take(event, before, after)
    await keeper.write()


def standings(event: Recorded) -> tuple[Standing | None, Standing | None]:
    """Where an event's task stood before it, and where it stands after it; None: nowhere, it is not there."""
    task, changes = event.entities["task"], event.changes
    state, archived, people = task["state"], task["archived"], tuple(task["assignees"])
    after = None if event.type == "task.deleted" else Standing(state, archived, people)
    if event.type == "task.created" or (event.type == "task.restored" and "archived" not in changes):
        return None, after
    if "state" in changes:
        state = changes["state"][0]
    if "archived" in changes:
        archived = changes["archived"][0]
    if "assignees" in changes:
        people = tuple(changes["assignees"][0])
    return Standing(state, archived, people), after


@dataclass(slots=True)
class _Entry:
    """When a task that this command made entered a state."""

    first: datetime
    last: datetime


class _Keeper:
    """What one command changes of the numbers; `write` it at the end."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._project_id = unit.project_id
        self._sums: Counter[_Key] = Counter()
        # By number, the entries of the tasks that the command made: nobody else knows of them.
        self._made: dict[int, dict[str, _Entry]] = {}

    async def take(self, event: Recorded, before: Standing | None, after: Standing | None) -> None:
        """Count what an event changes."""
        if event.type == "task.created":
            self._made[event.entities["task"]["number"]] = {}
        if before is None or after is None or before.state != after.state:
            await self._step(event, before, after)
        for standing, sign in ((before, -1), (after, 1)):
            if standing is not None and not standing.archived:
                self._sums[STANDING, BOARD, standing.state, NOBODY] += sign
                for person in standing.people or (NOBODY,):
                    self._sums[STANDING, PEOPLE, standing.state, person] += sign

    async def _step(self, event: Recorded, before: Standing | None, after: Standing | None) -> None:
        task, at = event.entities["task"], event.at
        number: int = task["number"]
        # The state that it was in last, also where it comes back from deletion.
        was = None if event.type == "task.created" else event.changes.get("state", (task["state"],))[0]
        if after is not None and after.state != was:
            at, left = await self._enter(number, after.state, at, was)
            entered: datetime | None = at
        else:
            # It goes, or comes back to where it was.
            entered = left = await self._last(number, was)
            at = max(at, left or at)
        for standing, moment, sign in ((before, left, -1), (after, entered, 1)):
            if standing is not None:
                self._sums[day_of(at), FLOW, standing.state, NOBODY] += sign
                self._sums[STANDING, ALL, standing.state, NOBODY] += sign
                if moment is not None:
                    self._sums[day_of(moment), ENTERED, standing.state, NOBODY] += sign

    async def _enter(self, number: int, state: str, at: datetime, was: str | None) -> tuple[datetime, datetime | None]:
        """Note that a task enters a state; when that was, and when it last entered the one that it was in."""
        made = self._made.get(number)
        if made is None:
            values = {"of": self._project_id, "this": number, "into": state, "at": at, "was": was}
            row = (await self._session.execute(_ENTER[_dialect(self._session)], values)).one()
            return row.last_at, row.left_at
        left = made[was].last if was is not None else None
        at = max(at, left or at)
        made.setdefault(state, _Entry(at, at)).last = at
        return at, left

    async def _last(self, number: int, state: str | None) -> datetime | None:
        """When a task last entered the state."""
        made = self._made.get(number)
        if made is not None:
            return made[state].last if state is not None else None
        values = {"of": self._project_id, "this": number, "was": state}
        found: datetime | None = await self._session.scalar(_LAST, values)
        return found

    async def write(self) -> None:
        """Write what changed."""
        entries = [
            {"number": number, "state": state, "first_at": entry.first, "last_at": entry.last}
            for number, states in self._made.items()
            for state, entry in states.items()
        ]
        if entries:
            rows = ({"project_id": self._project_id, **entry} for entry in entries)
            await write_rows(self._session, _INSERT, rows)
        changed = sorted((key, by) for key, by in self._sums.items() if by)
        if changed:
            await write_rows(
                self._session,
                _ADD[_dialect(self._session)],
                (
                    {
                        "project_id": self._project_id,
                        "day": day,
                        "kind": kind,
                        "state": state,
                        "person": person,
                        "n": by,
                    }
                    for (day, kind, state, person), by in changed
                ),
            )


async def _keep_dropped(unit: Unit, event: Recorded) -> None:
    old, new = event.changes.get("states", (None, None))
    stay = {state["id"] for state in new or ()}
    for state in old or ():
        if state["id"] not in stay:
            values = {name: state[name] for name in ("id", "name", "category")}
            statement = _DROP[_dialect(unit.session)]
            await unit.session.execute(statement, {"project_id": unit.project_id, **values})


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def _statements(insert: Any) -> tuple[sa.Executable, sa.Executable, sa.Executable]:
    """The statements of every command, made once for a database that has `insert`."""
    adding = insert(figures)
    add = adding.on_conflict_do_update(
        index_elements=["project_id", "day", "kind", "state", "person"], set_={"n": figures.c.n + adding.excluded.n}
    )
    dropping = insert(past_states)
    drop = dropping.on_conflict_do_update(
        index_elements=["project_id", "id"],
        set_={name: dropping.excluded[name] for name in ("name", "category")},
    )
    at = sa.bindparam("at", type_=UtcDateTime)
    former = task_entries.alias()
    left = sa.and_(
        former.c.project_id == sa.bindparam("of"),
        former.c.number == sa.bindparam("this"),
        state_of(former) == sa.bindparam("was", type_=sa.String),
    )
    later = sa.select(sa.case((former.c.last_at > at, former.c.last_at), else_=at)).where(left).scalar_subquery()
    moment = sa.func.coalesce(later, at, type_=UtcDateTime)
    entering = insert(task_entries).values(
        project_id=sa.bindparam("of"),
        number=sa.bindparam("this"),
        state=sa.bindparam("into"),
        first_at=moment,
        last_at=moment,
    )
    enter = entering.on_conflict_do_update(
        index_elements=["project_id", "number", "state"], set_={"last_at": entering.excluded.last_at}
    ).returning(
        task_entries.c.last_at,
        sa.select(former.c.last_at).where(left).scalar_subquery().label("left_at"),
    )
    return add, drop, enter


_INSERT = sa.insert(task_entries)
_LAST = sa.select(task_entries.c.last_at).where(
    task_entries.c.project_id == sa.bindparam("of"),
    task_entries.c.number == sa.bindparam("this"),
    state_of(task_entries) == sa.bindparam("was"),
)
_BY_DIALECT = {"sqlite": _statements(sqlite.insert), "postgresql": _statements(postgresql.insert)}
_ADD = {name: statements[0] for name, statements in _BY_DIALECT.items()}
_DROP = {name: statements[1] for name, statements in _BY_DIALECT.items()}
_ENTER = {name: statements[2] for name, statements in _BY_DIALECT.items()}
