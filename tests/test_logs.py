"""What the server logs: a line for each request and connection, under its id, and nothing that is not to be there."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskhub import logs
from taskhub.app import create_app
from taskhub.config import Settings
from tests.clients import MakeClientOn, anonymous_client
from tests.databases import MakeDatabase
from tests.live.following import socket, stream
from tests.serving import Serve, Server

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) [a-z.]+ .+")


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


def lines(server: Server) -> list[dict[str, Any]]:
    """The lines of a server that logs JSON, once it has ended: each of them one object."""
    server.stop()
    text = server.log_file.read_text()
    return [json.loads(line) for line in text.splitlines() if not line.startswith("TaskHub serves on")]


async def test_every_request_has_a_line_and_no_line_a_secret(
    serve: Serve, make_database: MakeDatabase, make_client_on: MakeClientOn
) -> None:
    server = serve(make_database(), env={"TASKHUB_LOG_FORMAT": "json"})
    owner = await make_client_on(server, "Personal Name", email="personal@example.com")
    program = await make_client_on(server, bearer=True)
    secrets = {"Personal", "personal@", owner.password, program.headers["Authorization"].split()[1]}
    secrets |= set(owner.cookies.values())

    async def ask(name: str, method: str, path: str, **sent: Any) -> Any:
        answer = await owner.request(method, path, headers={"X-Request-ID": name}, **sent)
        assert answer.headers.get_list("x-request-id") == [name]
        return answer

    await ask("made", "POST", "/api/v1/projects", json={"key": "WEB", "name": "Web"})
    await ask("task", "POST", "/api/v1/projects/WEB/tasks", json={"title": "Personal title"})
    await ask("refused", "POST", "/api/v1/tasks/WEB-1/comments", json={"body": "Personal", "more": "Personal"})
    await ask("query", "GET", "/?lang=Personal")
    await ask("missing", "GET", "/nothing/here")
    await ask("large", "POST", "/api/v1/projects", content=b"Personal" * 200_000)
    await ask("static", "GET", "/static/nothing.js")
    await ask("method", "PROPFIND", "/healthz")
    await ask("line", "GET", "/static/a%1B[31mb%C3%A9")
    await ask("lines", "GET", "/static/a%0Ab")
    await ask("fields", "GET", "/static/a%20client=10.0.0.1%22")
    invited = await ask("invite", "POST", "/api/v1/invites", json={"project": "WEB"})
    secret = invited.json()["link"].rpartition("/")[2] if "link" in invited.json() else invited.json()["url"][-40:]
    secrets.add(secret[-20:])
    async with anonymous_client(server) as visitor:
        for name, path in {
            "opened": f"/invite/{secret}",
            "form": f"/register?invite={secret}",
            "misspelt": f"/invite/{secret}/",
            "cut": f"/invite/{secret[:9]}/x",
            "elsewhere": f"/wrong/{secret}",
            "wall": f"/wall/{secret}",
            "figures": f"/api/v1/wallboards/{secret}",
            "shown": f"/api/v1/wallboards/{secret}/stream",
        }.items():
            await visitor.get(path, headers={"X-Request-ID": name})
        secrets.add(secret[:9])
    async with socket(server, owner, user_agent_header=None) as ws:
        assert ws.connection.response is not None
        socket_id = ws.connection.response.headers["X-Request-ID"]
        await ws.subscribe("WEB")
    async with stream(server, owner, "WEB") as events:
        stream_id = events.response.headers["x-request-id"]
        await events.receive()
    async with socket(server, None) as refused:
        assert await refused.closed() == 4401

    found = lines(server)
    text = server.log_file.read_text()
    assert [secret for secret in secrets if secret in text] == []

    def about(name: str) -> list[dict[str, Any]]:
        return [line for line in found if line.get("request_id") == name]

    def one(name: str) -> tuple[Any, ...]:
        (line,) = about(name)
        return line["method"], line["path"], line["status"]

    (made,) = about("made")
    assert made.pop("ms") > 0
    assert made.pop("bytes") > 10
    assert made.pop("time").endswith("Z")
    assert made == {
        "level": "info", "logger": "taskhub.access", "event": "request", "method": "POST", "path": "/api/v1/projects",
        "status": 201, "client": "127.0.0.1", "request_id": "made", "user_id": owner.user["id"],
    }  # fmt: skip
    assert one("task") == ("POST", "/api/v1/projects/WEB/tasks", 201)
    assert one("refused") == ("POST", "/api/v1/tasks/WEB-1/comments", 422)
    assert one("query") == ("GET", "/", 200)
    assert one("missing") == ("GET", "/nothing/here", 404)
    assert one("large") == ("POST", "/api/v1/projects", 413)
    assert one("static") == ("GET", "/static/nothing.js", 404)
    assert one("method") == ("other", "/healthz", 405)
    assert one("line") == ("GET", "/static/a%1B%5B31mb%C3%A9", 404)
    assert one("lines") == ("GET", "/static/***", 404)
    assert one("fields") == ("GET", "/static/a%20client%3D10.0.0.1%22", 404)
    assert one("opened")[:2] == ("GET", "/invite/***")
    assert one("form")[:2] == ("GET", "/register")
    assert one("misspelt")[:2] == ("GET", "/invite/***/***")
    assert one("cut")[:2] == ("GET", "/invite/***/***")
    assert one("elsewhere")[:2] == ("GET", "/wrong/***")
    assert one("wall")[:2] == ("GET", "/wall/***")
    assert one("figures")[:2] == ("GET", "/api/v1/wallboards/***")
    assert one("shown")[:2] == ("GET", "/api/v1/wallboards/***/stream")
    assert about("opened")[0]["user_id"] is None
    opened, closed = about(socket_id)
    assert (opened["event"], opened["path"], opened["user_id"]) == ("socket opened", "/api/v1/live", owner.user["id"])
    assert (closed["event"], closed["code"], closed["bytes"] > 20) == ("socket closed", 1000, True)
    opened, closed = about(stream_id)
    assert (opened["event"], opened["path"]) == ("stream opened", "/api/v1/projects/WEB/stream")
    assert (closed["event"], closed["bytes"] > 20) == ("stream closed", True)
    assert {line["code"] for line in found if line["event"] == "socket closed"} == {1000, 4401}
    assert all(line["request_id"] for line in found)


async def test_as_text_every_line_is_one(serve: Serve, make_database: MakeDatabase) -> None:
    server = serve(make_database())
    async with anonymous_client(server) as client:
        await client.get("/healthz", headers={"X-Request-ID": "mine", "X-Forwarded-For": "192.0.2.7"})
    server.stop()
    first, *rest = server.log_file.read_text().splitlines()
    assert first.startswith("TaskHub serves on")
    assert [line for line in rest if not LINE.fullmatch(line)] == []
    (mine,) = [line for line in rest if "request_id=mine" in line]
    assert re.search(r" request GET /healthz status=200 bytes=15 ms=[0-9.]+ client=192\.0\.2\.7 request_id=mine", mine)


@pytest.fixture
def no_traces() -> Iterator[None]:
    """The loggers of this process, as they were, afterwards."""
    root = logging.getLogger()
    names = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access")
    handlers, below = list(root.handlers), {name: list(logging.getLogger(name).handlers) for name in names}
    yield
    root.handlers = handlers
    for name, before in below.items():
        logging.getLogger(name).handlers = before
        logging.getLogger(name).propagate = True


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_failure_is_logged_under_the_id_that_the_client_got(
    form: logs.Format, tmp_path: Path, capsys: pytest.CaptureFixture[str], no_traces: None
) -> None:
    logs.configure(form)
    app = create_app(Settings(data_dir=tmp_path))

    @app.get("/fails")
    def fails() -> str:
        raise ValueError("this went wrong\nINFO a line that is none")

    answer = app.test_client().get("/fails", headers={"X-Request-ID": "the-id"})
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] == "the-id"
    assert "the-id" in answer.text
    logging.getLogger("uvicorn.error").warning("a line\nof uvicorn's")
    written = capsys.readouterr().err
    if form == "json":
        failure, other = map(json.loads, written.splitlines())
        assert (failure["level"], failure["request_id"]) == ("error", "the-id")
        assert failure["message"] == "the request failed"
        assert "ValueError: this went wrong" in failure["exception"]
        assert (other["level"], other["logger"], other["message"]) == ("warning", "uvicorn", "a line\nof uvicorn's")
    else:
        first, *_, last = written.splitlines()
        assert first.endswith("Z ERROR taskhub.app the request failed request_id=the-id")
        assert "ValueError: this went wrong" in written
        assert "a line\\nof uvicorn's" in last


def test_a_closed_pipe_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone, monkeypatch.context() as patch:
        patch.setattr("sys.stderr", gone)
        logs.Output("text").write("a line")
        with pytest.raises(BrokenPipeError):
            gone.close()


def test_what_somebody_wrote_is_not_in_a_databases_error(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    for engine in app.extensions["taskhub"].db.engines:
        assert engine.hide_parameters
