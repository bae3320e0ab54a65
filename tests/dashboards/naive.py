"""A project's figures from its whole log alone, day by day and task by task; the twin of taskhub/dashboards.

Written from docs/figures.md, without a look at how the server keeps them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

Event = dict[str, Any]

OPEN = ("backlog", "todo", "doing")


@dataclass
class Stay:
    """A time that a task spent in a state; `until` None: it is there."""

    state: str
    since: datetime
    until: datetime | None = None


@dataclass
class Past:
    """All that happened to a task."""

    number: int
    task: dict[str, Any] = field(default_factory=dict)
    there: bool = False
    stays: list[Stay] = field(default_factory=list)
    #: (state, moment) of each time that it was moved or born into a state, in the order of the log.
    entries: list[tuple[str, datetime]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """What the next event of the log says."""
        at = datetime.fromisoformat(event["at"])
        kind, self.task = event["type"], event["task"]
        is_there = kind != "task.deleted"
        state = self.task["state"]
        if is_there and (not self.entries or self.entries[-1][0] != state):
            at = max([at, *[moment for _, moment in self.entries]])
            self.entries.append((state, at))
        else:
            at = max(at, self.entries[-1][1])
        open_stay = self.stays[-1] if self.stays and self.stays[-1].until is None else None
        if open_stay is not None and (not is_there or open_stay.state != state):
            open_stay.until = at
            open_stay = None
        if is_there and open_stay is None:
            self.stays.append(Stay(state, at))
        self.there = is_there

    @property
    def on_board(self) -> bool:
        return self.there and not self.task["archived"]


def recomputed(events: Sequence[Event], now: datetime) -> dict[str, Any]:
    """The answer of `GET /projects/KEY/dashboard` at `now`, but for its log, seq and at."""
    today = now.astimezone(UTC).date()
    names, project, workflow = {}, events[0]["project"], events[0]
    known: dict[str, dict[str, Any]] = {}
    pasts: dict[int, Past] = {}
    for event in events:
        if "task" in event:
            number = event["task"]["number"]
            pasts.setdefault(number, Past(number)).take(event)
        if "member" in event:
            names[event["member"]["id"]] = event["member"]["name"]
        if "workflow" in event:
            workflow = event["workflow"]
            known |= {state["id"]: state for state in workflow["states"]}
        if isinstance(event["project"], dict):
            project = event["project"]
    category = {id_: state["category"] for id_, state in known.items()}

    def day(moment: datetime) -> date:
        return min(moment.astimezone(UTC).date(), today)

    def last(count: int, until: date = today) -> list[date]:
        return [until - timedelta(days=ago) for ago in reversed(range(count))]

    on_board = [past for past in pasts.values() if past.on_board]
    counts = Counter(past.task["state"] for past in on_board)
    open_ = [past for past in on_board if category[past.task["state"]] in OPEN]
    # What is done, and when it became so.
    done = [
        (next(at for state, at in reversed(past.entries) if state == past.task["state"]), past)
        for past in pasts.values()
        if past.there and category[past.task["state"]] == "done"
    ]
    done_on = Counter(day(at) for at, _ in done)
    flow: list[dict[str, Any]] = [
        {
            "day": each.isoformat(),
            "counts": Counter(
                stay.state
                for past in pasts.values()
                for stay in past.stays
                if day(stay.since) <= each and (stay.until is None or day(stay.until) > each)
            ),
        }
        for each in last(60)
    ]
    current = [state["id"] for state in workflow["states"]]
    gone = sorted({state for each in flow for state in each["counts"]} - set(current))
    for each in flow:
        each["counts"] = {state: each["counts"][state] for state in [*current, *gone]}
    began = min((day(at) for past in pasts.values() for _, at in past.entries), default=None)
    doing = [state for state in workflow["states"] if state["category"] == "doing"]
    limits = [state["wip_limit"] for state in doing if state["wip_limit"] is not None]
    weeks = 0
    while began is not None and weeks < 4 and began <= today - timedelta(days=6 + 7 * (weeks + 1)):
        weeks += 1
    before = sum(done_on[each] for each in last(7 * weeks, today - timedelta(days=7)))
    drawn = [each for each in last(30, today - timedelta(days=1)) if began is not None and each >= began]
    return {
        "project": {"key": project["key"], "name": project["name"]},
        "states": [state | {"count": counts[state["id"]]} for state in workflow["states"]],
        "past_states": [{name: known[state][name] for name in ("id", "name", "category")} for state in gone],
        "wip": {"count": sum(counts[state["id"]] for state in doing), "limit": sum(limits) if limits else None},
        "people": _people(open_, category, names),
        "flow": flow,
        "throughput": [{"day": each.isoformat(), "done": done_on[each]} for each in last(63)],
        "week": {
            "done": sum(done_on[each] for each in last(7)),
            "mean": round(before / weeks, 2) if weeks else None,
            "weeks": weeks,
        },
        "cycle": _cycle(done, category, today, project["key"]),
        "forecast": {"open": len(open_), "days": len(drawn), "samples": sum(done_on[each] for each in drawn)},
    }


def _people(open_: Iterable[Past], category: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    loads: dict[str | None, Counter[str]] = {}
    for past in open_:
        for person in past.task["assignees"] or [None]:
            loads.setdefault(person, Counter())[category[past.task["state"]]] += 1
    found = [
        {"id": person, "name": names[person] if person else None, "open": load.total()}
        | {name: load[name] for name in OPEN}
        for person, load in loads.items()
    ]
    return sorted(found, key=lambda one: (one["id"] is None, -one["open"], one["name"], one["id"]))


def _cycle(done: Iterable[tuple[datetime, Past]], category: dict[str, str], today: date, key: str) -> dict[str, Any]:
    def age(at: datetime) -> int:
        return max(0, (today - at.astimezone(UTC).date()).days)

    latest = sorted(((at, past.number, past) for at, past in done if age(at) < 60), key=lambda one: one[:2])[-1000:]
    timed = []
    for at, number, past in latest:
        begun = [moment for state, moment in past.entries if category[state] == "doing"]
        if begun:
            took = round((at - min(begun)).total_seconds() / 86_400, 4)
            timed.append((at, {"ref": f"{key}-{number}", "title": past.task["title"], "days": took}))
    every = [one["days"] for _, one in timed]
    recent = [one["days"] for at, one in timed if age(at) < 30]
    before = [one["days"] for at, one in timed if age(at) >= 30]
    return {
        "days": 60,
        "of": len(timed),
        "without": len(latest) - len(timed),
        "p50": share(every, 50),
        "p85": share(every, 85),
        "p95": share(every, 95),
        "recent": {"days": 30, "of": len(recent), "p85": share(recent, 85)},
        "before": {"days": 30, "of": len(before), "p85": share(before, 85)},
        "tasks": [
            one | {"at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
            for at, one in timed[-500:]
        ],
    }


def share(values: list[float], percent: int) -> float | None:
    """The smallest value that at least so many of a hundred do not exceed."""
    for value in sorted(values):
        if 100 * sum(other <= value for other in values) >= percent * len(values):
            return value
    return None


def same(answer: dict[str, Any], events: Sequence[Event]) -> None:
    """Assert that an answer is what the log says, at the moment that it was made."""
    expected = recomputed(events, datetime.fromisoformat(answer["at"]))
    assert answer["seq"] == events[-1]["seq"]
    found = {name: answer[name] for name in expected}
    found["forecast"] = {name: answer["forecast"][name] for name in expected["forecast"]}
    for name, value in expected.items():
        assert found[name] == value, name
