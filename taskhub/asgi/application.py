"""The ASGI application around a Flask application: HTTP, WebSocket and lifespan."""

from __future__ import annotations

import asyncio
import contextvars
import io
import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from flask import Flask
from flask.globals import _cv_app
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from .body import ClientGone, RefusedInput, declared_length, read_body
from .bridge import carry
from .environ import Environ, build_environ
from .exchange import Exchange, ServerError
from .observer import CLIENT_GONE, Observer
from .onloop import REFUSAL, SOCKET, OnLoop, is_plain
from .stream import FileBody
from .types import ASGIApplication, Hook, Message, Receive, Scope, Send
from .websocket import WebSocket

MAX_BODY = 16 * 1024 * 1024
"""Default of the largest request body, in bytes."""

BODY_TIMEOUT = 20.0
"""Default of the seconds a request's body may stall."""

SEND_TIMEOUT = 60.0
"""Default of the seconds the client of a streamed response may read nothing."""

GRACE = 2.0
"""Seconds that open downloads and peers that do not read get when the server stops."""

_WATCH_AFTER = 0.5

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger(__name__)


def asgi_app(
    app: Flask,
    *,
    max_body: int | Callable[[Scope], int] = MAX_BODY,
    body_timeout: float = BODY_TIMEOUT,
    send_timeout: float = SEND_TIMEOUT,
    startup: Sequence[Hook] = (),
    shutdown: Sequence[Hook] = (),
    stopping: Sequence[Callable[[], Any]] = (),
    observer: Observer | None = None,
) -> ASGIApplication:
    """An ASGI application that runs `app`, whose class has the mixin `OnLoop`.

    `max_body` bounds a request's body in bytes (413 beyond it), or is a function that says so of a request's scope;
    `body_timeout` bounds in seconds how long it may stall (408); a stream whose client reads nothing for
    `send_timeout` seconds is dropped. `startup` is awaited in order when the server starts (one that raises keeps
    it from starting), `shutdown` when it has served its last request. `stopping` is called on the event loop as soon
    as SIGTERM or SIGINT arrives, while connections are still open; right after it the adapter closes its WebSockets
    with 1012, ends its event streams, and gives other streams `GRACE` seconds. `observer` is told of every request and
    connection. Raises TypeError where the mixin is missing.
    """
    if not isinstance(app, OnLoop):
        raise TypeError(
            f"{type(app).__name__} cannot run on the event loop: its class must have the mixin OnLoop, as in "
            "`class App(OnLoop, Flask)`."
        )
    hooks = tuple(startup), tuple(shutdown), tuple(stopping)
    return _Adapter(app, max_body, body_timeout, send_timeout, *hooks, observer or Observer())


