"""Figures of histories that are known: a small board, whose figures are computed by hand, and a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from taskhub import clock
from tests.dashboards.naive import same
from tests.databases import MakeDatabase
from tests.openapi import Contract
from tests.property.world import World

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="module")
def world(database_kind: str, make_database: MakeDatabase, contract: Contract) -> Iterator[World]:
    """An instance in this process whose clock can be set, on each database."""
    world = World(make_database(database_kind), contract)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", world.now)
        yield world
    world.close()


def at(world: World, moment: str) -> None:
    """Set the clock."""
    world.set_clock(datetime.now(UTC) - datetime.fromisoformat(moment))


def ask(world: World, method: str, path: str, body: Any = None) -> Any:
    answer = world.request("ada", method, f"/api/v1/{path}", body)
    assert answer.status_code < 400, answer.text
    return answer.json() if answer.content else None


def figures(world: World, key: str) -> dict[str, Any]:
    """The project's figures now, which are what its whole log says."""
    found: dict[str, Any] = ask(world, "GET", f"projects/{key}/dashboard")
    events: list[Any] = []
    while len(events) < found["seq"]:
        events += ask(world, "GET", f"projects/{key}/events?since={len(events)}&limit=1000")["events"]
    same(found, events)
    return found


def flow_of(found: dict[str, Any], first: str, last: str) -> dict[str, list[int]]:
    """By day the counts of the states, in their order."""
    return {day["day"]: list(day["counts"].values()) for day in found["flow"] if first <= day["day"] <= last}


#: At the end of each day, in Backlog, Doing, Done and Cancelled.
FLOW = {
    "2025-06-01": [0, 0, 0, 0],
    "2025-06-02": [2, 0, 0, 0],
    "2025-06-03": [1, 2, 0, 0],
    "2025-06-04": [0, 2, 2, 0],
    "2025-06-05": [1, 1, 3, 0],
    "2025-06-06": [2, 2, 3, 0],
    "2025-06-07": [2, 1, 4, 0],
    "2025-06-08": [2, 1, 4, 0],
    "2025-06-09": [3, 0, 5, 0],
    "2025-06-10": [3, 1, 4, 0],
    "2025-06-11": [1, 2, 4, 1],
    "2025-06-12": [1, 1, 5, 1],
    "2025-06-13": [1, 1, 5, 1],
}


