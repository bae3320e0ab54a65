"""Flask is whole under the adapter: views, hooks, handlers, sessions, templates, blueprints, files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest

from .apps import BIG, app
from .conftest import Server


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_views_and_hooks(client: httpx.Client, kind: str) -> None:
    response = client.get(f"/{kind}", params={"mark": kind})
    assert response.text.startswith(kind)
    assert response.headers["x-steps"] == "before,view"
    client.get(f"/journal/teardown {kind} NoneType").raise_for_status()


def test_before_request_may_answer(client: httpx.Client) -> None:
    response = client.get("/sync", headers={"X-Refuse": "1"})
    assert (response.status_code, response.text, response.headers["x-steps"]) == (403, "refused", "before")


def test_synchronous_code_waits_at_any_depth(client: httpx.Client) -> None:
    assert client.get("/bridged").text == "outer inner"


def test_waiting_outside_a_request_says_what_to_do(client: httpx.Client) -> None:
    assert "Await it directly" in client.get("/from-a-task").text


@pytest.mark.parametrize("how", ["raise", "raise-sync"])
@pytest.mark.parametrize(("name", "status", "error"), [("teapot", 418, "teapot"), ("kettle", 409, "kettle")])
def test_error_handlers(client: httpx.Client, how: str, name: str, status: int, error: str) -> None:
    response = client.get(f"/{how}/{name}")
    assert (response.status_code, response.json()) == (status, {"error": error})
    assert response.headers["x-steps"] == "before"


@pytest.mark.parametrize("how", ["raise", "raise-sync"])
def test_an_exception_is_500_without_a_traceback_and_logged(client: httpx.Client, server: Server, how: str) -> None:
    before = server.log().count("ZeroDivisionError")
    response = client.get(f"/{how}/unknown", params={"mark": how})
    assert response.status_code == 500
    assert response.json()["status"] == 500
    assert "Traceback" not in response.text
    server.happened(f"teardown {how} ZeroDivisionError")
    assert server.log().count("ZeroDivisionError") > before


@pytest.mark.parametrize("code", [400, 401, 404, 409, 503])
def test_abort(client: httpx.Client, code: int) -> None:
    response = client.get(f"/abort/{code}")
    assert (response.status_code, response.json()) == (code, {"status": code, "detail": "as asked"})


def test_unknown_path_and_method(client: httpx.Client) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.post("/sync").status_code == 405
    options = client.options("/sync")
    assert (options.status_code, options.content) == (200, b"")
    assert "GET" in options.headers["allow"]


def test_session_and_flash(client: httpx.Client) -> None:
    assert client.get("/whoami").json() == {"name": None, "flashes": []}
    assert client.post("/login", data={"name": "Zoë"}).text == "ok"
    assert client.get("/whoami").json() == {"name": "Zoë", "flashes": ["Welcome, Zoë"]}
    assert client.get("/whoami").json() == {"name": "Zoë", "flashes": []}


def test_template_sees_the_request(client: httpx.Client) -> None:
    assert client.get("/template").text == "/template before for tests"


def test_blueprint(client: httpx.Client) -> None:
    response = client.get("/nested/7")
    assert response.json() == {"number": 7, "endpoint": "nested.nested_view"}
    assert response.headers["x-steps"] == "before,nested"
    assert client.get("/nested/kettle").status_code == 410


def test_send_file_whole_in_part_and_not_at_all(client: httpx.Client) -> None:
    whole = client.get("/file")
    assert whole.content == BIG
    part = client.get("/file", headers={"Range": "bytes=300000-700000"})
    assert part.status_code == 206
    assert part.content == BIG[300000:700001]
    assert client.get("/file", headers={"Range": "bytes=-5"}).content == BIG[-5:]
    assert client.get("/file", headers={"Range": f"bytes={len(BIG)}-"}).status_code == 416
    same = client.get("/file", headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    head = client.head("/file")
    assert (head.headers["content-length"], head.content) == (str(len(BIG)), b"")


async def test_nothing_leaks_between_interleaved_requests(server: Server) -> None:
    async def ask(http: httpx.AsyncClient, worker: int) -> None:
        for turn in range(2):
            name = f"w{worker}t{turn}"
            response = await http.get(f"/interleave/{name}", params={"n": name})
            assert (response.status_code, response.text) == (200, name)
            assert (await http.get("/clean")).json() == {"owner": "", "g": ""}

    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=server.url, timeout=30, limits=limits) as http:
        await asyncio.gather(*(ask(http, worker) for worker in range(64)))


@pytest.mark.parametrize("reset", [True, False])
def test_pipelined_requests_do_not_share_a_context(spawn: Callable[..., Server], reset: bool) -> None:
    """uvicorn starts a pipelined request in the context of the one before it (python/cpython#140947)."""
    server = spawn("tests.asgi.apps:application", reset_contextvars=reset)
    head = " HTTP/1.1\r\nHost: t\r\n"
    answer = server.raw(
        (
            f"GET /interleave/a?n=a{head}\r\n"
            f"GET /stream/counted-context?mark=b{head}\r\n"
            f"GET /clean{head}Connection: close\r\n\r\n"
        ).encode()
    ).decode()
    assert answer.count("HTTP/1.1 200 OK") == 3
    assert '"g":""' in answer


def test_without_the_adapter_flask_goes_its_own_way() -> None:
    http = app.test_client()
    assert http.get("/async").text == "async in True"
    assert http.get("/stream/numbers").text == "0\n1\n2\n3\n4\n"
    assert http.get("/stream/context?mark=m").text == "m tests.asgi.apps None\n" * 3
    assert http.get("/raise/teapot").status_code == 418


def test_requests_that_wait_run_side_by_side(server: Server) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            waiting = [asyncio.ensure_future(http.get("/journal/side by side")) for _ in range(20)]
            assert (await http.get("/sync")).text == "sync"
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()

    started = time.monotonic()
    asyncio.run(ask())
    assert time.monotonic() - started < 9, "a waiting request held up another one"
