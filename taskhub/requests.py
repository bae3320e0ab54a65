"""What is told of each request and connection: a line of the access log, and the figures of /metrics."""

from __future__ import annotations

import functools
import re
from typing import Any
from urllib.parse import quote

from taskhub.asgi import Observer
from taskhub.logs import Output
from taskhub.metrics.model import Metrics

#: Keys of the environ under which the application leaves the request's id, the template of its route (where there is
#: one) and the id of who asks.
REQUEST_ID, ROUTE, USER_ID = "taskhub.request_id", "taskhub.route", "taskhub.user_id"
_STREAM = "taskhub.stream"

#: What stands in the log in place of what lets somebody in.
MASK = "***"

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
#: A route with a part that lets somebody in, by the name of that part; and each part of a route that has a name.
_SECRET, _PLACE = re.compile(r"<[^>]*(secret|token)[^>]*>", re.IGNORECASE), re.compile(r"<[^>]*>")
_SECRET_PAGE = re.compile(r"/+(invite|wall|wallboard)s?/", re.IGNORECASE)
#: A part of an address nobody serves: a key, a number, a word; not what might be a secret of ours, cut or misspelt.
_HARMLESS = re.compile(r"[A-Za-z0-9_.%-]{0,16}")
#: An address that looks like nothing else in a line: with a space in it, it could go on like the fields after it.
_PLAIN = re.compile(r"[!#-\[\]-~]*")
_LONGEST = 300


class Told(Observer):
    """Tells of what was served: the metrics, and lines of the access log where there is an output for them."""

    def __init__(self, output: Output | None, metrics: Metrics) -> None:
        self._output = output
        self._metrics = metrics

    def shown(self, environ: dict[str, Any]) -> str:
        """As `Observer` says."""
        return shown_path(environ)

    def request_ended(self, environ: dict[str, Any], status: int, sent: int, seconds: float) -> None:
        """As `Observer` says."""
        method = environ["REQUEST_METHOD"]
        if environ.get(_STREAM):
            self._metrics.streams -= 1
            event = "stream closed"
        else:
            route = environ.get(ROUTE, "unmatched")
            self._metrics.request(method if method in _METHODS else "other", route, status, seconds)
            event = "request"
        self._line(event, environ, {"status": status, "bytes": sent, "ms": round(seconds * 1000, 1)})

    def stream_opened(self, environ: dict[str, Any], status: int) -> None:
        """As `Observer` says."""
        environ[_STREAM] = True
        self._metrics.streams += 1
        self._metrics.streams_opened += 1
        self._line("stream opened", environ, {"status": status})

    def socket_opened(self, environ: dict[str, Any]) -> None:
        """As `Observer` says."""
        self._metrics.sockets += 1
        self._metrics.sockets_opened += 1
        self._line("socket opened", environ, {"status": 101})

    def socket_ended(self, environ: dict[str, Any], code: int, sent: int, seconds: float) -> None:
        """As `Observer` says."""
        self._metrics.sockets -= 1
        self._line("socket closed", environ, {"code": code, "bytes": sent, "ms": round(seconds * 1000, 1)})

    def _line(self, event: str, environ: dict[str, Any], figures: dict[str, Any]) -> None:
        if self._output is None:
            return
        method, path = environ["REQUEST_METHOD"], shown_path(environ)
        if method not in _METHODS:
            method = "other"
        fields = {
            "event": event,
            "method": method,
            "path": path,
            **figures,
            "client": environ.get("REMOTE_ADDR"),
            "request_id": environ.get(REQUEST_ID),
            "user_id": environ.get(USER_ID),
        }
        self._output.access(f"{event} {method} {path}", fields)


def shown_path(environ: dict[str, Any]) -> str:
    """The path that was asked for, without what lets somebody in and without the query; ASCII, in one line."""
    path: str = environ["PATH_INFO"][:_LONGEST]
    route: str | None = environ.get(ROUTE)
    if route is None:
        parts = path.split("/")
        # What comes after a page that secrets open may be one, whatever it looks like.
        kept = 2 if _SECRET_PAGE.match(path) else len(parts)
        return "/".join([part if at < kept and _HARMLESS.fullmatch(part) else MASK for at, part in enumerate(parts)])
    if (masked := _masked(route)) is not None:
        return masked
    return path if _PLAIN.fullmatch(path) else quote(path.encode("latin-1", "replace"), safe="/*:@")


@functools.cache
def _masked(route: str) -> str | None:
    return _PLACE.sub(MASK, route) if _SECRET.search(route) else None
