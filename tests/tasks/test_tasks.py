"""Tasks: made, read, edited and deleted, each by one event that carries the whole of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.teams import Team


async def test_a_new_task(team: Team) -> None:
    member = team.member.user["id"]
    sent: dict[str, Any] = {
        "title": "  Ship   the thing ", "description": "Why\n\n- [x] a\n- [ ] b", "state": "doing", "priority": "high",
        "due": "2026-12-24T10:00:00+02:00", "assignees": [member, team.owner.user["id"], member],
    }  # fmt: skip
    task = await team.task(by="member", **sent)
    assert task == {
        "ref": f"{team.key}-1", "project": team.key, "number": 1, "title": "Ship the thing",
        "description": sent["description"], "state": "doing", "position": task["position"], "priority": "high",
        "due": "2026-12-24T08:00:00.000Z", "assignees": [member, team.owner.user["id"]], "labels": [],
        "archived": False, "comment_count": 0, "checklist": {"done": 1, "total": 2}, "version": 6,
        "created_at": task["created_at"], "updated_at": task["created_at"], "created_by": member,
    }  # fmt: skip
    event = (await team.events())[-1]
    assert (event["type"], event["seq"], event["task"]) == ("task.created", 6, task)
    assert event["changes"]["title"] == [None, "Ship the thing"]
    read = (await team.viewer.get(f"/api/v1/tasks/{task['ref']}")).json()
    assert "<li" in read.pop("description_html")
    assert read == task
    assert (await team.board())["tasks"] == [task]


async def test_numbers_are_given_once(team: Team) -> None:
    answers = await asyncio.gather(*(team.task(f"t{number}") for number in range(12)))
    assert sorted(task["number"] for task in answers) == list(range(1, 13))
    await team.owner.delete(f"/api/v1/tasks/{team.key}-12")
    assert (await team.task())["number"] == 13


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "title"), ({"title": ""}, "title"), ({"title": " \n "}, "title"), ({"title": "x" * 201}, "title"),
        ({"title": "A", "description": "x" * 20_001}, "description"), ({"title": "A", "state": "nowhere"}, "state"),
        ({"title": "A", "priority": "top"}, "priority"), ({"title": "A", "due": "tomorrow"}, "due"),
        ({"title": "A", "due": "2026-02-30"}, "due"), ({"title": "A", "due": "2026-12-24T10:00"}, "due"),
        ({"title": "A", "due": "9999-12-31T23:59:59-23:59"}, "due"), ({"title": "A", "due": "0000-01-01"}, "due"),
        ({"title": "A", "due": "0001-01-01T00:00:00+14:00"}, "due"),
        ({"title": "A", "assignees": ["nobody"]}, "assignees"), ({"title": "A", "labels": ["none"]}, "labels"),
        ({"title": "A", "assignees": ["x"] * 51}, "assignees"), ({"title": "A", "assignees": "x"}, "assignees"),
        ({"title": "A", "assignees": [None]}, "assignees"), ({"title": "A", "position": "a0"}, "position"),
    ],
)  # fmt: skip
async def test_fields_that_are_refused_by_name(team: Team, fields: dict[str, object], where: str) -> None:
    answer = await team.owner.post(f"{team.url}/tasks", json=fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][0] == where
    assert (await team.board())["tasks"] == []


@pytest.mark.parametrize(
    ("title", "kept"),
    [("標題：重構看板 🦄", "標題：重構看板 🦄"), ("x" * 200, "x" * 200),
     ("<script>alert(1)</script>", "<script>alert(1)</script>"),
     ("a\tb\nc", "a b c"), ("'; DROP TABLE tasks; --", "'; DROP TABLE tasks; --"), ("%s {0} ${x}", "%s {0} ${x}")],
)  # fmt: skip
async def test_titles_of_every_kind_come_back(team: Team, title: str, kept: str) -> None:
    task = await team.task(title)
    assert task["title"] == kept
    assert (await team.owner.get(f"/api/v1/tasks/{task['ref']}")).json()["title"] == kept


async def test_an_edit_changes_what_is_sent_and_nothing_else(team: Team) -> None:
    task = await team.task("A", description="Why", due="2026-12-24", priority="low", assignees=[team.owner.user["id"]])
    url = f"/api/v1/tasks/{task['ref']}"
    edited = (await team.member.patch(url, json={"title": "B", "due": None})).json()
    event = (await team.events())[-1]
    assert edited == task | {"title": "B", "due": None, "version": event["seq"], "updated_at": edited["updated_at"]}
    assert event["changes"] == {"title": ["A", "B"], "due": ["2026-12-24", None]}
    assert event["actor"]["id"] == team.member.user["id"]
    cleared = {"description": None, "priority": None, "assignees": None, "labels": None}
    emptied = (await team.member.patch(url, json=cleared)).json()
    assert (emptied["description"], emptied["priority"], emptied["assignees"]) == ("", "none", [])
    head = (await team.board())["seq"]
    for same in ({}, {"title": " B "}, cleared, {"due": None}):
        assert (await team.member.patch(url, json=same)).json() == emptied
    assert (await team.board())["seq"] == head
    for refused in ({"title": None}, {"state": "done"}, {"position": "a0"}, {"version": 1}, {"archived": True}):
        assert (await team.member.patch(url, json=refused)).status_code == 422


async def test_the_order_of_assignees_is_a_change(team: Team) -> None:
    people = [team.owner.user["id"], team.member.user["id"]]
    task = await team.task("A", assignees=people)
    edited = await team.owner.patch(f"/api/v1/tasks/{task['ref']}", json={"assignees": people[::-1]})
    assert edited.json()["assignees"] == people[::-1]
    assert (await team.board())["tasks"][0]["assignees"] == people[::-1]
    assert (await team.events())[-1]["changes"] == {"assignees": [people, people[::-1]]}


async def test_a_deleted_task_leaves_nothing_to_write_to(team: Team) -> None:
    task = await team.task()
    url = f"/api/v1/tasks/{task['ref']}"
    comment = (await team.owner.post(f"{url}/comments", json={"body": "Hm"})).json()["id"]
    assert (await team.owner.delete(url)).status_code == 204
    event = (await team.events())[-1]
    assert (event["type"], event["changes"], event["task"]["version"]) == ("task.deleted", {}, event["seq"])
    for method, path, body in (
        ("GET", url, None), ("PATCH", url, {"title": "B"}), ("DELETE", url, None), ("GET", f"{url}/comments", None),
        ("POST", f"{url}/move", {"state": "done"}), ("POST", f"{url}/comments", {"body": "B"}),
        ("PATCH", f"/api/v1/comments/{comment}", {"body": "B"}), ("DELETE", f"/api/v1/comments/{comment}", None),
        ("GET", f"{url}/events", None),
    ):  # fmt: skip
        assert (await team.owner.request(method, path, json=body)).status_code == 404, (method, path)
    assert (await team.owner.get(f"{team.url}/tasks")).json() == {"items": [], "next_cursor": None}


async def test_tasks_and_their_events_page_by_page(team: Team) -> None:
    refs = [(await team.task(f"t{number}"))["ref"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await team.viewer.get(f"{team.url}/tasks", params=query)).json()
        seen += [item["ref"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == refs
    for number in range(4):
        await team.owner.patch(f"/api/v1/tasks/{refs[0]}", json={"title": f"edit {number}"})
    url = f"/api/v1/tasks/{refs[0]}/events"
    first = (await team.viewer.get(url, params={"limit": 3})).json()
    assert [event["task"]["title"] for event in first["events"]] == ["edit 3", "edit 2", "edit 1"]
    assert first["has_more"]
    rest = (await team.viewer.get(url, params={"limit": 3, "before": first["events"][-1]["seq"]})).json()
    assert [event["type"] for event in rest["events"]] == ["task.edited", "task.created"]
    assert not rest["has_more"]


async def test_markdown_is_shown_safely(team: Team) -> None:
    bad = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x) "
        "**bold** https://example.com ![x](http://example.com/x.png)\n\n- [x] done\n\n<iframe></iframe>"
    )
    task = await team.task("A", description=bad)
    html = (await team.owner.get(f"/api/v1/tasks/{task['ref']}")).json()["description_html"]
    for danger in ("<script", "<img", "<iframe", 'href="javascript', 'href="data'):
        assert danger not in html
    assert "<strong>bold</strong>" in html
    assert 'rel="noopener noreferrer nofollow"' in html
    deep = await team.task("B", description="> " * 9_000 + "a\n" + "[" * 500 + "(" * 500)
    assert (await team.owner.get(f"/api/v1/tasks/{deep['ref']}")).status_code == 200
    lists = await team.task("C", description="\n".join("  " * depth + "- [ ] x" for depth in range(120)))
    assert (await team.owner.get(f"/api/v1/tasks/{lists['ref']}")).status_code == 200
    stars = await team.task("D", description="*a_" * 6_000)
    assert (await team.owner.get(f"/api/v1/tasks/{stars['ref']}")).status_code == 200
