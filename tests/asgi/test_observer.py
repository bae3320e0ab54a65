"""The adapter tells its observer of everything it served, once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import pytest
from flask import Flask

from taskhub.asgi import Observer, OnLoop, Sock, WebSocket, asgi_app


class Noted(Observer):
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def shown(self, environ: dict[str, Any]) -> str:
        return "what was masked"

    def request_ended(self, environ: dict[str, Any], status: int, sent: int, seconds: float) -> None:
        assert seconds > 0
        self.calls.append(("ended", environ["PATH_INFO"], status, sent))

    def stream_opened(self, environ: dict[str, Any], status: int) -> None:
        self.calls.append(("stream", environ["PATH_INFO"], status))

    def socket_opened(self, environ: dict[str, Any]) -> None:
        self.calls.append(("socket", environ["PATH_INFO"]))

    def socket_ended(self, environ: dict[str, Any], code: int, sent: int, seconds: float) -> None:
        self.calls.append(("socket ended", environ["PATH_INFO"], code, sent))


class App(OnLoop, Flask):
    pass


def served(**options: Any) -> tuple[Noted, Any]:
    app = App(__name__)
    sock = Sock(app)

    @app.get("/stream")
    def stream() -> Any:
        async def pieces() -> Any:
            yield b"data: 1\n\n"

        return pieces(), {"Content-Type": "text/event-stream"}

    @app.get("/broken")
    def broken() -> Any:
        async def pieces() -> Any:
            yield b"data: 1\n\n"
            raise ValueError

        return pieces(), {"Content-Type": "text/event-stream"}

    @sock.route("/echo")
    async def echo(ws: WebSocket) -> None:
        await ws.send(str(await ws.receive()))
        await ws.close(4000)

    noted = Noted()
    return noted, asgi_app(app, observer=noted, max_body=10, **options)


async def ask(application: Any, path: str, kind: str = "http", *messages: dict[str, Any], **scope: Any) -> None:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else {"type": f"{kind}.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        return None

    head = {"type": kind, "path": path, "query_string": b"", "http_version": "1.1", "method": "GET", "headers": []}
    await application({**head, **scope}, receive, send)


async def test_it_is_told_of_each_ending() -> None:
    noted, application = served()
    await ask(application, "/nothing")
    await ask(application, "/stream")
    length = [(b"content-length", b"20")]
    await ask(application, "/large", method="POST", headers=length)
    await ask(application, "/left", method="POST", headers=[(b"content-length", b"5")])
    ((_, _, status, sent), *rest) = noted.calls
    assert (status, sent > 0) == (404, True)
    assert rest[:2] == [("stream", "/stream", 200), ("ended", "/stream", 200, 9)]
    assert [call[1:3] for call in rest[2:]] == [("/large", 413), ("/left", 499)]
    noted.calls.clear()

    text = {"type": "websocket.receive", "text": "hello"}
    await ask(application, "/echo", "websocket", {"type": "websocket.connect"}, text)
    await ask(application, "/nothing", "websocket", {"type": "websocket.connect"})
    assert noted.calls == [("socket", "/echo"), ("socket ended", "/echo", 4000, 5), ("ended", "/nothing", 404, 0)]


async def test_it_says_what_may_be_logged_of_a_path(caplog: pytest.LogCaptureFixture) -> None:
    _, application = served(send_timeout=0.02)

    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def unread(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Future()

    head = {"type": "http", "path": "/stream", "query_string": b"", "http_version": "1.1", "method": "GET"}
    with caplog.at_level(logging.INFO, "taskhub.asgi"):
        with contextlib.suppress(ValueError):
            await ask(application, "/broken")
        await application({**head, "headers": []}, receive, unread)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("taskhub.asgi")]
    assert said == [
        "Exception on what was masked [GET]",
        "Dropped a stream of what was masked: its client does not read",
    ]
