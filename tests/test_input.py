"""Whatever is sent, the answer is a refusal that names what was wrong: never a 500, never a page of HTML."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.clients import Client, anonymous_client
from tests.serving import Server
from tests.teams import Team

DEEP = 100_000

#: What is no text a person would write, wherever a text is expected.
NOT_TEXT: dict[str, Any] = {
    "NUL": "a\x00b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "without end": "x" * 30_000,
    "number": 7,
    "boolean": True,
    "list": ["a"],
    "object": {"a": "b"},
}

#: Every field that takes text: method, path, the other fields, the field.
TEXTS = {
    "register email": ("POST", "/api/v1/auth/register", {"name": "A", "password": "long enough indeed"}, "email"),
    "register name": ("POST", "/api/v1/auth/register", {"email": "a@b.co", "password": "long enough indeed"}, "name"),
    "login email": ("POST", "/api/v1/auth/login", {"password": "long enough indeed"}, "email"),
    "project name": ("POST", "/api/v1/projects", {"key": "NEWONE"}, "name"),
    "project key": ("POST", "/api/v1/projects", {"name": "New"}, "key"),
    "project template": ("POST", "/api/v1/projects", {"key": "NEWONE", "name": "New"}, "template"),
    "project edit": ("PATCH", "{project}", {}, "name"),
    "member email": ("POST", "{project}/members", {}, "email"),
    "member role": ("POST", "{project}/members", {"email": "a@b.co"}, "role"),
    "role change": ("PATCH", "{project}/members/{user}", {}, "role"),
    "my name": ("PATCH", "/api/v1/me", {}, "name"),
    "register invite": (
        "POST",
        "/api/v1/auth/register",
        {"email": "a@b.co", "name": "A", "password": "long enough indeed"},
        "invite",
    ),
    "invite email": ("POST", "/api/v1/invites", {}, "email"),
    "invite project": ("POST", "/api/v1/invites", {}, "project"),
    "invite role": ("POST", "/api/v1/invites", {}, "role"),
    "accept invite": ("POST", "/api/v1/invites/accept", {}, "invite"),
    "label name": ("POST", "{project}/labels", {"color": "red"}, "name"),
    "label color": ("POST", "{project}/labels", {"name": "New"}, "color"),
    "label edit": ("PATCH", "{label}", {}, "name"),
    "title": ("POST", "{project}/tasks", {}, "title"),
    "description": ("POST", "{project}/tasks", {"title": "A"}, "description"),
    "state": ("POST", "{project}/tasks", {"title": "A"}, "state"),
    "priority": ("POST", "{project}/tasks", {"title": "A"}, "priority"),
    "due": ("POST", "{project}/tasks", {"title": "A"}, "due"),
    "edit title": ("PATCH", "{task}", {}, "title"),
    "edit description": ("PATCH", "{task}", {}, "description"),
    "edit due": ("PATCH", "{task}", {}, "due"),
    "move state": ("POST", "{task}/move", {}, "state"),
    "move before": ("POST", "{task}/move", {"state": "todo"}, "before"),
    "move after": ("POST", "{task}/move", {"state": "todo"}, "after"),
    "comment": ("POST", "{task}/comments", {}, "body"),
    "comment edit": ("PATCH", "{comment}", {}, "body"),
}


async def addresses(team: Team) -> dict[str, str]:
    task = await team.task()
    comment = await team.owner.post(f"/api/v1/tasks/{task['ref']}/comments", json={"body": "Hm"})
    label = await team.owner.post(f"{team.url}/labels", json={"name": "Bug", "color": "red"})
    return {
        "{project}": team.url,
        "{label}": f"{team.url}/labels/{label.json()['id']}",
        "{task}": f"/api/v1/tasks/{task['ref']}",
        "{comment}": f"/api/v1/comments/{comment.json()['id']}",
        "{user}": team.member.user["id"],
    }


def at(path: str, known: dict[str, str]) -> str:
    for name, address in known.items():
        path = path.replace(name, address)
    return path


async def send(client: Client, method: str, path: str, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.request(method, path, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("name", TEXTS)
async def test_a_field_refuses_what_is_no_such_text_by_name(team: Team, name: str) -> None:
    method, path, others, field = TEXTS[name]
    path = at(path, await addresses(team))
    seq = (await team.board())["seq"]
    for kind, value in NOT_TEXT.items():
        answer = await send(team.owner, method, path, {**others, field: value})
        assert answer.status_code == 422, (kind, answer.text)
        assert answer.json()["code"] == "invalid"
        assert answer.json()["errors"][0]["loc"][0] == field, kind
    unknown = await send(team.owner, method, path, {**others, "no_such_field": 1})
    assert unknown.status_code == 422
    assert ["no_such_field"] in [error["loc"] for error in unknown.json()["errors"]]
    assert (await team.board())["seq"] == seq


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b"null",
        b'"text"',
        b"7",
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        b"9" * 10_000,
        b'{"title": ' + b"9" * 10_000 + b"}",
        b'{"title": 1e999}',
        b'{"title": NaN}',
        b"\xff\xfe\x00",
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b'{"name": "\\ud800"}',
        b'{"email": "\\udfff", "password": "\\udfff"}',
        b'{"body": "\\ud800\\ud800"}',
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_no_json_object_is_refused(people: dict[str, Client], body: bytes) -> None:
    known = {
        "{project}": "/api/v1/projects/NONE",
        "{label}": "/api/v1/projects/NONE/labels/none",
        "{task}": "/api/v1/tasks/NONE-1",
        "{comment}": "/api/v1/comments/none",
        "{user}": "none",
    }
    for method, path in sorted({(method, at(path, known)) for method, path, _, _ in TEXTS.values()}):
        answer = await send(people["owner"], method, path, body)
        assert answer.status_code == 422, (method, path, answer.text)
        assert answer.json()["code"] == "invalid"


async def test_the_refusal_of_a_body_says_where_it_is_no_json(team: Team) -> None:
    for body, why in {
        b'{"title": "A",}': "line 1 column 14",
        b'{"base_version": 1' + b"0" * 400 + b"}": "infinity",
        b"[]": "must be a JSON object",
        b'"{\\"title\\": \\"A\\"}"': "must be a JSON object",
        b"": "must be a JSON object",
    }.items():
        answer = await send(team.owner, "POST", f"{team.url}/tasks", body)
        assert answer.status_code == 422
        assert why in answer.json()["detail"]
        assert answer.json()["errors"] == [{"loc": [], "msg": answer.json()["detail"]}]


async def test_a_body_of_another_kind_is_refused(team: Team) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "junk"):
        answer = await team.owner.post(f"{team.url}/tasks", content=b'{"title": "A"}', headers={"Content-Type": kind})
        assert answer.status_code == 415, kind
        assert "application/json" in answer.json()["detail"]
    assert (await team.board())["tasks"] == []


async def test_a_body_beyond_a_mebibyte_is_refused(team: Team) -> None:
    answer = await send(team.owner, "POST", f"{team.url}/tasks", {"title": "A", "description": "x" * 1_100_000})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_a_body_beyond_a_mebibyte_without_a_declared_length_is_refused(team: Team) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 32_768

    answer = await team.owner.post(f"{team.url}/tasks", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e3", "9" * 5000, "", "x", "١"])
async def test_a_limit_out_of_bounds_is_refused(team: Team, limit: str) -> None:
    for path in ("/api/v1/projects", f"{team.url}/tasks", f"{team.url}/members"):
        answer = await team.owner.get(path, params={"limit": limit})
        if limit == "١" and answer.status_code == 200:
            continue
        assert answer.status_code == 422, (path, limit)
        assert answer.json()["errors"][0]["loc"] == ["limit"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "====", "w7_Dvw==", "x" * 400, "\x00", "é", "OTk5OTk5OTk5OTk5"])
async def test_a_cursor_that_is_not_ours_is_refused(team: Team, cursor: str) -> None:
    ref = (await team.task())["ref"]
    for path in (f"{team.url}/tasks", f"{team.url}/members", f"/api/v1/tasks/{ref}/comments"):
        answer = await team.owner.get(path, params={"cursor": cursor})
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["errors"][0]["loc"] == ["cursor"]


@pytest.mark.parametrize("seq", ["-1", "x", "9" * 30, "1.5", str(2**63), ""])
async def test_a_seq_that_is_none_is_refused(team: Team, seq: str) -> None:
    ref = (await team.task())["ref"]
    for path, name in (
        (f"{team.url}/events", "since"),
        (f"{team.url}/stream", "since"),
        (f"/api/v1/tasks/{ref}/events", "before"),
    ):
        answer = await team.owner.get(path, params={name: seq})
        assert answer.status_code == 422, (path, answer.text)


NO_NAMES = (
    *("%00", "%ff", "%f0%9f%a6%84", "..%2f..%2fetc", "%27%20OR%201=1", "x" * 3000, "WEB-0", "WEB--1", "WEB-1%0a"),
    *("WEB-99999999999999999999", "web-1", "%ED%A0%80", "%5c", "a%2fb", "%E2%80%AE", "x%00y", "WEB-%D9%A1"),
)


@pytest.mark.parametrize(
    "path",
    ["projects/{}", "projects/{}/board", "projects/{}/stream", "tasks/{}", "tasks/{}/comments", "tasks/{}/events"],
)
async def test_names_of_nothing_are_not_found(people: dict[str, Client], path: str) -> None:
    for name in NO_NAMES:
        answer = await people["owner"].get(f"/api/v1/{path.format(name)}")
        assert answer.status_code == 404, name
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/v1/comments/{}", {"body": "Hm"}),
        ("DELETE", "/api/v1/comments/{}", None),
        ("PATCH", "{project}/members/{}", {"role": "viewer"}),
        ("DELETE", "{project}/members/{}", None),
        ("PATCH", "/api/v1/tasks/{}", {"title": "A"}),
        ("POST", "/api/v1/tasks/{}/move", {"state": "todo"}),
        ("POST", "/api/v1/projects/{}/tasks", {"title": "A"}),
    ],
)
async def test_writes_to_names_of_nothing_are_not_found(
    team: Team, method: str, path: str, body: dict[str, str] | None
) -> None:
    for name in NO_NAMES:
        answer = await team.owner.request(method, path.replace("{project}", team.url).format(name), json=body)
        assert answer.status_code == 404, name


async def test_credentials_of_junk_are_nobodys(team: Team) -> None:
    for value in (b"Bearer", b"Bearer x", b"Bearer " + b"x" * 6000, b"Basic eDp5", b"bearer \xff", b"\xe9", b""):
        answer = await team.nobody.get("/api/v1/me", headers={b"Authorization": value})
        assert answer.status_code == 401, value
    for value in (b"", b"x", b"\xff", b"x" * 6000, b'"', b";", b"a=b; taskhub_session="):
        answer = await team.nobody.get("/api/v1/me", headers={b"Cookie": b"taskhub_session=" + value})
        assert answer.status_code == 401, value


@pytest.mark.parametrize("key", ["", "x" * 201, "é\x80", "a\tb"])
async def test_an_idempotency_key_of_junk_is_refused(team: Team, key: str) -> None:
    answer = await team.owner.post(
        f"{team.url}/tasks", json={"title": "A"}, headers={b"Idempotency-Key": key.encode("latin-1")}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["Idempotency-Key"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/me", "/api/x", "/api/v1/projects/", "/api/"])
async def test_an_unknown_address_below_api_is_a_json_404(team: Team, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await team.owner.request(method, path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_a_method_that_an_address_does_not_take_is_a_json_405(team: Team, contract: Any) -> None:
    for rule in contract.routes.map.iter_rules():
        if not rule.rule.startswith("/api/v1") or rule.websocket:
            continue
        path = rule.rule.replace("<key>", team.key).replace("<ref>", f"{team.key}-1")
        path = (
            path.replace("<user_id>", "x")
            .replace("<comment_id>", "x")
            .replace("<string(length=16):invite_id>", "x" * 16)
        )
        taken = {
            method
            for other in contract.routes.map.iter_rules()
            if other.rule == rule.rule
            for method in other.methods or ()
        }
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - taken:
            answer = await team.owner.request(method, path)
            assert answer.status_code == 405, (method, path, answer.status_code)
            assert answer.json()["code"] == "method_not_allowed"
            assert set(answer.headers["allow"].split(", ")) == taken


async def test_hosts_of_junk_do_not_break_the_server(shared_server: Server) -> None:
    async with anonymous_client(shared_server) as client:
        for host in (b"", b"a b", b"\xe9", b"[::1", b"x" * 300, b"a:99999", b"a/b", b"a@b"):
            answer = await client.get("/api/v1/me", headers={b"Host": host})
            assert answer.status_code in (400, 401), host
            posted = await client.post("/api/v1/auth/login", json={}, headers={b"Host": host})
            assert posted.status_code in (400, 403), host
