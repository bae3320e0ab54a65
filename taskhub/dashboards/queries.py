"""A project's figures, from numbers that are kept up: as many rows however long its history is."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.dashboards import forecast as forecasting
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
from taskhub.db import Row
from taskhub.people.model import users
from taskhub.tasks.model import tasks
from taskhub.workflow.model import OPEN_CATEGORIES, State
from taskhub.workflow.queries import kept_workflow

#: Days of the cumulative flow and of cycle times, and of the tasks done per day, up to today.
FLOW_DAYS, CYCLE_DAYS, DONE_DAYS = 60, 60, 63
#: How many cycle times are looked at, and how many of them are shown: the latest.
MOST_TIMES, MOST_POINTS = 1_000, 500
#: Days of a week's mean: the weeks before the last seven days.
WEEKS = 4

_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Numbers:
    """The numbers of a project: by state and day, what stands by state, and by person and state."""

    first_day: int | None = None
    by_day: Mapping[str, defaultdict[str, dict[int, int]]] = field(
        default_factory=lambda: {FLOW: defaultdict(dict), ENTERED: defaultdict(dict)}
    )
    standing: Mapping[str, dict[str, int]] = field(default_factory=lambda: {ALL: {}, BOARD: {}})
    people: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True, slots=True)
class Timed:
    """A task that is done: when that was, and when it was begun, if it ever was."""

    number: int
    title: str
    at: datetime
    begun_at: datetime | None

    @property
    def days(self) -> float | None:
        """How long it took."""
        return None if self.begun_at is None else round((self.at - self.begun_at) / _DAY, 4)


async def read_figures(session: AsyncSession, project: Row, now: datetime) -> Callable[[], Awaitable[dict[str, Any]]]:
    """The figures of the project whose row is given, as on the wire, at the moment that the session sees.

    The answer is to be called when the session is not needed any more: the forecast takes a while.
    """
    workflow = await kept_workflow(session, project)
    states = workflow.states
    past = await _kept_past_states(session, project)
    gone = [state for state in past if workflow.state(state.id) is None]
    in_category = _by_category((*states, *gone))
    today = day_of(now)
    numbers = await _numbers(session, project.id, today)
    timed = await _timed(session, project.id, in_category["done"], in_category["doing"], today)
    people = await _people(session, numbers, states)
    done = _done_by_day(numbers, in_category["done"])
    flow, flowing = _flow(numbers, states, gone, today)
    on_board = numbers.standing[BOARD]
    open_ = sum(on_board.get(state.id, 0) for state in states if state.category in OPEN_CATEGORIES)
    found: dict[str, Any] = {
        "log": project.log,
        "seq": project.seq,
        "at": clock.wire(now),
        "project": {"key": project.key, "name": project.name},
        "states": [state.on_wire() | {"count": on_board.get(state.id, 0)} for state in states],
        "past_states": [{"id": state.id, "name": state.name, "category": state.category} for state in flowing],
        "wip": _wip(on_board, states),
        "people": people,
        "flow": flow,
        "throughput": [{"day": _iso(day), "done": done.get(day, 0)} for day in _last(DONE_DAYS, today)],
        "week": _week(done, numbers.first_day, today),
        "cycle": _cycle(project.key, timed, today),
    }

    async def foretold() -> dict[str, Any]:
        return found | {"forecast": await _forecast(open_, done, numbers.first_day, today)}

    return foretold


def in_short(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Of a project's figures what an overview shows."""
    return {
        "wip": figures["wip"],
        "week": figures["week"],
        "p85": figures["cycle"]["p85"],
        "forecast": {name: figures["forecast"][name] for name in ("open", "p50", "p85", "sure", "reason")},
    }


async def _numbers(session: AsyncSession, project_id: int, today: int) -> _Numbers:
    found = _Numbers()
    since = today - max(FLOW_DAYS, DONE_DAYS) + 1
    for first, day, kind, state, person, n in await session.execute(_NUMBERS, {"of": project_id, "since": since}):
        found.first_day = first if first != STANDING else None
        if kind in found.by_day:
            # What is dated later than today is counted today.
            days = found.by_day[kind][state]
            days[min(day, today)] = days.get(min(day, today), 0) + n
        elif kind == PEOPLE:
            found.people[person][state] = n
        else:
            found.standing[kind][state] = n
    return found


