"""What is mine to do over all projects, and how my projects stand; both against what the boards say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import Client, MakeClientOn
from tests.serving import Server


@pytest.fixture
async def ada(shared_server: Server, make_client_on: MakeClientOn) -> Client:
    """Somebody with projects of her own: `ADAn` and `BEEn`, of which the second has a strict workflow."""
    ada = await make_client_on(shared_server, "Ada")
    tail = "".join(character for character in ada.email if character.isdigit())
    ada.user["projects"] = [f"ADA{tail}", f"BEE{tail}"]
    for key, template in zip(ada.user["projects"], ("simple", "strict"), strict=True):
        answer = await ada.post("/api/v1/projects", json={"key": key, "name": key, "template": template})
        assert answer.status_code == 201, answer.text
    return ada


async def make(client: Client, key: str, title: str, **fields: Any) -> str:
    answer = await client.post(f"/api/v1/projects/{key}/tasks", json={"title": title, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ref"])


async def everything(client: Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """All pages of a list, two a page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = await client.get(path, params={"limit": 2, **params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


async def test_my_work_is_open_mine_and_by_due_date_over_all_projects(
    ada: Client, shared_server: Server, make_client_on: MakeClientOn
) -> None:
    one, two = ada.user["projects"]
    me = [ada.user["id"]]
    late = await make(ada, two, "Late", assignees=me, due="2020-02-01")
    moment = await make(ada, one, "At a moment", assignees=me, due="2020-02-02T09:00:00Z")
    same_day = await make(ada, one, "That day", assignees=me, due="2020-02-02")
    undated = [await make(ada, key, "Some day", assignees=me) for key in (one, two, one)]
    far = await make(ada, one, "Far", assignees=me, due="2099-01-01")
    await make(ada, one, "Somebody's")
    for way in ("done", "archive", "delete"):
        ref = await make(ada, one, way, assignees=me, due="2020-01-01")
        method, path, body = {
            "done": ("POST", "/move", {"state": "done"}),
            "archive": ("POST", "/archive", None),
            "delete": ("DELETE", "", None),
        }[way]
        assert (await ada.request(method, f"/api/v1/tasks/{ref}{path}", json=body)).is_success
    expected = [late, same_day, moment, far, undated[0], undated[2], undated[1]]
    found = await everything(ada, "/api/v1/me/tasks")
    assert [task["ref"] for task in found] == expected
    assert found[0] == (await ada.get(f"/api/v1/projects/{two}/board")).json()["tasks"][0]

    # Where one is no member any more nothing is one's own, whatever the tasks say.
    other = await make_client_on(shared_server, "Bo")
    await ada.post(f"/api/v1/projects/{two}/members", json={"email": other.email, "role": "owner"})
    assert await everything(other, "/api/v1/me/tasks") == []
    await other.delete(f"/api/v1/projects/{two}/members/{ada.user['id']}")
    assert [task["ref"] for task in await everything(ada, "/api/v1/me/tasks")] == [
        ref for ref in expected if ref.startswith(one)
    ]
    await ada.delete(f"/api/v1/projects/{one}")
    assert await everything(ada, "/api/v1/me/tasks") == []


@pytest.mark.parametrize("cursor", ["aGVsbG8=", "LSBXRUI=", "MjAyMC0wMi0zMCBXRUItMQ==", "not base64"])
async def test_a_cursor_that_is_not_ours_is_refused(ada: Client, cursor: str) -> None:
    answer = await ada.get("/api/v1/me/tasks", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_the_overview_counts_what_the_boards_show(ada: Client) -> None:
    one, two = ada.user["projects"]
    me = [ada.user["id"]]
    await make(ada, one, "Late and mine", state="doing", assignees=me, due="2026-11-19")
    await make(ada, one, "Late tomorrow", state="todo", due="2026-11-20")
    await make(ada, one, "Late since nine", state="todo", due="2020-01-01T09:00:00Z")
    await make(ada, one, "Mine", state="todo", assignees=me)
    await make(ada, one, "Done and late", state="done", assignees=me, due="2020-01-01")
    gone = await make(ada, one, "Gone", state="todo", assignees=me, due="2020-01-01")
    await ada.delete(f"/api/v1/tasks/{gone}")
    shelved = await make(ada, two, "Shelved", state="todo", assignees=me)
    await ada.post(f"/api/v1/tasks/{shelved}/archive")
    first, second = await everything(ada, "/api/v1/me/overview", limit=1, today="2026-11-20")
    board = (await ada.get(f"/api/v1/projects/{one}/board")).json()
    assert (first["log"], first["seq"]) == (board["log"], board["seq"])
    assert [(state["id"], state["category"], state["count"]) for state in first["states"]] == [
        ("backlog", "backlog", 0),
        ("todo", "todo", 3),
        ("doing", "doing", 1),
        ("done", "done", 1),
    ]
    assert (first["late"], first["mine"], first["active_by"], first["role"]) == (2, 2, "Ada", "owner")
    assert (
        first["active_at"]
        == (await ada.get(f"/api/v1/projects/{one}/events?since={board['seq'] - 1}")).json()["events"][0]["at"]
    )
    assert [state["count"] for state in second["states"]] == [0] * 6
    assert (second["late"], second["mine"]) == (0, 0)
    (tomorrow, _) = await everything(ada, "/api/v1/me/overview", today="2026-11-21")
    assert tomorrow["late"] == 3
    wrong = await ada.get("/api/v1/me/overview", params={"today": "2026-02-30"})
    assert wrong.status_code == 422