def test_a_small_board_by_hand(world: World) -> None:
    """Eight cards, looked at on Friday 2025-06-13 at noon (days are of June, UTC):

        A  Backlog 02 09:00, Doing 03 09:00, Done 05 09:00               took 2.0 days
        B  Backlog 02 10:00, Doing 04 10:00, Done 09 22:00               took 5.5
        C  Doing 03 09:00, Done 04 09:00                                 took 1.0
        D  Done 04 08:00                                                 never doing: no cycle time
        E  Backlog 05 08:00, Doing 06 08:00, Done 07 08:00,
           Doing 10 08:00 (so not done on the 7th after all),
           Done 12 20:00                                                 took 6.5, from the first Doing on
        F  Backlog 06 09:00, Doing 11 09:00
        G  Backlog 06 10:00, archived 10 10:00                           stays counted in Backlog, not on the board
        H  Backlog 09 09:00, Cancelled 11 12:00                          neither open nor done

    FLOW: on the 4th, for instance, B went on to Doing (Backlog 1 - 1 = 0), C left Doing for Done while B came
    (2 - 1 + 1 = 2), and D was made in Done (C, D: 2).

    Done, by day: 4th C, D; 5th A; 9th B; 12th E. In the last seven days (7th to 13th) that is B and E: 2. The board
    began on the 2nd, so there is no whole week before those seven days.

    Cycle times in order: 1.0, 2.0, 5.5, 6.5. 50 of a hundred are two of the four: 2.0; 85 (3.4) and 95 (3.8) of a
    hundred take all four: 6.5.

    Open on the board is F alone. Something was done on 4 of the 11 days from the 2nd to the 12th. Until a day with
    something done is drawn, k days do with a chance of 1 - (7/11)^k: 0.36, 0.60, 0.74, 0.84, 0.90, 0.93, 0.96 for
    k = 1 … 7. So half are through after 2 days (the 15th), 85 of a hundred after 5 (the 18th), 95 after 7 (the 20th).
    """
    at(world, "2025-06-13T12:00:00Z")
    ask(world, "POST", "imports/trello?key=FLOW", json.loads((DATA / "trello-flow.json").read_text()))
    found = figures(world, "FLOW")
    assert [state["id"] for state in found["states"]] == ["backlog", "doing", "done", "cancelled"]
    assert flow_of(found, "2025-06-01", "2025-06-13") == FLOW
    assert {day["day"][-2:]: day["done"] for day in found["throughput"] if day["done"]} == {
        "04": 2,
        "05": 1,
        "09": 1,
        "12": 1,
    }
    assert found["week"] == {"done": 2, "mean": None, "weeks": 0}
    cycle = found["cycle"]
    assert {point["title"]: (point["at"][8:16], point["days"]) for point in cycle["tasks"]} == {
        "C": ("04T09:00", 1.0),
        "A": ("05T09:00", 2.0),
        "B": ("09T22:00", 5.5),
        "E": ("12T20:00", 6.5),
    }
    assert (cycle["p50"], cycle["p85"], cycle["p95"], cycle["of"], cycle["without"]) == (2.0, 6.5, 6.5, 4, 1)
    assert [state["count"] for state in found["states"]] == [0, 1, 5, 1]
    assert found["wip"] == {"count": 1, "limit": None}
    assert found["people"] == [{"id": None, "name": None, "open": 1, "doing": 1, "todo": 0, "backlog": 0}]
    assert found["forecast"] == {
        "open": 1,
        "p50": "2025-06-15",
        "p85": "2025-06-18",
        "p95": "2025-06-20",
        "days": 11,
        "samples": 5,
        "sure": "little",
        "reason": "few_days",
    }

    # Five weeks later.
    at(world, "2025-07-18T00:00:00Z")
    later = figures(world, "FLOW")
    # The four weeks are those from 2025-06-14 to 07-11, in which nothing was done.
    assert later["week"] == {"done": 0, "mean": 0.0, "weeks": 4}
    assert (later["cycle"]["recent"]["of"], later["cycle"]["before"]) == (0, {"days": 30, "of": 4, "p85": 6.5})
    assert (later["forecast"]["sure"], later["forecast"]["reason"]) == ("no", "nothing_done")


def test_categories_are_those_that_the_workflow_has_now(world: World) -> None:
    """Whoever puts a state right after an import puts the past right too; what is dropped stays in the past."""
    at(world, "2025-06-13T12:00:00Z")
    ask(world, "POST", "imports/trello?key=CATS", json.loads((DATA / "trello-flow.json").read_text()))
    before = figures(world, "CATS")

    def recategorise(**categories: str) -> dict[str, Any]:
        workflow = ask(world, "GET", "projects/CATS/workflow")
        states = [state | {"category": categories.get(state["id"], state["category"])} for state in workflow["states"]]
        ask(world, "PUT", "projects/CATS/workflow", {"states": states, "transitions": None})
        return figures(world, "CATS")

    idle = recategorise(doing="todo")
    assert (idle["cycle"]["of"], idle["cycle"]["without"], idle["wip"]["count"]) == (0, 5, 0)
    assert idle["throughput"] == before["throughput"]
    never = recategorise(done="todo")
    assert sum(day["done"] for day in never["throughput"]) == 0
    assert never["forecast"]["open"] == 6
    assert never["flow"] == before["flow"]
    again = recategorise(doing="doing", done="done")
    assert {name: again[name] for name in before if name not in ("seq", "at")} == {
        name: before[name] for name in before if name not in ("seq", "at")
    }
    # H leaves, and the state goes: the days when H was there stay as they were.
    ask(world, "POST", "tasks/CATS-8/move", {"state": "backlog"})
    workflow = ask(world, "GET", "projects/CATS/workflow")
    kept = [state for state in workflow["states"] if state["id"] != "cancelled"]
    ask(world, "PUT", "projects/CATS/workflow", {"states": kept, "transitions": None})
    dropped = figures(world, "CATS")
    assert dropped["past_states"] == [{"id": "cancelled", "name": "Cancelled", "category": "cancelled"}]
    assert flow_of(dropped, "2025-06-11", "2025-06-13") == {
        "2025-06-11": [1, 2, 4, 1],
        "2025-06-12": [1, 1, 5, 1],
        "2025-06-13": [2, 1, 5, 0],
    }