_FIRST = figures.alias()
_NUMBERS = sa.select(
    sa.select(sa.func.min(_FIRST.c.day)).where(_FIRST.c.project_id == sa.bindparam("of")).scalar_subquery(),
    figures.c.day,
    figures.c.kind,
    figures.c.state,
    figures.c.person,
    figures.c.n,
).where(figures.c.project_id == sa.bindparam("of"), figures.c.day >= sa.bindparam("since"))


_KEPT: OrderedDict[tuple[str, int], Sequence[State]] = OrderedDict()
_MOST_KEPT = 256


async def _kept_past_states(session: AsyncSession, project: Row) -> Sequence[State]:
    """The states that the project's workflow has lost, read once for each log and version of it."""
    name = (project.log, project.workflow_version)
    if name not in _KEPT:
        query = sa.select(past_states).where(past_states.c.project_id == project.id).order_by(past_states.c.id)
        _KEPT[name] = [State(row.id, row.name, row.category) for row in await session.execute(query)]
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return _KEPT[name]


def _by_category(states: Iterable[State]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for state in states:
        found[state.category].append(state.id)
    return found


def _last(count: int, today: int) -> range:
    """So many days, the last of which is today."""
    return range(today - count + 1, today + 1)


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _wip(on_board: Mapping[str, int], states: Sequence[State]) -> dict[str, Any]:
    doing = [state for state in states if state.category == "doing"]
    limits = [state.wip_limit for state in doing if state.wip_limit is not None]
    return {"count": sum(on_board.get(state.id, 0) for state in doing), "limit": sum(limits) if limits else None}


def _done_by_day(numbers: _Numbers, done_states: Sequence[str]) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for state in done_states:
        for day, n in numbers.by_day[ENTERED].get(state, {}).items():
            found[day] += n
    return found


def _flow(
    numbers: _Numbers, states: Sequence[State], gone: Sequence[State], today: int
) -> tuple[list[dict[str, Any]], list[State]]:
    """By day the tasks in each state at its end, and those past states that had some; back from what stands now."""
    by_state: dict[str, list[int]] = {}
    flowing = []
    for state in (*states, *gone):
        n, net = numbers.standing[ALL].get(state.id, 0), numbers.by_day[FLOW].get(state.id, {})
        backwards = []
        for day in reversed(_last(FLOW_DAYS, today)):
            backwards.append(n)
            n -= net.get(day, 0)
        if state in gone:
            if not any(backwards):
                continue
            flowing.append(state)
        by_state[state.id] = backwards[::-1]
    flow = [
        {"day": _iso(day), "counts": {state: counts[index] for state, counts in by_state.items()}}
        for index, day in enumerate(_last(FLOW_DAYS, today))
    ]
    return flow, flowing


async def _people(session: AsyncSession, numbers: _Numbers, states: Sequence[State]) -> list[dict[str, Any]]:
    category = {state.id: state.category for state in states}
    loads: dict[str, dict[str, int]] = {}
    for person, by_state in numbers.people.items():
        load = dict.fromkeys(("doing", "todo", "backlog"), 0)
        for state, n in by_state.items():
            if category.get(state) in load:
                load[category[state]] += n
        if any(load.values()):
            loads[person] = {"open": sum(load.values()), **load}
    ids = [person for person in loads if person != NOBODY]
    query = sa.select(users.c.id, users.c.name).where(users.c.id.in_(ids))
    names = {row.id: row.name for row in await session.execute(query)} if ids else {}
    named: list[dict[str, Any]] = [
        {"id": person or None, "name": names.get(person), **load} for person, load in loads.items()
    ]
    return sorted(named, key=lambda one: (one["id"] is None, -one["open"], one["name"] or "", one["id"] or ""))


def _week(done: Mapping[int, int], first_day: int | None, today: int) -> dict[str, Any]:
    week = sum(done.get(day, 0) for day in _last(7, today))
    # A mean of whole weeks that the project has seen.
    weeks = 0 if first_day is None else max(0, min(WEEKS, (today - 6 - first_day) // 7))
    before = sum(done.get(day, 0) for day in _last(7 * weeks, today - 7))
    return {"done": week, "mean": round(before / weeks, 2) if weeks else None, "weeks": weeks}


async def _timed(
    session: AsyncSession, project_id: int, done: Sequence[str], doing: Sequence[str], today: int
) -> list[Timed]:
    """The latest tasks that were done in the last days, oldest first."""
    since = datetime.combine(date.fromordinal(today - CYCLE_DAYS + 1), datetime.min.time(), UTC)
    found: list[Timed] = []
    # One by one, each along its index: of several together the latest would have to be sorted out.
    for state in done:
        values = {"of": project_id, "in_state": state, "since": since, "doing": list(doing)}
        found += [
            Timed(row.number, row.title, row.last_at, row.begun_at) for row in await session.execute(_TIMED, values)
        ]
    found.sort(key=lambda one: (one.at, one.number))
    return found[-MOST_TIMES:]


_BEGUN = task_entries.alias()
_TIMED = (
    sa.select(
        task_entries.c.number,
        task_entries.c.last_at,
        tasks.c.title,
        sa.select(sa.func.min(_BEGUN.c.first_at))
        .where(
            _BEGUN.c.project_id == task_entries.c.project_id,
            _BEGUN.c.number == task_entries.c.number,
            state_of(_BEGUN).in_(sa.bindparam("doing", expanding=True)),
        )
        .scalar_subquery()
        .label("begun_at"),
    )
    .join(
        tasks,
        sa.and_(
            tasks.c.project_id == task_entries.c.project_id,
            tasks.c.number == task_entries.c.number,
            tasks.c.state == task_entries.c.state,
            tasks.c.deleted_at.is_(None),
        ),
    )
    .where(
        task_entries.c.project_id == sa.bindparam("of"),
        task_entries.c.state == sa.bindparam("in_state"),
        task_entries.c.last_at >= sa.bindparam("since"),
    )
    .order_by(task_entries.c.last_at.desc(), task_entries.c.number.desc())
    .limit(MOST_TIMES)
)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest of the values that at least `percent` of a hundred of them do not exceed; None without any."""
    return sorted(values)[max(ceil(percent * len(values) / 100), 1) - 1] if values else None


def _cycle(key: str, timed: Sequence[Timed], today: int) -> dict[str, Any]:
    times = [(one, one.days) for one in timed if one.days is not None]
    took = [days for _, days in times]
    half = CYCLE_DAYS // 2
    recent = [days for one, days in times if day_of(one.at) > today - half]
    before = [days for one, days in times if day_of(one.at) <= today - half]
    return {
        "days": CYCLE_DAYS,
        "of": len(times),
        "without": len(timed) - len(times),
        "p50": percentile(took, 50),
        "p85": percentile(took, 85),
        "p95": percentile(took, 95),
        "recent": {"days": half, "of": len(recent), "p85": percentile(recent, 85)},
        "before": {"days": half, "of": len(before), "p85": percentile(before, 85)},
        "tasks": [
            {"ref": f"{key}-{one.number}", "title": one.title, "at": clock.wire(one.at), "days": days}
            for one, days in times[-MOST_POINTS:]
        ],
    }


async def _forecast(open_: int, done: Mapping[int, int], first_day: int | None, today: int) -> dict[str, Any]:
    # Today is not over yet.
    days = [day for day in _last(forecasting.DAYS, today - 1) if first_day is not None and day >= first_day]
    samples = tuple(done.get(day, 0) for day in days)
    found = await asyncio.to_thread(forecasting.forecast, open_, samples)
    return {
        "open": open_,
        **{f"p{percent}": _iso(today + days) if days else None for percent, days in found.after.items()},
        "days": len(samples),
        "samples": sum(samples),
        "sure": found.sure,
        "reason": found.reason,
    }
