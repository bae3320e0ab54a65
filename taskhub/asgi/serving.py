"""Serve an ASGI application with uvicorn, and end with exit status 0 when asked to stop."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from .types import ASGIApplication

GRACEFUL = 3
"""Seconds uvicorn waits for connections before it cancels what is left."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(
    app: ASGIApplication | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    workers: int = 1,
    proxy_headers: bool = True,
    forwarded_allow_ips: str | list[str] | None = None,
    ready: Callable[[str, int], Any] | None = None,
    **options: Any,
) -> int:
    """Serve `app` until SIGTERM or SIGINT and return the exit status: 0, or 3 where it failed to start.

    `app` is an ASGI application, or "module:name", which several `workers` need. `port` 0 takes a free one.
    `ready` is called with the host and the port as soon as connections are accepted (with workers: are
    queued). Other options are `uvicorn.Config`'s. Raises OSError where the address cannot be had, ValueError
    for workers without an import string.
    """
    if workers > 1 and not isinstance(app, str):
        raise ValueError("Several workers need the application as an import string, 'module:name'.")
    defaults: dict[str, Any] = {
        "ws": "websockets-sansio",
        "http": "httptools" if importlib.util.find_spec("httptools") else "auto",
        "loop": "uvloop" if importlib.util.find_spec("uvloop") else "auto",
        "lifespan": "on",
        "timeout_graceful_shutdown": GRACEFUL,
        # Else asyncio hands one request's context variables on to the next of a connection.
        "reset_contextvars": True,
        "server_header": False,
    }
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        workers=workers,
        proxy_headers=proxy_headers,
        forwarded_allow_ips=forwarded_allow_ips,
        **(defaults | options),
    )
    listener = _listen(host, port, config.backlog)
    with listener, _signals_stay() as on_early_signal:
        bound = listener.getsockname()[1]
        if workers > 1:
            if ready is not None:
                ready(host, bound)
            Multiprocess(config, sockets=[listener]).run()
            return 0
        server = _Server(config, ready=None if ready is None else lambda: ready(host, bound))
        on_early_signal(lambda: setattr(server, "should_exit", True))
        # What was loaded stays for good, and a request makes some hundred objects: to look through them all the time
        # for cycles finds next to nothing.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        try:
            server.run(sockets=[listener])
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else 1
    return 0


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], Any] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()


def _listen(host: str, port: int, backlog: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
        listener.set_inheritable(True)
    except BaseException:
        listener.close()
        raise
    return listener


@contextlib.contextmanager
def _signals_stay() -> Iterator[Callable[[Callable[[], None]], None]]:
    """uvicorn raises the signal that ended it once more when it is done; here it finds a handler."""
    actions: list[Callable[[], None]] = []

    def handler(number: int, frame: FrameType | None) -> None:
        for action in actions:
            action()

    if threading.current_thread() is not threading.main_thread():
        yield actions.append
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield actions.append
    finally:
        for number, former in before.items():
            signal.signal(number, former)
