"""WebSockets: the connection a handler talks to, and the routes that lead to it."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from functools import wraps
from inspect import isawaitable
from typing import Any, TypeVar

import flask_sock
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from .bridge import as_coroutine
from .onloop import SOCKET
from .types import Message, Receive, Scope, Send

Handler = TypeVar("Handler", bound=Callable[..., Any])

CLOSE_TIMEOUT = 5.0
"""Seconds a close waits for a peer that does not read, before the transport is aborted."""

_LOOK_AFTER = 1.0
_LONGEST_REASON = 123


class ConnectionClosed(Exception):
    """The WebSocket is closed. `code` and `reason` as in RFC 6455, 7.4; 1005: the peer gave none, 1006: cut
    off.
    """

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"WebSocket closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class WebSocket:
    """One connection, accepted before its handler runs.

    One task at a time may receive; any number may send meanwhile. A handler that returns closes with 1000,
    one that raises with 1011. A handler that waits for something else when the peer goes away is cancelled;
    one that receives gets `ConnectionClosed`.
    """

    __slots__ = (
        "__weakref__", "_ahead", "_closed", "_loop", "_receive", "_receiving", "_scope", "_send", "_task",
        "_timer", "accepted", "gone", "headers", "opened", "sent", "subprotocol",
    )  # fmt: skip

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        task: asyncio.Task[Any],
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._task = task
        self._loop = task.get_loop()
        self._closed: tuple[int, str] | None = None
        self._receiving = False
        self._ahead: asyncio.Task[Message] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.accepted = False
        self.gone = False
        self.subprotocol: str | None = None
        #: Headers of the answer that accepts the handshake, as ASGI has them; `before_request` functions may add some.
        self.headers: list[tuple[bytes, bytes]] = []
        self.opened = opened
        #: Bytes of the messages sent so far; characters, where they are texts.
        self.sent = 0

    @property
    def offered(self) -> list[str]:
        """The subprotocols the client offered, in its order of preference."""
        return list(self._scope.get("subprotocols") or ())

    @property
    def connected(self) -> bool:
        """Whether the connection is accepted and, as far as is known, open."""
        return self.accepted and self._closed is None

    @property
    def close_code(self) -> int | None:
        """The code the connection was closed with, by either side; None while it is open."""
        return None if self._closed is None else self._closed[0]

    async def accept(self, subprotocol: str | None = None) -> None:
        """Accept the handshake. Routes of `Sock` do so before their handler runs; again is an error."""
        if self.accepted:
            raise RuntimeError("The WebSocket is accepted already.")
        try:
            await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": self.headers})
        except OSError:
            raise self._close_with(1006) from None
        self.accepted = True
        self.subprotocol = subprotocol
        self.opened()
        self._look_later()

    async def receive(self) -> str | bytes:
        """The next message: str for a text frame, bytes for a binary one.

        Raises ConnectionClosed, and RuntimeError while another task receives. May be cancelled without loss.
        """
        if self._closed is not None:
            raise ConnectionClosed(*self._closed)
        if self._receiving:
            raise RuntimeError("Another task is receiving from this WebSocket already.")
        self._receiving = True
        try:
            if self._ahead is None:
                message = await self._receive()
            else:
                message = await asyncio.shield(self._ahead)
                self._ahead = None
        finally:
            self._receiving = False
        if message["type"] == "websocket.disconnect":
            raise self._close_with(message.get("code", 1005), message.get("reason") or "")
        self._look_later()
        text: str | None = message.get("text")
        if text is not None:
            return text
        data: bytes = message["bytes"]
        return data

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self._messages()

    async def _messages(self) -> AsyncIterator[str | bytes]:
        while True:
            try:
                message = await self.receive()
            except ConnectionClosed:
                return
            yield message

    async def send(self, data: str | bytes) -> None:
        """Send a text frame (str) or a binary one (bytes); waits while the peer does not read.

        Raises ConnectionClosed.
        """
        if self._closed is not None:
            raise ConnectionClosed(*self._closed)
        kind = "text" if isinstance(data, str) else "bytes"
        await self._emit({"type": "websocket.send", kind: data})
        self.sent += len(data)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; does nothing where it is closed already.

        A reason beyond 123 bytes of UTF-8 is cut. Waits at most 5 s for a peer that does not read, then
        aborts.
        """
        if self._closed is not None:
            return
        reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        self._close_with(code, reason)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._emit({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            self.abort()
        except ConnectionClosed:
            pass

    def abort(self) -> None:
        """Drop the connection at once, without a closing handshake and without what is still to be sent.

        For a peer that does not read. Sends that wait raise ConnectionClosed. The server must let its
        transport be reached (uvicorn does, where no ASGI middleware wraps `send`); otherwise the handler is
        cancelled.
        """
        self._close_with(1006)
        if not abort_transport(self._send):
            self.cancel()

    def cancel(self) -> None:
        """Cancel the handler, as for a peer that went away; once only, lest its clean-up be cancelled too."""
        if not self.gone:
            self.gone = True
            self._task.cancel()

    def finish(self) -> None:
        """Let go of what watches the connection; the adapter calls it when the handler is done."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    async def restart(self) -> None:
        """Close with 1012 as the server stops, and end a handler that is not receiving."""
        if not self._receiving:
            self.cancel()
        await self.close(1012, "restarting")

    async def _emit(self, message: Message) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError):
            # OSError: the peer is gone (ASGI 2.4). RuntimeError: a close has overtaken this message.
            raise self._close_with(1006) from None

    def _close_with(self, code: int, reason: str = "") -> ConnectionClosed:
        # A send may find the connection gone before the peer's close frame, which says why, is received.
        if self._closed is None or self._closed[0] == 1006:
            self._closed = (code, reason)
        return ConnectionClosed(*self._closed)

    # A handler that waits for something else than a message must still learn that its peer went away: once it
    # has not received for a while, one message is received ahead.

    def _look_later(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(_LOOK_AFTER, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._receiving or self._ahead is not None or self._closed is not None:
            return
        self._ahead = self._loop.create_task(as_coroutine(self._receive()), context=contextvars.Context())
        self._ahead.add_done_callback(self._seen)

    def _seen(self, ahead: asyncio.Task[Message]) -> None:
        if self._receiving or self._closed is not None or ahead.cancelled():
            return  # somebody receives it, or the handler knows, having closed the connection itself
        if ahead.exception() is not None:
            self._close_with(1006)
            self.cancel()
        elif ahead.result()["type"] == "websocket.disconnect":
            message = ahead.result()
            self._close_with(message.get("code", 1005), message.get("reason") or "")
            self.cancel()


def transport_of(send: Send) -> asyncio.Transport | None:
    """The transport behind an ASGI server's `send`, where the server lets it be reached."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") else None


def abort_transport(send: Send) -> bool:
    """Reset the connection behind `send`, whatever still waits to be sent; False where it cannot be reached."""
    transport = transport_of(send)
    if transport is None:
        return False
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX and not transport.is_closing():
        # Without this the kernel would go on offering the peer what it has buffered, and then end in order.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return True


class Sock(flask_sock.Sock):  # type: ignore[misc]
    """Flask-Sock's `Sock` for `async def` handlers over ASGI::

    sock = Sock(app)

    @sock.route("/echo", subprotocols=["v1"])
    async def echo(ws: WebSocket) -> None:
        async for message in ws:
            await ws.send(message)
    """

    bp: Blueprint | None

    def route(
        self, path: str, bp: Blueprint | None = None, *, subprotocols: Sequence[str] = (), **options: Any
    ) -> Callable[[Handler], Handler]:
        """Register a WebSocket route; the handler gets the `WebSocket` first, then the URL's variables.

        `before_request` functions run before the handshake is accepted: a response from one of them refuses
        it. Of `subprotocols` the first that the client offers is chosen; where it offers none of them, none
        is. Other options are those of Flask's `route`.
        """

        def register(handler: Handler) -> Handler:
            @wraps(handler)
            async def websocket_route(*args: Any, **kwargs: Any) -> Response:
                ws: WebSocket | None = request.environ.get(SOCKET)
                if ws is None:
                    raise BadRequest("This address takes WebSocket connections over an ASGI server only.")
                offered = ws.offered
                try:
                    await ws.accept(next((name for name in subprotocols if name in offered), None))
                    result = handler(ws, *args, **kwargs)
                    if isawaitable(result):
                        await result
                except ConnectionClosed:
                    pass
                except ExceptionGroup as group:
                    # From a TaskGroup whose tasks all found the connection closed.
                    if group.split(ConnectionClosed)[1] is not None:
                        raise
                return Response()

            options["websocket"] = True
            if bp is not None:
                bp.route(path, **options)(websocket_route)
            elif self.app is not None:
                self.app.route(path, **options)(websocket_route)
            else:
                if self.bp is None:
                    self.bp = Blueprint("__flask_sock", __name__)
                self.bp.route(path, **options)(websocket_route)
            return handler

        return register