class _Adapter:
    def __init__(
        self,
        app: Flask,
        max_body: int | Callable[[Scope], int],
        body_timeout: float,
        send_timeout: float,
        startup: tuple[Hook, ...],
        shutdown: tuple[Hook, ...],
        stopping: tuple[Callable[[], Any], ...],
        observer: Observer,
    ) -> None:
        self.app = app
        self.max_body = max_body
        self.body_timeout = body_timeout
        self.send_timeout = send_timeout
        self.startup = startup
        self.shutdown = shutdown
        self.stopping = stopping
        self.observer = observer
        self.stopped = False
        self.streams: set[Exchange] = set()
        self.sockets: set[WebSocket] = set()
        # A timer for each request that waits would be dear: those that wait at one tick and the next are watched.
        self._waiting: set[Exchange] = set()
        self._waited: set[Exchange] = set()
        self._ticker: asyncio.TimerHandle | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def is_plain(self) -> bool:
        """Whether what Flask's response yields is what its body yields."""
        return is_plain(self.app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._lifespan(receive, send)
            return
        if kind not in ("http", "websocket"):
            raise ValueError(f"ASGI scope type {kind!r} is not supported.")
        serve = self._http if kind == "http" else self._websocket
        if _cv_app.get(None) is None:
            await serve(scope, receive, send)
        else:
            # asyncio can hand one request's context on to the next of a connection (python/cpython#140947).
            await asyncio.get_running_loop().create_task(
                _call(serve, scope, receive, send), context=contextvars.Context()
            )

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        stream: Any
        refusal: HTTPException | None = None
        length = declared_length(scope)
        if length == 0:
            stream = io.BytesIO()
        else:
            try:
                limit = self.max_body if isinstance(self.max_body, int) else self.max_body(scope)
                stream = await read_body(receive, length, limit, self.body_timeout)
            except ClientGone:
                environ = build_environ(scope, io.BytesIO(), FileBody)
                self.observer.request_ended(environ, CLIENT_GONE, 0, time.perf_counter() - begun)
                return
            except HTTPException as error:
                refusal, stream = error, RefusedInput(error)
        environ = build_environ(scope, stream, FileBody)
        exchange = Exchange(self, environ, scope, receive, send)
        if refusal is not None:
            environ[REFUSAL] = refusal
            exchange.unread = True
            # A client that waits for "100 Continue" has sent nothing yet.
            exchange.linger = refusal.code == 413 and "HTTP_EXPECT" not in environ
        try:
            await carry(exchange.run(), exchange.watch, exchange.instead)
        except asyncio.CancelledError:
            if not exchange.gone:
                raise
        finally:
            exchange.finish()
            self.observer.request_ended(environ, exchange.status, exchange.sent, time.perf_counter() - begun)
            if not isinstance(stream, io.BytesIO):
                stream.close()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        begun = time.perf_counter()
        task = asyncio.current_task()
        assert task is not None
        environ = build_environ(scope, io.BytesIO(), FileBody)
        ws = WebSocket(scope, receive, send, task, lambda: self.observer.socket_opened(environ))
        environ[SOCKET] = ws
        if self.stopped:
            environ[REFUSAL] = ServiceUnavailable("The server is restarting.")
        self.sockets.add(ws)
        status = CLIENT_GONE
        try:
            status = await carry(self._run_websocket(ws, environ, scope, send))
        except asyncio.CancelledError:
            if not ws.gone:
                raise
        except OSError:
            # The peer is gone before its handshake was answered (ASGI 2.4).
            if ws.accepted:
                raise
        finally:
            self.sockets.discard(ws)
            ws.finish()
            seconds = time.perf_counter() - begun
            if ws.accepted:
                self.observer.socket_ended(environ, ws.close_code or 1006, ws.sent, seconds)
            else:
                self.observer.request_ended(environ, status, 0, seconds)

    async def _run_websocket(self, ws: WebSocket, environ: Environ, scope: Scope, send: Send) -> int:
        """Serve the connection; the status of the answer that refused it, or that its handler ended with."""
        response = _Collected()
        try:
            body = self.app(environ, response.start)
            try:
                content = b"" if ws.accepted else b"".join(body)
            finally:
                if hasattr(body, "close"):
                    body.close()
        except Exception:
            log.exception("Exception in the WebSocket handler of %s", self.observer.shown(environ))
            response.status, response.headers, content = (
                ServerError.status,
                ServerError.headers,
                ServerError.body,
            )
        if ws.accepted:
            await ws.close(1000 if response.status < 400 else 1011 if response.status >= 500 else 1008)
        elif "websocket.http.response" in (scope.get("extensions") or {}):
            await send(
                {
                    "type": "websocket.http.response.start",
                    "status": response.status,
                    "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.headers],
                }
            )
            await send({"type": "websocket.http.response.body", "body": content})
        else:
            await send({"type": "websocket.close", "code": 1008})
        return response.status

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        # An application may be started more than once, each time on another loop.
        self.stopped, self._ticker, self._sweeper = False, None, None
        restore: Callable[[], None] = lambda: None  # noqa: E731
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    for hook in self.startup:
                        await hook()
                except Exception as error:
                    log.exception("The application could not start")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                restore = self._chain_signals()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                restore()
                await send(await self._shut_down())
                return

    async def _shut_down(self) -> Message:
        failed: list[str] = []
        for hook in self.shutdown:
            try:
                await hook()
            except Exception as error:
                log.exception("The application could not shut down in order")
                failed.append(str(error))
        if failed:
            return {"type": "lifespan.shutdown.failed", "message": "; ".join(failed)}
        return {"type": "lifespan.shutdown.complete"}

    def _chain_signals(self) -> Callable[[], None]:
        if threading.current_thread() is not threading.main_thread():
            return lambda: None
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}

        def on_signal(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.stop)
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

        for number in _SIGNALS:
            signal.signal(number, on_signal)

        def restore() -> None:
            for number, handler in before.items():
                if signal.getsignal(number) is on_signal:
                    signal.signal(number, handler)

        return restore

    def stop(self) -> None:
        """Let go of every connection that would not end by itself; on the event loop."""
        if self.stopped:
            return
        self.stopped = True
        for callback in self.stopping:
            try:
                callback()
            except Exception:
                log.exception("A callback for the stop of the server failed")
        sockets = list(self.sockets)
        for ws in sockets:
            if ws.accepted:
                task = asyncio.ensure_future(ws.restart())
                self._background.add(task)
                task.add_done_callback(self._background.discard)
        for exchange in list(self.streams):
            if exchange.endless:
                exchange.end()
        asyncio.get_running_loop().call_later(GRACE, self._cut, sockets)

    def _cut(self, sockets: list[WebSocket]) -> None:
        for ws in sockets:
            # Also where the handler is done: what its peer does not read would keep the server from ending.
            ws.abort()
        for ws in self.sockets.intersection(sockets):
            ws.cancel()
        for exchange in list(self.streams):
            exchange.cut()

    def waits(self, exchange: Exchange) -> None:
        """Called when an exchange has to wait: its client will be watched, if it takes longer than a moment."""
        self._waiting.add(exchange)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().call_later(_WATCH_AFTER, self._tick)

    def _tick(self) -> None:
        self._ticker = None
        for exchange in self._waited:
            exchange.start_watcher()
        self._waited, self._waiting = self._waiting, set()
        if self._waited:
            self._ticker = asyncio.get_running_loop().call_later(_WATCH_AFTER, self._tick)

    def forget(self, exchange: Exchange) -> None:
        """Called when an exchange is over."""
        self._waiting.discard(exchange)
        self._waited.discard(exchange)
        self.streams.discard(exchange)

    def opened(self, exchange: Exchange) -> None:
        """Called when a response begins to stream."""
        self.streams.add(exchange)
        if exchange.endless:
            self.observer.stream_opened(exchange.environ, exchange.status)
        if self.stopped and exchange.endless:
            exchange.end()
        if self._sweeper is None:
            self._sweep_later()

    def _sweep_later(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(self.send_timeout / 4, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        latest = time.monotonic() - self.send_timeout
        for exchange in list(self.streams):
            if 0 < exchange.since < latest:
                shown = self.observer.shown(exchange.environ)
                log.info("Dropped a stream of %s: its client does not read", shown)
                exchange.cut()
        if self.streams:
            self._sweep_later()


async def _call(serve: Any, scope: Scope, receive: Receive, send: Send) -> None:
    await serve(scope, receive, send)


class _Collected:
    """Keeps the head of a WSGI response."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
        self.status = int(status[:3])
        self.headers = headers
        return lambda data: None