def test_history_that_comes_late_falls_on_its_own_days(world: World) -> None:
    """An export of the 8th is imported on the 9th, somebody works here, and an export of the 13th tells the rest."""
    whole = json.loads((DATA / "trello-flow.json").read_text())
    early = as_of(whole, "2025-06-08T00:00:00.000Z")
    at(world, "2025-06-09T07:00:00Z")
    ask(world, "POST", "imports/trello?key=LATE", early)
    assert flow_of(figures(world, "LATE"), "2025-06-01", "2025-06-08") == {
        day: counts for day, counts in FLOW.items() if day <= "2025-06-08"
    }
    at(world, "2025-06-13T09:00:00Z")
    own = ask(world, "POST", "projects/LATE/tasks", {"title": "Made here", "state": "doing"})
    at(world, "2025-06-13T12:00:00Z")
    ask(world, "POST", "imports/trello?key=LATE", whole)
    events = ask(world, "GET", "projects/LATE/events?since=0&limit=1000")["events"]
    moments = [event["at"] for event in events]
    assert moments != sorted(moments)
    found = figures(world, "LATE")
    with_own = {**FLOW, "2025-06-13": [1, 2, 5, 1]}
    assert flow_of(found, "2025-06-01", "2025-06-13") == with_own
    assert found["cycle"]["p85"] == 6.5
    assert own["state"] == "doing"


def as_of(board: dict[str, Any], moment: str) -> dict[str, Any]:
    """The export that Trello would have given at an earlier moment."""
    actions = [action for action in board["actions"] if action["date"] < moment]
    cards = []
    for card in board["cards"]:
        told = [action for action in reversed(actions) if action["data"]["card"]["id"] == card["id"]]
        if told:
            lists = [action["data"].get("listAfter", action["data"].get("list"))["id"] for action in told]
            closed = any(action["data"]["card"].get("closed") for action in told)
            cards.append(card | {"idList": lists[-1], "closed": closed, "dateLastActivity": told[-1]["date"]})
    return board | {"actions": actions, "cards": cards}


def test_a_real_board_shows_what_its_history_holds(world: World) -> None:
    board = json.loads((DATA / "trello-board.json").read_text())
    at(world, "2016-10-04T12:00:00Z")
    ask(world, "POST", "imports/trello?key=REAL", board)
    found = figures(world, "REAL")
    assert sum(found["flow"][-1]["counts"].values()) == len(board["cards"])
    made = {action["date"][:10] for action in board["actions"] if action["type"] == "createCard"}
    stood = {day["day"]: sum(day["counts"].values()) for day in found["flow"]}
    # The file tells when each card was made, and nothing was made before the first of those days.
    assert stood["2016-09-25"] == 0
    assert stood[min(made)] > 0
    assert stood[max(made)] == len(board["cards"])
    by_state = {state["id"]: state["count"] for state in found["states"]}
    assert sum(by_state.values()) == sum(not card["closed"] for card in board["cards"])
