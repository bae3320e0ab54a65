"""`taskhub demo`: a story that could have happened, made once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from taskhub.demo.calendar import working_hours
from taskhub.demo.story import PASSWORD, PEOPLE
from taskhub.people import passwords
from taskhub.projects.model import Role
from taskhub.workflow.templates import TEMPLATES
from tests.clients import anonymous_client
from tests.command_line import call_taskhub, run_taskhub
from tests.databases import Database
from tests.imports.replay import fold, rows, snapshot
from tests.serving import Server


@pytest.fixture(scope="module")
def told(database: Database) -> str:
    """What the first run said."""
    return run_taskhub("demo", env=database.environment).stdout


@pytest.mark.parametrize("key", ["WEB", "APP", "RES"])
def test_the_log_tells_the_board(told: str, database: Database, key: str) -> None:
    board, log = snapshot(database, key)
    assert fold(log) == board
    dates = [event["at"] for event in log if "task" in event]
    assert dates == sorted(dates)
    now = datetime.now(UTC)
    assert dates[-1] < now.isoformat()
    assert dates[0] > (now - timedelta(days=70)).isoformat()
    assert max(len(task["position"]) for task in board["tasks"]) <= 20


def test_the_team_kept_its_own_rules(told: str, database: Database) -> None:
    _, log = snapshot(database, "WEB")
    workflow = TEMPLATES["strict"]
    where: dict[str, str] = {}
    for event in log:
        if "task" not in event:
            continue
        task = event["task"]
        if event["type"] == "task.moved" and where[task["ref"]] != task["state"]:
            before = task | {"state": where[task["ref"]]}
            refusal = workflow.may_move(before, task["state"], role=Role.OWNER, counts=Counter(where.values()))
            assert refusal is None, f"{task['ref']} at {event['at']}: {refusal}"
        where[task["ref"]] = task["state"]
        if task["archived"]:
            del where[task["ref"]]


def test_the_board_is_the_one_that_is_drawn(told: str, database: Database) -> None:
    board, log = snapshot(database, "WEB")
    columns: dict[str, list[int]] = {}
    for task in board["tasks"]:
        columns.setdefault(task["state"], []).append(task["number"])
    assert {state: len(numbers) for state, numbers in columns.items()} == {
        **{"backlog": 14, "todo": 6, "doing": 3, "review": 2},
        **{"done": 29, "cancelled": 4},
    }
    assert columns["backlog"][:4] == [61, 58, 57, 52]
    assert columns["todo"][:3] == [49, 47, 44]
    assert columns["doing"] == [42, 40, 39]
    assert columns["review"] == [37, 33]
    assert columns["done"][:3] == [31, 30, 28]
    tasks = {task["number"]: task for task in board["tasks"]}
    labels = {label["id"]: label["name"] for label in board["labels"]}
    people = {member["id"]: member["name"] for member in board["members"]}
    checkout = tasks[42]
    assert checkout["title"] == "Checkout form loses the address on a slow network"
    assert checkout["checklist"] == {"done": 3, "total": 5}
    assert checkout["comment_count"] == 4
    assert checkout["priority"] == "urgent"
    assert checkout["due"] in [(datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d") for days in (1, 2)]
    assert [labels[id_] for id_ in checkout["labels"]] == ["bug", "api"]
    assert [people[id_] for id_ in checkout["assignees"]] == ["Ana", "Ben"]
    checks = {number: tasks[number]["checklist"] for number in (37, 40, 49)}
    assert checks == {37: {"done": 5, "total": 5}, 40: {"done": 2, "total": 3}, 49: {"done": 0, "total": 4}}
    comments = {number: tasks[number]["comment_count"] for number in (37, 33, 39, 44, 57)}
    assert comments == {37: 3, 33: 2, 39: 1, 44: 2, 57: 7}
    last = [event for event in log if event["type"] == "task.moved"][-1]
    assert (last["actor"]["name"], last["task"]["ref"], last["task"]["state"]) == ("Chen 陈", "WEB-37", "review")
    assert any(re.search(r"[一-鿿]", task["title"]) for task in board["tasks"])


def test_a_second_run_changes_nothing(told: str, database: Database) -> None:
    before = asyncio.run(rows(database))
    again = call_taskhub("demo", env=database.environment)
    assert "is there already" in again.stdout
    assert again.stdout.splitlines()[-1] == told.splitlines()[-1]
    assert asyncio.run(rows(database)) == before


async def test_what_it_prints_signs_in(told: str, server: Server) -> None:
    found = re.search(r"Sign in as (\S+) with the password: (.+)", told)
    assert found is not None
    email, password = found.groups()
    passwords.check(password, email=email, name="Ana")
    async with anonymous_client(server) as client:
        answer = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        projects = (await client.get("/api/v1/projects")).json()["items"]
        inbox = (await client.get("/api/v1/inbox")).json()
        answer = await client.post("/api/v1/auth/login", json={"email": PEOPLE["ben"][0], "password": password})
        assert answer.status_code == 200, answer.text
        bens = (await client.get("/api/v1/inbox")).json()["items"]
    assert bens[0]["at"] == max(one["at"] for one in bens)
    assert len({one["project"] for one in bens}) > 1
    assert [project["name"] for project in projects] == ["Mobile app", "Research 研究", "Website relaunch"]
    # What is a few days old at most, and of the one project that lives.
    assert [(one["reason"], one["task"], one["actor"]["name"]) for one in inbox["items"]] == [
        ("mentioned", "WEB-42", "Ben"),
        ("commented", "WEB-33", "Ben"),
        ("commented", "WEB-44", "Ben"),
        ("moved", "WEB-40", "Dee"),
    ]
    assert inbox["unread"] == 4
    assert password == PASSWORD


def test_a_project_of_somebody_elses_is_left_alone(fresh_database: Database) -> None:
    from tests.imports.boards import SMALL, make_owner, run_import

    make_owner(fresh_database)
    run_import(fresh_database, SMALL, key="WEB")
    before = asyncio.run(rows(fresh_database))
    done = call_taskhub("demo", env=fresh_database.environment, check=False)
    assert done.returncode != 0
    assert done.stderr == "taskhub: There is a project WEB already: the demo needs a database without one.\n"
    assert asyncio.run(rows(fresh_database)) == before


def test_the_story_falls_on_working_days(told: str, database: Database) -> None:
    for weekday in range(7):
        now = datetime(2026, 6, 1 + weekday, 12, tzinfo=UTC)
        on_calendar = working_hours(now)
        story = [tenth / 10 for tenth in range(660)]
        calendar = [on_calendar(ago) for ago in story]
        assert calendar == sorted(set(calendar))
        assert calendar[:31] == story[:31]
        assert max(calendar) <= 66
        older = [now - timedelta(days=ago) for ago in calendar if ago > 3]
        assert sum(moment.weekday() >= 5 for moment in older) < len(older) / 20
    # Some work was not over when it was done: nothing of that is lost.
    _, log = snapshot(database, "WEB")
    moves = [
        event["task"]["ref"] for event in log if event["type"] == "task.moved" and event["task"]["state"] == "done"
    ]
    assert sorted(ref for ref, times in Counter(moves).items() if times > 1) == ["WEB-17", "WEB-23", "WEB-5"]
