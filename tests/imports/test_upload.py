"""A board that Trello exported, sent over HTTP: looked through first, then brought over with its progress."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from taskhub.imports.views import LARGEST, TRELLO
from tests.clients import PASSWORD, Client, MakeClientOn
from tests.imports.boards import SMALL, small
from tests.serving import Server
from tests.teams import Team

LINES = {"Accept": "application/x-ndjson", "Content-Type": "application/json"}


@pytest.fixture
async def olga(shared_server: Server, make_client_on: MakeClientOn) -> Client:
    """Somebody without a project."""
    return await make_client_on(shared_server, "Olga")


def lines_client(client: Client) -> httpx.AsyncClient:
    """The same person with a client that takes lines; what an answer of one object must be does not hold for it."""
    return httpx.AsyncClient(
        base_url=client.base_url,
        cookies=client.cookies,
        headers={"Origin": str(client.base_url).rstrip("/")},
        timeout=30,
    )


async def lines(client: Client, content: bytes, **query: str) -> list[dict[str, Any]]:
    async with (
        lines_client(client) as raw,
        raw.stream("POST", TRELLO, content=content, params=query, headers=LINES) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        return [json.loads(line) async for line in answer.aiter_lines()]


async def test_a_board_is_looked_through_and_then_comes_with_its_progress(olga: Client) -> None:
    would = await olga.post(TRELLO, params={"dry_run": "true"}, json=small())
    assert would.status_code == 200, would.text
    report = would.json()
    assert (report["board"], report["made_project"], report["dry_run"]) == ("Bike shop 自行车店", True, True)
    counted = {one["what"]: one["count"] for one in report["came"]}
    assert counted | {"task.created": 9, "comment.created": 2, "states": 5} == counted
    assert {one["what"] for one in report["left"]} >= {"attachments", "titles cut"}
    assert (await olga.get("/api/v1/projects")).json()["items"] == []

    key = f"{report['key'][:2]}{olga.email.split('@')[0].removeprefix('person')}"
    told = await lines(olga, SMALL.read_bytes(), key=key)
    assert told[-1]["report"] == report | {"key": key, "dry_run": False}
    steps = [(step["done"], step["total"]) for step in told[:-1]]
    assert steps == sorted(steps)
    assert all(done <= total for done, total in steps)
    board = (await olga.get(f"/api/v1/projects/{key}/board")).json()
    assert sum(not member["placeholder"] for member in board["members"]) == 1
    assert board["project"]["name"] == "Bike shop 自行车店"

    # Once more, nothing is new.
    again = await olga.post(TRELLO, params={"key": key}, json=small())
    assert (again.status_code, again.json()["came"], again.json()["there_already"]) == (201, [], 9)


async def test_a_repeated_request_gives_the_first_report_again(olga: Client) -> None:
    headers = {"Idempotency-Key": "import"}
    first = await olga.post(TRELLO, json=small(), headers=headers)
    again = await olga.post(TRELLO, json=small(), headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await olga.post(TRELLO, params={"key": "OTHER"}, json=small(), headers=headers)
    assert other.json()["code"] == "idempotency_mismatch"
    assert [project["key"] for project in (await olga.get("/api/v1/projects")).json()["items"]] == [first.json()["key"]]


async def test_what_is_refused_is_said_and_leaves_nothing(olga: Client, team: Team) -> None:
    refused: list[tuple[dict[str, str], bytes, int, str]] = [
        ({}, b"", 422, "is empty"),
        ({}, b"{}", 422, "no Trello export"),
        ({}, SMALL.read_bytes()[:-10], 422, "cut off"),
        ({"key": "no key"}, SMALL.read_bytes(), 422, "capital letters"),
        ({"key": team.key}, SMALL.read_bytes(), 409, "choose another"),
    ]
    for query, content, status, words in refused:
        answer = await olga.post(TRELLO, params=query, content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    told = await lines(olga, SMALL.read_bytes(), key=team.key)
    assert told[-1]["problem"]["code"] == "duplicate"
    assert (await olga.get("/api/v1/projects")).json()["items"] == []
    # Members do not import, owners do.
    for role, status in (("viewer", 403), ("member", 403), ("owner", 201)):
        answer = await team.client(role).post(TRELLO, params={"key": team.key}, json=small())
        assert answer.status_code == status, answer.text
    assert "Bike shop" not in (await team.board())["project"]["name"]


async def test_only_imports_may_be_large_and_they_too_have_an_end(olga: Client) -> None:
    large = {**small(), "more": "x" * 2 * 1024 * 1024}
    assert (await olga.post(TRELLO, params={"dry_run": "true"}, json=large)).status_code == 200
    elsewhere = await olga.post("/api/v1/projects", json=large)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (413, "too_large")
    beyond = await olga.post(TRELLO, content=b" " * (LARGEST + 1), headers={"Content-Type": "application/json"})
    assert (beyond.status_code, beyond.json()["code"]) == (413, "too_large")


async def test_a_demo_of_ones_own(olga: Client) -> None:
    first, second = [(await olga.post("/api/v1/demo", json={})).json() for _ in range(2)]
    assert first["role"] == "owner"
    assert first["key"] != second["key"]
    board = (await olga.get(f"/api/v1/projects/{second['key']}/board")).json()
    assert [member["name"] for member in board["members"] if not member["placeholder"]] == ["Olga"]
    assert len(board["tasks"]) > 20
    assert "WEB-" not in json.dumps(board["tasks"])
    assert any(olga.user["id"] in task["assignees"] for task in board["tasks"])
    taken = await olga.post("/api/v1/demo", json={"key": first["key"]})
    assert (taken.status_code, taken.json()["code"]) == (409, "duplicate")
    # Nobody signs in as the others.
    login = {"email": "demo-ben@placeholder.invalid", "password": PASSWORD}
    assert (await olga.post("/api/v1/auth/login", json=login)).status_code == 401
