"""The same Idempotency-Key is the same write, done once; and a command ends though its client is gone."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.live.following import credentials
from tests.teams import Team


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


async def test_the_same_write_twice_is_done_once(team: Team) -> None:
    ref = (await team.task())["ref"]
    comment = await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Hm"})
    label = (await team.owner.post(f"{team.url}/labels", json={"name": "Bug", "color": "grey"})).json()["id"]
    writes = [
        ("POST", "/api/v1/projects", {"key": f"{team.key}I", "name": "Once"}),
        ("PATCH", team.url, {"name": "Renamed"}),
        ("POST", f"{team.url}/members", {"email": team.stranger.email}),
        ("PATCH", f"{team.url}/members/{team.stranger.user['id']}", {"role": "viewer"}),
        ("DELETE", f"{team.url}/members/{team.stranger.user['id']}", None),
        ("POST", f"{team.url}/labels", {"name": "Once", "color": "blue"}),
        ("PATCH", f"{team.url}/labels/{label}", {"color": "red"}),
        ("DELETE", f"{team.url}/labels/{label}", None),
        ("POST", f"{team.url}/tasks", {"title": "Once"}),
        ("PATCH", f"/api/v1/tasks/{ref}", {"title": "Edited"}),
        ("POST", f"/api/v1/tasks/{ref}/move", {"state": "done"}),
        ("POST", f"/api/v1/tasks/{ref}/comments", {"body": "Once"}),
        ("PATCH", f"/api/v1/comments/{comment.json()['id']}", {"body": "Other"}),
        ("DELETE", f"/api/v1/comments/{comment.json()['id']}", None),
        ("DELETE", f"/api/v1/tasks/{ref}", None),
    ]
    for number, (method, path, body) in enumerate(writes):
        name = key(f"write {number}")
        first = await team.owner.request(method, path, json=body, headers=name)
        assert first.status_code in (200, 201, 204), (method, path, first.text)
        head = (await team.events())[-1]
        again = await team.owner.request(method, path, json=body, headers=name)
        assert (again.status_code, again.content) == (first.status_code, first.content), (method, path)
        assert (await team.events())[-1] == head
        if path != "/api/v1/projects":
            assert head["command_id"] == f"write {number}"


async def test_an_invite_is_made_once_and_shown_again(team: Team) -> None:
    invite = (await team.owner.post("/api/v1/invites", json={"project": team.key})).json()
    writes = [
        ("POST", "/api/v1/invites", {"project": team.key}),
        ("POST", f"{team.url}/members", {"email": "nobody.yet@example.com"}),
        ("DELETE", f"/api/v1/invites/{invite['id']}", None),
    ]
    for number, (method, path, body) in enumerate(writes):
        name = key(f"invite {number}")
        first = await team.owner.request(method, path, json=body, headers=name)
        again = await team.owner.request(method, path, json=body, headers=name)
        assert (again.status_code, again.content) == (first.status_code, first.content), (method, path)
    assert len((await team.owner.get(f"{team.url}/invites")).json()["items"]) == 2


async def test_all_events_of_one_command_share_its_id(team: Team) -> None:
    member = team.member.user["id"]
    for title in ("a", "b"):
        await team.task(title, assignees=[member])
    head = (await team.board())["seq"]
    await team.owner.delete(f"{team.url}/members/{member}", headers=key("leave"))
    events = await team.events(head)
    assert [event["type"] for event in events] == ["task.edited", "task.edited", "member.removed"]
    assert {event["command_id"] for event in events} == {"leave"}
    assert events[0]["changes"] == {"assignees": [[member], []]}


async def test_twins_at_once_are_one(team: Team) -> None:
    answers = await asyncio.gather(
        *(team.owner.post(f"{team.url}/tasks", json={"title": "Twin"}, headers=key("twin")) for _ in range(12))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len((await team.board())["tasks"]) == 1
    made = await asyncio.gather(
        *(
            team.owner.post("/api/v1/projects", json={"key": f"{team.key}T", "name": "T"}, headers=key("project"))
            for _ in range(6)
        )
    )
    assert {answer.status_code for answer in made} == {201}


async def test_the_same_key_for_something_else_is_refused(team: Team) -> None:
    ref = (await team.task())["ref"]
    name = key("one name")
    assert (await team.owner.post(f"{team.url}/tasks", json={"title": "A"}, headers=name)).status_code == 201
    for method, path, body in (
        ("POST", f"{team.url}/tasks", {"title": "B"}),
        ("POST", f"/api/v1/tasks/{ref}/comments", {"body": "A"}),
        ("PATCH", f"/api/v1/tasks/{ref}", {"title": "A"}),
        ("DELETE", f"/api/v1/tasks/{ref}", None),
    ):
        answer = await team.owner.request(method, path, json=body, headers=name)
        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_mismatch"
    # It is the user's own.
    other = await team.member.post(f"{team.url}/tasks", json={"title": "B"}, headers=name)
    assert other.status_code == 201


async def test_a_refusal_is_not_kept(strict_team: Team) -> None:
    team, name = strict_team, key("again")
    ref = (await team.task(state="todo"))["ref"]
    assert (
        await team.owner.post(f"/api/v1/tasks/{ref}/move", json={"state": "review"}, headers=name)
    ).status_code == 409
    await team.move(ref, "doing")
    assert (
        await team.owner.post(f"/api/v1/tasks/{ref}/move", json={"state": "review"}, headers=name)
    ).status_code == 200


async def test_access_is_asked_before_a_kept_answer(team: Team) -> None:
    name = key("mine")
    await team.member.post(f"{team.url}/tasks", json={"title": "A"}, headers=name)
    others = [
        (f"/api/v1/tasks/{team.key}-1/watch", key("watching")),
        (f"{team.url}/mutes/assigned", key("muting")),
    ]
    for url, kept in others:
        assert (await team.member.put(url, headers=kept)).status_code == 200
    await team.owner.patch(f"{team.url}/members/{team.member.user['id']}", json={"role": "viewer"})
    assert (await team.member.post(f"{team.url}/tasks", json={"title": "A"}, headers=name)).status_code == 403
    await team.owner.delete(f"{team.url}/members/{team.member.user['id']}")
    assert (await team.member.post(f"{team.url}/tasks", json={"title": "A"}, headers=name)).status_code == 404
    for url, kept in others:
        assert (await team.member.put(url, headers=kept)).status_code == 404


@asynccontextmanager
async def writes_held_up(team: Team) -> AsyncIterator[None]:
    """Nobody can write to the project while this lasts."""
    engine = create_async_engine(team.server.database.url)
    async with engine.connect() as connection:
        if team.server.database.kind == "sqlite":
            await connection.execute(sa.text("UPDATE projects SET seq = seq WHERE key = :key"), {"key": team.key})
        else:
            await connection.execute(sa.text("SELECT 1 FROM projects WHERE key = :key FOR UPDATE"), {"key": team.key})
        yield
        await connection.rollback()
    await engine.dispose()


async def test_a_command_ends_though_its_client_hangs_up(team: Team) -> None:
    body = json.dumps({"title": "Left behind"}).encode()
    head = "\r\n".join(
        [
            f"POST {team.url}/tasks HTTP/1.1",
            f"Host: 127.0.0.1:{team.server.port}",
            f"Origin: {team.server.url}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in credentials(team.owner).items()),
        ]
    )
    async with writes_held_up(team):
        _, writer = await asyncio.open_connection("127.0.0.1", team.server.port)
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
        # The server has begun with it once it answers what came later.
        for _ in range(5):
            assert (await team.owner.get(f"{team.url}/board")).status_code == 200
        writer.transport.abort()
        assert (await team.board())["tasks"] == []
    deadline = time.monotonic() + 10
    while not (tasks := (await team.board())["tasks"]):
        assert time.monotonic() < deadline, "the command was given up"
        await asyncio.sleep(0.02)
    assert [task["title"] for task in tasks] == ["Left behind"]


async def test_reads_that_are_hung_up_leave_no_connection_behind(team: Team) -> None:
    for number in range(20):
        await team.task(f"Task {number}")
    request = "\r\n".join(
        [
            f"GET {team.url}/tasks?limit=200 HTTP/1.1",
            f"Host: 127.0.0.1:{team.server.port}",
            *(f"{name}: {value}" for name, value in credentials(team.owner).items()),
        ]
    )
    for _ in range(4):
        writers = [(await asyncio.open_connection("127.0.0.1", team.server.port))[1] for _ in range(30)]
        for writer in writers:
            writer.write(request.encode() + b"\r\n\r\n")
        await asyncio.gather(*(writer.drain() for writer in writers))
        for writer in writers:
            writer.transport.abort()
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*(team.owner.get(f"{team.url}/tasks") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
