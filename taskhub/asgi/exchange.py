"""One HTTP exchange: run Flask, send what it answers, watch for a client that goes away."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wsgi import ClosingIterator

from .bridge import await_
from .observer import CLIENT_GONE
from .onloop import LIVE
from .stream import AsyncBody
from .types import Message, Receive, Scope, Send
from .websocket import abort_transport, transport_of

if TYPE_CHECKING:
    from .application import _Adapter

LINGER = 2.0
"""Seconds in which what is left of a refused body is received and dropped, so that the client reads the
answer.
"""

_LINGER_BYTES = 32 * 1024 * 1024
_LONGEST_TURN = 0.005

log = logging.getLogger(__name__)

_not_in_headers = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_header_names: dict[str, bytes] = {}


class ServerError:
    """The answer where Flask itself has none: a bare line, never a traceback."""

    status = 500
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "21")]  # noqa: RUF012
    body = b"Internal Server Error"


class Exchange:
    """One request and its response; see `run`."""

    __slots__ = (
        "_complete", "_ending", "_head", "_length", "_started", "_task", "_turn", "_watcher",
        "adapter", "endless", "environ", "gone", "linger", "receive", "scope", "send", "sent", "since", "unread",
    )  # fmt: skip

    def __init__(self, adapter: _Adapter, environ: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        self.adapter = adapter
        self.environ = environ
        self.scope = scope
        self.receive = receive
        self.send = send
        self.gone = False
        self.endless = False
        self.unread = False
        self.linger = False
        self._head: Message | None = None
        self._length: int | None = None
        self.sent = 0
        self._started = False
        self._complete = False
        self._ending = False
        self._turn = 0.0
        self.since = 0.0
        self._task: asyncio.Task[Any] | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def status(self) -> int:
        """The status of the answer; `CLIENT_GONE` where none was sent."""
        return CLIENT_GONE if self._head is None or not self._started else int(self._head["status"])

    async def run(self) -> None:
        """Answer the request. What the application raises is logged, and answered if nothing is sent yet."""
        try:
            body = self.adapter.app(self.environ, self._start_response)
            try:
                live: AsyncBody | None = self.environ.get(LIVE)
                if live is not None:
                    await self._begin()
                if live is not None and self.adapter.is_plain and type(body) is ClosingIterator:
                    await self._stream(live)
                else:
                    for piece in body:
                        if piece:
                            await self._piece(piece)
            except asyncio.CancelledError:
                if not self._ending:
                    raise
            finally:
                close = getattr(body, "close", None)
                if close is not None:
                    close()
            if not self._complete:
                await self._complete_body()
        except Exception as error:
            shown = self.adapter.observer.shown(self.environ)
            log.exception("Exception on %s [%s]", shown, self.environ["REQUEST_METHOD"])
            await (self._break_off(error) if self._started else self._fail())

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        if self._head is not None and exc_info is None:
            raise RuntimeError("start_response was called twice.")
        if self._started and exc_info is not None:
            raise exc_info[1].with_traceback(exc_info[2])
        encoded: list[tuple[bytes, bytes]] = []
        self._length = None
        for name, value in headers:
            key = _header_names.get(name)
            if key is None:
                key = name.lower().encode("ascii")
                if len(_header_names) < 1000:
                    _header_names[name] = key
            if key == b"content-length":
                self._length = int(value)
            if _not_in_headers.search(value):
                raise ValueError(f"The value of the header {name} has control characters: {value!r}")
            encoded.append((key, value.encode("latin-1")))
        if self.unread:
            encoded.append((b"connection", b"close"))
        self._head = {"type": "http.response.start", "status": int(status[:3]), "headers": encoded}
        return self._write

    def _write(self, data: bytes) -> None:
        await_(self._piece(data))

    async def _stream(self, body: AsyncBody) -> None:
        """Send what `body` yields, past the iterators that Werkzeug has put around it."""
        assert self._head is not None
        if self._bodiless():
            return
        send = self.send
        async for piece in body.source:
            data = piece.encode() if isinstance(piece, str) else piece
            if not data:
                continue
            if self._length is not None:
                await self._piece(data)
                continue
            self.since = now = time.monotonic()
            if now - self._turn > _LONGEST_TURN:
                await asyncio.sleep(0)
                self._turn = time.monotonic()
            await send({"type": "http.response.body", "body": data, "more_body": True})
            self.sent += len(data)
            self.since = 0.0

    def _bodiless(self) -> bool:
        assert self._head is not None
        return self.environ["REQUEST_METHOD"] == "HEAD" or self._head["status"] in (204, 304)

    async def _begin(self, empty: bool = False) -> None:
        if self._head is None:
            raise RuntimeError("The application returned a body without calling start_response.")
        self._started = True
        if not (self._complete or empty):
            self.since = self._turn = time.monotonic()
            self._task = asyncio.current_task()
            self.endless = any(
                name == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in self._head["headers"]
            )
            self.adapter.opened(self)
        await self.send(self._head)

    async def _piece(self, data: bytes) -> None:
        self.sent += len(data)
        if self._length is not None:
            if self.sent > self._length:
                raise RuntimeError("The response's body is longer than its Content-Length.")
            self._complete = self.sent == self._length and not self.unread
        if not self._started:
            await self._begin()
        elif not self._complete:
            now = time.monotonic()
            if now - self._turn > _LONGEST_TURN:
                # Neither the generator nor `send` has to wait: give the others, and the transport, a turn.
                await asyncio.sleep(0)
                now = self._turn = time.monotonic()
            self.since = now
        await self.send({"type": "http.response.body", "body": data, "more_body": not self._complete})
        self.since = 0.0

    async def _complete_body(self) -> None:
        if not self._started:
            await self._begin(empty=True)
        if self.sent and self._length is not None and self.sent < self._length:
            raise RuntimeError("The response's body is shorter than its Content-Length.")
        if self.linger:
            await self._linger()
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})
        self._complete = True

    async def _linger(self) -> None:
        """Closing while the client still sends would reset the connection before it has read the answer."""
        dropped = 0
        try:
            async with asyncio.timeout(LINGER):
                while dropped < _LINGER_BYTES:
                    message = await self.receive()
                    dropped += len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    async def _fail(self) -> None:
        self._head, self.sent, self._complete = None, 0, False
        self._start_response(f"{ServerError.status} ", ServerError.headers)
        await self._piece(ServerError.body)
        if not self._complete:
            await self._complete_body()

    async def _break_off(self, error: Exception) -> None:
        """End the connection so that the client sees its response is not whole."""
        transport = transport_of(self.send)
        if transport is None:
            raise error
        self._complete = True
        if self.scope["http_version"] == "1.0":
            # Without a length or chunks only a reset tells this end from a good one.
            abort_transport(self.send)
        else:
            transport.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    # --- a client that goes away, a server that stops

    def watch(self) -> None:
        """Called when the exchange first has to wait."""
        self._task = asyncio.current_task()
        if not self.unread:
            self.adapter.waits(self)

    def instead(self, error: BaseException) -> BaseException:
        """What the application gets in place of the cancellation with which a server that stops ends its patience."""
        waits = isinstance(error, asyncio.CancelledError) and self._head is None and not self.gone
        if not waits or not self.adapter.stopped or self._task is None:
            return error
        self._task.uncancel()
        return ServiceUnavailable("The server is restarting; the request was not done in time.", retry_after=2)

    def start_watcher(self) -> None:
        """Watch for the client's going away; called when the exchange has waited for a while."""
        loop = asyncio.get_running_loop()
        self._watcher = loop.create_task(self._wait_for_disconnect(), context=contextvars.Context())

    async def _wait_for_disconnect(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        if not self._complete:
            self._give_up()

    def end(self) -> None:
        """End an endless stream in order: its generator is cancelled, then the response is completed."""
        if self._task is not None and not self._ending:
            self._ending = True
            self._task.cancel()

    def cut(self) -> None:
        """Drop the connection of a stream."""
        abort_transport(self.send)
        self._give_up()

    def _give_up(self) -> None:
        # Once only: a second cancellation would strike the clean-up after the first.
        if self._task is not None and not self.gone:
            self.gone = True
            self._task.cancel()

    def finish(self) -> None:
        self.adapter.forget(self)
        if self._watcher is not None:
            self._watcher.cancel()
