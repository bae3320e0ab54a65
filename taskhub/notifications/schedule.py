"""Reminders of due dates: written down by the command that sets a date, told once when their moment comes.

A reminder is a row that goes away in the transaction that puts it into the inboxes, under the lock of its project. So
of several processes one tells it, and one that was due while no server ran is told by the next that does. Of a task
that is not open when its moment comes nothing is told: the row waits, and is due when a command opens the task again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from taskhub import clock
from taskhub.command import Commands
from taskhub.db import write_rows
from taskhub.notifications import inbox
from taskhub.notifications.commands import about
from taskhub.notifications.inbox import News
from taskhub.notifications.model import WAITING, moments, reminders
from taskhub.notifications.pruning import prune
from taskhub.notifications.queries import load_around
from taskhub.notifications.rules import recipients_of_due
from taskhub.tasks.model import live, tasks
from taskhub.tasks.queries import load_tasks
from taskhub.unit import Recorded, Several, Unit
from taskhub.workflow.model import OPEN_CATEGORIES, State, Workflow
from taskhub.workflow.queries import kept_workflow, load_workflow

log = logging.getLogger(__name__)

#: Seconds between two looks for what is due.
TICK = 5.0
#: Seconds between two looks for what inboxes need not keep any more.
PRUNE_EVERY = 3600.0
#: Reminders that are told in one transaction, and projects that are looked at in one round.
_AT_ONCE = 100


async def remind(unit: Unit) -> None:
    """Write down when to remind of the due dates that a command has set, in place of those before; a projection.

    What waited for a task that the command has opened again is due now.
    """
    set_: dict[int, tuple[str | None, str]] = {}
    fresh = set()
    for event in unit.recorded:
        if "due" in event.changes and event.number is not None:
            set_[event.number] = (event.changes["due"][1], event.actor.id)
            if event.type == "task.created":
                fresh.add(event.number)
    if before := [{"project": unit.project_id, "this": number} for number in set_ if number not in fresh]:
        await write_rows(unit.session, _FORGET, before)
    closed = await _closed(unit) if unit.is_history and any(due for due, _ in set_.values()) else set()
    rows = [row for number, (due, by) in set_.items() if due for row in _rows(unit, number, due, by, closed)]
    await write_rows(unit.session, sa.insert(reminders), rows)
    if not unit.is_history:
        await _wake(unit)


def _rows(unit: Unit, number: int, due: str, by: str, closed: Collection[int]) -> Iterator[dict[str, Any]]:
    near, past = moments(due)
    for reason, at, until in (("due_soon", near, near + timedelta(days=1)), ("overdue", past, None)):
        late = at <= unit.at
        waits = late and unit.is_history and until is None and number in closed
        # What history brings along is not told afterwards; nor that it was the day before once that day is over.
        if late and not waits and (unit.is_history or (until is not None and until <= unit.at)):
            continue
        yield {
            "project_id": unit.project_id,
            "number": number,
            "reason": reason,
            "at": WAITING if waits else unit.at if late else at,
            "not_to": by if late and not waits else None,
        }


async def _closed(unit: Unit) -> Collection[int]:
    """The tasks that a history leaves done, cancelled or archived."""
    open_ = {state.id for state in (await load_workflow(unit.session, unit.project)).states if _is_open(state)}
    left = {event.number: event.entities["task"] for event in unit.recorded if event.number and event.entities["task"]}
    return {number for number, task in left.items() if task["archived"] or task["state"] not in open_}


async def _wake(unit: Unit) -> None:
    """Let be due what waits for the tasks that a command may have opened again."""
    here = sa.and_(reminders.c.project_id == unit.project_id, reminders.c.at == WAITING)
    if any(event.type == "project.created" for event in unit.recorded):
        return
    edits = [event for event in unit.recorded if event.type == "workflow.changed"]
    if opened := set[str]().union(*map(_opened, edits)):
        stand_there = sa.select(tasks.c.number).where(
            tasks.c.project_id == unit.project_id, tasks.c.state.in_(opened), live()
        )
        await unit.session.execute(
            sa.update(reminders).where(here, reminders.c.number.in_(stand_there)).values(at=unit.at)
        )
    workflow: Workflow | None = None
    back = set()
    for event in unit.recorded:
        if event.type == "task.restored" or (event.type == "task.moved" and "state" in event.changes):
            task = event.entities["task"]
            if not task["due"]:
                continue
            if workflow is None:
                # What a command has changed itself is not what is kept.
                workflow = await (load_workflow if edits else kept_workflow)(unit.session, unit.project)
            state = workflow.state(task["state"])
            if state is not None and _is_open(state):
                back.add(task["number"])
    if back:
        awake = sa.update(reminders).where(here, reminders.c.number == sa.bindparam("this")).values(at=unit.at)
        await write_rows(unit.session, awake, ({"this": number} for number in sorted(back)))


def _opened(event: Recorded) -> set[str]:
    """The states whose tasks an edit of the workflow has opened."""
    old, new = event.changes.get("states", ((), ()))
    open_before = {state["id"] for state in old or () if state["category"] in OPEN_CATEGORIES}
    return {state["id"] for state in new if state["category"] in OPEN_CATEGORIES} - open_before


def _is_open(state: State) -> bool:
    return state.category in OPEN_CATEGORIES


async def tell_due(commands: Commands) -> None:
    """Put what is due by now into the inboxes.

    Where that fails for a project the others are told all the same; then the first failure is raised.
    """
    failed: dict[int, Exception] = {}
    while True:
        due = sa.select(reminders.c.project_id).where(
            reminders.c.at <= clock.now(), reminders.c.project_id.not_in(failed)
        )
        async with commands.db.read() as session:
            found = (await session.scalars(due.order_by(reminders.c.at).limit(_AT_ONCE))).all()
        for project_id in dict.fromkeys(found):
            try:
                while await commands.on_several(None, partial(_tell, project_id)):
                    pass
            except Exception as failure:
                failed[project_id] = failure
        if len(found) < _AT_ONCE:
            break
    for error in failed.values():
        raise error


async def _tell(project_id: int, several: Several) -> bool:
    """Tell some reminders of one project; whether there may be more."""
    locked = await several.lock([project_id])
    session, now = several.session, several.at
    is_due = sa.and_(reminders.c.project_id == project_id, reminders.c.at <= now)
    rows = (await session.execute(sa.select(reminders).where(is_due).limit(_AT_ONCE))).all()
    told = {(row.number, row.reason) for row in rows}
    if not rows or not locked:
        await write_rows(session, _TOLD, _named(project_id, told))
        return len(rows) == _AT_ONCE
    (project,) = locked
    workflow = await kept_workflow(session, project)
    numbers = {row.number for row in rows}
    found = {task["number"]: task for task in await load_tasks(session, project, live(), tasks.c.number.in_(numbers))}
    people = {person for task in found.values() for person in (*task["assignees"], task["created_by"])}
    around = await load_around(session, project_id, project.key, people=people, watched=numbers)
    news = []
    wait = set()
    for row in rows:
        task = found.get(row.number)
        state = None if task is None else workflow.state(task["state"])
        if task is None or state is None or not _is_open(state):
            wait.add((row.number, row.reason))
            continue
        if not task["due"]:
            continue
        # Who comes back after days hears that it is late, not that it was about to be.
        if row.reason == "due_soon" and moments(task["due"])[1] <= now:
            continue
        body = about(project, task, at=clock.wire(now))
        for user_id, why in recipients_of_due(row.reason, task, around, not_to=row.not_to).items():
            news.append(News(user_id, row.number, body | {"reason": why.reason, "through": why.through}))
    await write_rows(session, _TOLD, _named(project_id, told - wait))
    await write_rows(session, _WAIT, _named(project_id, wait))
    if news:
        await inbox.put(session, project_id, now, news)
    return len(rows) == _AT_ONCE


def _named(project_id: int, which: Collection[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    for number, reason in sorted(which):
        yield {"project": project_id, "this": number, "why": reason}


_FORGET = sa.delete(reminders).where(
    reminders.c.project_id == sa.bindparam("project"), reminders.c.number == sa.bindparam("this")
)
_TOLD = _FORGET.where(reminders.c.reason == sa.bindparam("why"))
# Whoever set the date when it was past already may hear of it when the task is opened again.
_WAIT = (
    sa.update(reminders)
    .where(
        reminders.c.project_id == sa.bindparam("project"),
        reminders.c.number == sa.bindparam("this"),
        reminders.c.reason == sa.bindparam("why"),
    )
    .values(at=WAITING, not_to=None)
)


class Schedule:
    """One process's looks for what is due. `start` and `close` it in the loop it runs in."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, now and then every `TICK`."""
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        prune_at = monotonic()
        while True:
            with _told("what is due could not be told"):
                await tell_due(self._commands)
            if monotonic() >= prune_at:
                prune_at = monotonic() + PRUNE_EVERY
                with _told("inboxes could not be pruned"):
                    # Where there is more it is for the next look: what is due does not wait for it.
                    if await prune(self._commands):
                        prune_at = monotonic()
            await asyncio.sleep(TICK)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Whatever it is, the rows are there still, and the next look may do better.
        known = isinstance(error, (SQLAlchemyError, OSError))
        log.warning("%s: %s", what, type(error).__name__, exc_info=not known)
