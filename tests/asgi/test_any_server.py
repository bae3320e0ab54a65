"""Against an ASGI server that is not uvicorn: the bare protocol, without a transport to reach."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from taskhub.app import TaskHub
from taskhub.asgi import OnLoop, Sock, WebSocket, asgi_app, leaves_bodies
from taskhub.asgi.onloop import is_plain
from taskhub.asgi.types import ASGIApplication, Message, Scope


class App(OnLoop, Flask):
    pass


def make_app() -> App:
    app = App(__name__)
    sock = Sock(app)

    @app.route("/echo", methods=["GET", "POST"])
    async def echo() -> ResponseReturnValue:
        await asyncio.sleep(0)
        return {"path": request.path, "root": request.script_root, "body": request.get_data(as_text=True)}

    @app.get("/breaking")
    async def breaking() -> ResponseReturnValue:
        async def pieces() -> AsyncIterator[str]:
            yield "first"
            raise KeyError("in the stream")

        return pieces()

    @app.get("/pieces")
    async def pieces() -> ResponseReturnValue:
        async def pieces() -> AsyncIterator[str]:
            for piece in "abc":
                await asyncio.sleep(0)
                yield piece

        return pieces()

    @app.get("/teardown")
    async def teardown() -> str:
        return "never seen"

    @app.teardown_request
    def fail(error: BaseException | None) -> None:
        if request.path == "/teardown":
            raise KeyError("in a teardown function")

    @sock.route("/socket")
    async def socket(ws: WebSocket) -> None:
        await ws.send("hello")
        ws.abort()
        await asyncio.Event().wait()

    return app


def scope(kind: str, path: str, **more: Any) -> dict[str, Any]:
    base = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"t")],
    }
    return base | more


async def call(application: ASGIApplication, where: Scope, *received: Message) -> list[Message]:
    sent: list[Message] = []
    messages = iter(received)

    async def receive() -> Message:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await application(where, receive, send)
    except KeyError as error:
        sent.append({"raised": str(error)})
    return sent


def body(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


async def test_a_scope_with_only_what_the_specification_demands() -> None:
    sent = await call(asgi_app(make_app()), scope("http", "/echo"))
    assert [m["type"] for m in sent] == ["http.response.start", "http.response.body"]
    assert b'"path":"/echo"' in body(sent)


async def test_root_path_is_cut_at_a_segment_only() -> None:
    application = asgi_app(make_app())
    sent = await call(application, scope("http", "/app/echo", root_path="/app"))
    assert b'"root":"/app"' in body(sent)
    assert b'"path":"/echo"' in body(sent)
    assert (await call(application, scope("http", "/application", root_path="/app")))[0]["status"] == 404


async def test_http_2_bodies_have_no_length() -> None:
    where = scope("http", "/echo", http_version="2", method="POST")
    pieces: list[Message] = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"c"},
    ]
    assert b'"body":"abc"' in body(await call(asgi_app(make_app()), where, *pieces))


async def test_a_broken_stream_is_raised_to_the_server() -> None:
    sent = await call(asgi_app(make_app()), scope("http", "/breaking"))
    assert sent[-1] == {"raised": "'in the stream'"}
    assert all(message.get("more_body", True) for message in sent if message.get("body"))


async def test_an_error_in_a_teardown_function_is_a_bare_500() -> None:
    sent = await call(asgi_app(make_app()), scope("http", "/teardown"))
    assert (sent[0]["status"], body(sent)) == (500, b"Internal Server Error")


async def test_wsgi_middleware_sees_streams_too() -> None:
    app = make_app()
    inner = app.wsgi_app

    def loud(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        for piece in inner(environ, start_response):
            yield piece.upper()

    app.wsgi_app = loud  # type: ignore[method-assign]
    assert body(await call(asgi_app(app), scope("http", "/pieces"))) == b"ABC"


class Marked(App):
    @leaves_bodies
    def wsgi_app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return super().wsgi_app(environ, start_response)


class Unmarked(App):
    def wsgi_app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return super().wsgi_app(environ, start_response)


@pytest.mark.parametrize(("kind", "past"), [(App, True), (Marked, True), (Unmarked, False)])
async def test_streams_go_past_the_iterators_around_them(kind: type[App], past: bool) -> None:
    app = kind(__name__)

    @app.get("/frames")
    async def frames() -> ResponseReturnValue:
        async def pieces() -> AsyncIterator[str]:
            yield "first "
            yield " ".join(frame.f_code.co_qualname for frame, _ in traceback.walk_stack(None))

        return pieces()

    met = body(await call(asgi_app(app), scope("http", "/frames"))).decode().split(" ")
    assert met[0] == "first"
    assert ("ClosingIterator.__next__" not in met) is past


def test_taskhub_leaves_bodies() -> None:
    assert is_plain(object.__new__(TaskHub))


async def test_a_websocket_is_refused_by_a_close_where_nothing_better_is_offered() -> None:
    sent = await call(asgi_app(make_app()), scope("websocket", "/nowhere"), {"type": "websocket.connect"})
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_abort_without_a_transport_cancels_the_handler() -> None:
    sent = await call(asgi_app(make_app()), scope("websocket", "/socket"), {"type": "websocket.connect"})
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send"]


async def test_a_context_left_behind_is_not_taken_over() -> None:
    app = make_app()
    with app.app_context():
        current_app.extensions["mark"] = "outer"
        assert b"/echo" in body(await call(asgi_app(app), scope("http", "/echo")))
        assert current_app.extensions["mark"] == "outer"


def test_the_mixin_is_asked_for() -> None:
    with pytest.raises(TypeError, match="OnLoop"):
        asgi_app(Flask(__name__))


async def test_an_unknown_scope() -> None:
    with pytest.raises(ValueError, match="not supported"):
        await asgi_app(make_app())({"type": "smoke"}, None, None)  # type: ignore[arg-type]


def test_the_test_client_reads_streams() -> None:
    client = make_app().test_client()
    assert client.get("/pieces").get_data() == b"abc"
    assert client.head("/pieces").status_code == 200
