"""How many statements a request takes: as many for a thousand tasks as for ten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from taskhub.app import create_app
from taskhub.asgi import asgi_app
from taskhub.config import Settings
from tests.clients import PASSWORD
from tests.databases import Database


@contextmanager
def statements(app: Any) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, but for beginnings and ends."""
    db = app.extensions["taskhub"].db
    seen: list[str] = []

    def on_execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    for engine in db.engines:
        sa.event.listen(engine, "before_cursor_execute", on_execute)
    yield seen
    for engine in db.engines:
        sa.event.remove(engine, "before_cursor_execute", on_execute)


@pytest.fixture
async def app(fresh_database: Database) -> AsyncIterator[Any]:
    app = create_app(Settings.from_environ(fresh_database.environment))
    yield app
    await app.extensions["taskhub"].db.close()


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(asgi_app(app))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"Origin": "http://test"}
    ) as http:
        made = await http.post("/api/v1/auth/register", json={"email": "a@b.co", "name": "A", "password": PASSWORD})
        assert made.status_code == 201
        http.cookies = made.cookies
        http.headers["X-User"] = made.json()["id"]
        assert (await http.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})).status_code == 201
        yield http


READS = {
    "/api/v1/me": 1,
    "/api/v1/projects": 2,
    "/api/v1/projects/WEB": 2,
    "/api/v1/projects/WEB/board": 6,
    "/api/v1/projects/WEB/tasks?limit=200": 4,
    "/api/v1/projects/WEB/members": 3,
    "/api/v1/projects/WEB/workflow": 2,
    "/api/v1/projects/WEB/events?limit=1000": 3,
    "/api/v1/tasks/WEB-1": 4,
    "/api/v1/tasks/WEB-1/comments": 5,
    "/api/v1/tasks/WEB-1/events": 5,
}


async def test_reads_do_not_grow_with_what_there_is(app: Any, client: httpx.AsyncClient) -> None:
    me = client.headers["X-User"]

    async def fill(count: int) -> None:
        for number in range(count):
            body = {"title": f"Task {number}", "assignees": [me], "state": "todo"}
            assert (await client.post("/api/v1/projects/WEB/tasks", json=body)).status_code == 201
            said = await client.post("/api/v1/tasks/WEB-1/comments", json={"body": "Hm"})
            assert said.status_code == 201

    async def count() -> dict[str, int]:
        counted = {}
        for path in READS:
            with statements(app) as seen:
                answer = await client.get(path)
            assert answer.status_code == 200, path
            counted[path] = len(seen)
        return counted

    await fill(3)
    few = await count()
    await fill(40)
    many = await count()
    assert many == few
    assert {path: number for path, number in many.items() if number > READS[path]} == {}
    with statements(app) as seen:
        await client.get("/api/v1/projects/WEB/board")
    assert len(seen) == 2, "a snapshot that is kept needs who asks and how far the log is"


WRITES: dict[tuple[str, str], tuple[Any, int]] = {
    ("POST", "/api/v1/projects/WEB/tasks"): ({"title": "A"}, 7),
    ("PATCH", "/api/v1/tasks/WEB-1"): ({"title": "B"}, 8),
    ("POST", "/api/v1/tasks/WEB-1/move"): ({"state": "done"}, 9),
    ("POST", "/api/v1/tasks/WEB-1/comments"): ({"body": "Hm"}, 9),
}


async def test_writes_take_a_few_statements(app: Any, client: httpx.AsyncClient) -> None:
    for number in range(10):
        await client.post("/api/v1/projects/WEB/tasks", json={"title": f"Task {number}", "state": "done"})
    await client.post("/api/v1/tasks/WEB-1/move", json={"state": "todo"})
    for (method, path), (body, most) in WRITES.items():
        with statements(app) as seen:
            answer = await client.request(method, path, json=body)
        assert answer.status_code in (200, 201)
        assert len(seen) <= most, (path, seen)


async def test_an_undo_takes_as_many_statements_whatever_happened_since(app: Any, client: httpx.AsyncClient) -> None:
    async def undo(seq: int) -> tuple[int, list[dict[str, Any]]]:
        with statements(app) as seen:
            answer = await client.post("/api/v1/projects/WEB/undo", json={"seq": seq})
        assert answer.status_code == 200, answer.text
        return len(seen), answer.json()["events"]

    async def counted(size: int) -> list[int]:
        """How many statements it takes to undo an edit, a move and the end of a label, among `size` tasks and edits."""
        label = (await client.post("/api/v1/projects/WEB/labels", json={"name": f"L{size}", "color": "red"})).json()
        refs = []
        for number in range(size):
            body = {"title": f"Task {number}", "state": "todo", "labels": [label["id"]]}
            refs.append((await client.post("/api/v1/projects/WEB/tasks", json=body)).json()["ref"])
        edited = (await client.patch(f"/api/v1/tasks/{refs[0]}", json={"title": "B"})).json()["version"]
        moved = (await client.post(f"/api/v1/tasks/{refs[1]}/move", json={"state": "todo", "before": refs[0]})).json()
        for number in range(size):
            assert (await client.patch(f"/api/v1/tasks/{refs[0]}", json={"due": f"2026-12-{number + 1:02}"})).is_success
        assert (await client.delete(f"/api/v1/projects/WEB/labels/{label['id']}")).status_code == 204
        deleted = (await client.get("/api/v1/projects/WEB/board")).json()["seq"]
        label_back, written = await undo(deleted)
        assert len(written) == size + 1
        return [(await undo(edited))[0], (await undo(moved["version"]))[0], label_back]

    few = await counted(3)
    assert await counted(30) == few
    assert max(few) <= 20
