"""Serve an ASGI application with uvicorn, and end with exit status 0 when asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import importlib.util
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn

from .types import ASGIApplication
from .workers import BEAT, SILENCE, Workers

GRACEFUL = 3
"""Seconds uvicorn waits for connections before it cancels what is left."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(
    app: ASGIApplication | Callable[[], ASGIApplication] | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    factory: bool = False,
    workers: int = 1,
    proxy_headers: bool = True,
    forwarded_allow_ips: str | list[str] | None = None,
    ready: Callable[[str, int], Any] | None = None,
    worker_ended: Callable[[int], Any] | None = None,
    worker_silence: float = SILENCE,
    **options: Any,
) -> int:
    """Serve `app` until SIGTERM or SIGINT and return the exit status: 0, or 3 where it failed to start.

    `app` is an ASGI application, or "module:name", or with `factory` what makes one. Several `workers` need one of
    the latter, and `os.fork`: each process has an application of its own; `worker_ended` is called in the parent with
    the id of each one that ended; one whose event loop hangs for `worker_silence` seconds is killed, and
    another made. `port` 0 takes a free one. `ready` is called with the host and the port as soon as
    connections are accepted. Other options are `uvicorn.Config`'s. Raises OSError where the address cannot be had,
    ValueError for workers where that cannot be.
    """
    if workers > 1 and not (factory or isinstance(app, str)):
        raise ValueError("Several workers need the application as an import string, 'module:name', or a factory.")
    if workers > 1 and not hasattr(os, "fork"):
        raise ValueError("Several workers need os.fork, which this system does not have.")
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
        factory=factory,
        proxy_headers=proxy_headers,
        forwarded_allow_ips=forwarded_allow_ips,
        **(defaults | options),
    )
    with _listen(host, port, config.backlog) as listener:
        bound = listener.getsockname()[1]
        tell = None if ready is None else functools.partial(ready, host, bound)
        if workers == 1:
            return _serve(config, listener, tell, None)
        work = functools.partial(_serve, config, listener)
        return Workers(workers, work, ready=tell, ended=worker_ended, silence=worker_silence).run()


def _serve(
    config: uvicorn.Config, listener: socket.socket, ready: Callable[[], Any] | None, parent_gone: int | None
) -> int:
    """Serve in this process; `parent_gone` is a file descriptor that becomes readable when this shall end."""
    with listener, _signals_stay() as on_early_signal:
        server = _Server(config, ready, parent_gone)
        on_early_signal(lambda: setattr(server, "should_exit", True))
        try:
            config.load()
            # What was loaded stays for good, and a request makes some hundred objects: to look through them all the
            # time for cycles finds next to nothing.
            gc.collect()
            gc.freeze()
            gc.set_threshold(10_000, 20, 20)
            server.run(sockets=[listener])
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else 1
    return 0


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], Any] | None, parent_gone: int | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._parent_gone = parent_gone

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._parent_gone is not None:
            asyncio.get_running_loop().add_reader(self._parent_gone, self._orphaned, self._parent_gone)
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._tell(self._ready)

    def _tell(self, ready: Callable[[], Any]) -> None:
        ready()
        if self._parent_gone is not None:
            # And again: that the loop turns.
            asyncio.get_running_loop().call_later(BEAT, self._tell, ready)

    def _orphaned(self, parent_gone: int) -> None:
        asyncio.get_running_loop().remove_reader(parent_gone)
        # The way that whoever handles the signal knows.
        signal.raise_signal(signal.SIGTERM)


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
