"""`taskhub import trello`: what comes over, that the log tells it, and that a repeat adds what is new."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Database
from tests.imports.boards import OWNER, SMALL, act, add_card, make_owner, one, run_import, small
from tests.imports.replay import fold, rows, snapshot


@pytest.fixture
def house(fresh_database: Database) -> Database:
    """A database with the account that imports."""
    make_owner(fresh_database)
    return fresh_database


def test_a_board_comes_over_as_it_is(house: Database) -> None:
    said = run_import(house, SMALL).stdout
    board, log = snapshot(house, "BIKE")
    assert fold(log) == board

    assert board["project"]["name"] == "Bike shop 自行车店"
    assert [(state["id"], state["name"], state["category"]) for state in board["workflow"]["states"]] == [
        ("ideas", "Ideas 想法", "backlog"),
        ("to-do", "To do", "todo"),
        ("list-3", "进行中", "doing"),
        ("done", "Done", "done"),
        ("archived-lists", "Archived lists", "cancelled"),
    ]
    assert board["workflow"]["transitions"] is None
    assert sorted((label["name"], label["color"]) for label in board["labels"]) == [
        ("bug", "red"),
        ("bug (orange)", "orange"),
        ("green", "green"),
        ("设计", "purple"),
    ]
    people = {member["id"]: member for member in board["members"]}
    assert sorted((each["name"], each["role"], each["placeholder"]) for each in people.values()) == [
        ("Ada Fields", "member", True),
        ("Max Gone", "member", True),
        ("Olga Owner", "owner", False),
        ("Unknown (Trello)", "member", True),
        ("林小雨", "member", True),
    ]
    columns = {
        state: [task["title"][:20] for task in tasks]
        for state, tasks in itertools.groupby(board["tasks"], key=lambda task: task["state"])
    }
    assert columns == {
        "ideas": ["Loan bikes"],
        "to-do": ["订购新零件", "A title that goes on"],
        "list-3": ["Window display: spri", "Second till"],
        "done": ["Brake light goes out"],
    }
    assert [(task["title"], task["state"]) for task in board["archived"]] == [
        ("Paint samples", "ideas"),
        ("Old opening hours", "to-do"),
        ("Flyers for the sale", "archived-lists"),
    ]

    numbered = sorted([*board["tasks"], *board["archived"]], key=lambda task: task["number"])
    created = [task["created_at"] for task in numbered]
    assert created == sorted(created)
    assert [task["number"] for task in numbered] == list(range(1, 10))

    brake = one_titled(board["tasks"], "Brake light goes out in the rain")
    assert brake["description"] == (
        "Seen on **three** bikes.\n\n### Steps\n\n"
        "- [x] Reproduce with a hose\n- [x] Order a seal\n- [ ] Tell the three customers"
    )
    assert brake["checklist"] == {"done": 2, "total": 3}
    assert brake["due"] == "2025-03-20T12:00:00.000Z"
    assert [people[id_]["name"] for id_ in brake["assignees"]] == ["林小雨"]
    assert people[brake["created_by"]]["name"] == "Ada Fields"
    long = one_titled(board["tasks"], "A title that goes on")
    assert len(long["title"]) <= 200
    assert long["title"].endswith("…")
    assert long["description"].startswith("A title that goes on and on, " * 8 + "and ends at last\n\nShort text.")

    for words in ("9 tasks", "2 comments", "1 title: over 200", "2 attachments", "1 deleted card", "1 vote", "1 cover"):
        assert words in said


def one_titled(tasks: list[dict[str, Any]], start: str) -> dict[str, Any]:
    (found,) = [task for task in tasks if str(task["title"]).startswith(start)]
    return found


def test_the_history_keeps_its_dates_and_people(house: Database) -> None:
    run_import(house, SMALL)
    _, log = snapshot(house, "BIKE")
    story = [
        (event["at"][:16], event["actor"]["name"], event["type"], sorted(event["changes"]))
        for event in log
        if "task" in event and event["task"]["title"].startswith("Brake light")
    ]
    assert story[1:] == [
        ("2025-03-02T09:10", "Ada Fields", "task.edited", ["title"]),
        ("2025-03-02T09:12", "Ada Fields", "task.edited", ["description"]),
        ("2025-03-02T10:00", "Ada Fields", "task.edited", ["assignees"]),
        ("2025-03-03T09:00", "林小雨", "task.edited", ["description"]),
        ("2025-03-03T09:30", "林小雨", "task.moved", ["position", "state"]),
        ("2025-03-04T09:00", "林小雨", "task.edited", ["description"]),
        ("2025-03-04T09:05", "林小雨", "comment.created", ["body"]),
        ("2025-03-05T09:00", "Ada Fields", "task.edited", ["due"]),
        ("2025-03-06T09:00", "林小雨", "task.edited", ["description"]),
        ("2025-03-12T15:00", "林小雨", "task.moved", ["position", "state"]),
        ("2025-03-12T16:00", "Max Gone", "comment.created", ["body"]),
    ]
    assert story[0][:3] == ("2025-03-02T09:00", "Ada Fields", "task.created")
    told = [event for event in log if "task" in event]
    dates = [event["at"] for event in told]
    assert dates == sorted(dates)
    first = next(event["task"] for event in told if event["task"]["title"] == "Brake light")
    assert (first["state"], first["description"], first["assignees"], first["due"]) == ("to-do", "", [], None)
    flyers = [event for event in told if event["task"]["title"] == "Flyers for the sale"]
    assert [(event["type"], event["at"][:10]) for event in flyers] == [
        ("task.created", "2025-03-03"),
        ("task.archived", "2025-03-10"),
    ]


def test_the_real_board_comes_over(house: Database, real_board: Path) -> None:
    export = json.loads(real_board.read_text())
    said = run_import(house, real_board, key="TV").stdout
    board, log = snapshot(house, "TV")
    assert fold(log) == board
    assert len(board["tasks"]) == len(export["cards"])
    assert len(board["workflow"]["states"]) == len(export["lists"])
    names = {state["id"]: state["name"] for state in board["workflow"]["states"]}
    lists = {each["id"]: each["name"] for each in export["lists"]}
    kept = [(names[task["state"]], task["title"]) for task in board["tasks"]]
    cards = sorted(export["cards"], key=lambda card: card["pos"])
    for name in names.values():
        here = [title for state, title in kept if state == name]
        assert here == [" ".join(card["name"].split()) for card in cards if lists[card["idList"]] == name]
    renames = [a for a in export["actions"] if a["type"] == "updateCard" and "name" in a["data"]["old"]]
    assert sum("title" in event["changes"] for event in log if event["type"] == "task.edited") == len(renames)
    assert "206 tasks" in said
    assert "6 deleted cards" in said


def test_a_dry_run_says_the_same_and_writes_nothing(house: Database) -> None:
    before = asyncio.run(rows(house))
    said = run_import(house, SMALL, "--dry-run").stdout
    assert asyncio.run(rows(house)) == before
    real = run_import(house, SMALL).stdout
    assert said.replace("Would import", "Imported").splitlines()[:-1] == real.splitlines()
    assert said.splitlines()[-1] == "This was a dry run: nothing was written."


def test_a_repeat_adds_only_what_is_new(house: Database) -> None:
    run_import(house, SMALL)
    before = asyncio.run(rows(house))
    said = run_import(house, SMALL).stdout
    assert "Nothing in the Trello board" in said
    assert asyncio.run(rows(house)) == before

    board = small()
    todo, doing = one(board["lists"], "To do"), one(board["lists"], "进行中")
    new = add_card(board, "Brand new", todo, pos=20_000)
    parts = one(board["cards"], "订购新零件")
    act(board, "commentCard", "2025-04-17T08:00:00.000Z", parts, text="They are here.")
    act(board, "commentCard", "2025-04-17T08:01:00.000Z", new, text="Hello")
    parts |= {"idList": doing["id"], "pos": 20_000}
    act(
        board,
        "updateCard",
        "2025-04-18T08:00:00.000Z",
        parts,
        old={"idList": todo["id"]},
        listBefore={"id": todo["id"]},
        listAfter={"id": doing["id"]},
    )
    loan = one(board["cards"], "Loan bikes")
    loan["desc"] = "Nobody says who wrote this."
    _, log_before = snapshot(house, "BIKE")
    said = run_import(house, board).stdout
    now, log = snapshot(house, "BIKE")
    assert fold(log) == now
    assert [(event["type"], event["task"]["title"]) for event in log[len(log_before) :]] == [
        ("task.edited", "Loan bikes"),
        ("task.created", "Brand new"),
        ("comment.created", "订购新零件"),
        ("comment.created", "Brand new"),
        ("task.moved", "订购新零件"),
    ]
    # Between its neighbours' places in Trello: 16,384 and 49,152 there, 16,384 and 32,768 here.
    assert [task["title"][:12] for task in now["tasks"] if task["state"] == "to-do"] == ["Brand new", "A title that"]
    assert [task["title"][:6] for task in now["tasks"] if task["state"] == "list-3"] == [
        "Window",
        "订购新零件",
        "Second",
    ]
    assert "1 task\n" in said
    assert "9 tasks were there already" in said


def test_what_was_changed_here_stays(house: Database) -> None:
    run_import(house, SMALL)
    board, _ = snapshot(house, "BIKE")
    edited, removed, archived = (
        one_titled(board["tasks"], start)["ref"] for start in ("Second till", "Window display", "Loan bikes")
    )
    asyncio.run(_change_here(house, str(edited), str(removed)))

    export = small()
    done = one(export["lists"], "Done")
    for name in ("Second till", "Window display: spring", "Loan bikes"):
        card = one(export["cards"], name)
        card |= {"name": f"{name}, renamed in Trello", "idList": done["id"]}
        act(export, "updateCard", "2025-04-18T08:00:00.000Z", card, old={"name": name})
        act(export, "commentCard", "2025-04-18T09:00:00.000Z", card, text="Later")
    run_import(house, export)
    now, log = snapshot(house, "BIKE")
    titles = {task["ref"]: (task["title"], task["state"], task["comment_count"]) for task in now["tasks"]}
    assert titles[str(edited)] == ("Edited here", "list-3", 1)
    assert str(removed) not in titles
    assert titles[str(archived)] == ("Loan bikes, renamed in Trello", "done", 1)
    assert [event["task"]["ref"] for event in log[-8:] if event["type"].startswith("task.")][-1] == archived
    assert sum(event["type"] == "task.deleted" for event in log) == 1


async def _change_here(database: Database, edited: str, removed: str) -> None:
    from sqlalchemy.engine import make_url

    from taskhub.command import Caller, Commands
    from taskhub.db import Database as Tables
    from taskhub.people.commands import find_user
    from taskhub.tasks.commands import delete, edit

    tables = Tables(make_url(database.url))
    try:
        commands = Commands(tables)
        caller = Caller(await find_user(commands, OWNER))
        await edit(commands, caller, edited, {"title": "Edited here"})
        await delete(commands, caller, removed)
    finally:
        await tables.close()
