"""What the adapter tells about the requests and connections it has served."""

from __future__ import annotations

from typing import Any

CLIENT_GONE = 499
"""The status that is told of a request whose client left before it was answered (nginx's number for it)."""


class Observer:
    """Told of every request and connection, on the event loop; the methods do nothing unless they are overridden.

    They get the WSGI environ, which is the same object from the beginning of a connection to its end, and must be
    quick and not raise. A request's `status` is `CLIENT_GONE` where nothing was answered; `sent` counts the bytes of
    bodies and messages, `seconds` begin with the request's head.
    """

    def shown(self, environ: dict[str, Any]) -> str:
        """What the adapter's own log lines say was asked for: the path, unless some paths are not to be logged."""
        return str(environ["PATH_INFO"])

    def request_ended(self, environ: dict[str, Any], status: int, sent: int, seconds: float) -> None:
        """A request was answered to its end, or is over without."""

    def stream_opened(self, environ: dict[str, Any], status: int) -> None:
        """An event stream begins; `request_ended` tells of its end."""

    def socket_opened(self, environ: dict[str, Any]) -> None:
        """A WebSocket was accepted; for one that is refused there is `request_ended` alone."""

    def socket_ended(self, environ: dict[str, Any], code: int, sent: int, seconds: float) -> None:
        """An accepted WebSocket is closed, with this code (RFC 6455, 7.4.1)."""
