"""Receive a request's body: bounded, in memory while small, in a temporary file beyond."""

from __future__ import annotations

import asyncio
import io
import tempfile
from typing import IO, Any

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestTimeout

from .types import Receive, Scope

IN_MEMORY = 256 * 1024
"""Bodies up to this size, in bytes, stay in memory."""

SLOWEST = 4 * 1024
"""A body that arrives at less than this many bytes a second, in the mean, is given up."""

_TO_DISK_AT_ONCE = 1024 * 1024


class ClientGone(Exception):
    """The client closed the connection before its request was whole."""


class RefusedInput(io.RawIOBase):
    """A `wsgi.input` whose body was refused: whoever reads it gets the refusal."""

    def __init__(self, refusal: HTTPException) -> None:
        self.refusal = refusal

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raise self.refusal

    def readinto(self, buffer: Any) -> int:
        raise self.refusal


def declared_length(scope: Scope) -> int | None:
    """The body's length in bytes as the request's head declares it; None where only its end will tell."""
    chunked = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            try:
                return int(value)
            except ValueError:
                return None
        if name == b"transfer-encoding":
            chunked = True
    # Without either header an HTTP/1 request has no body (RFC 9112, 6.3).
    return None if chunked or not scope["http_version"].startswith("1") else 0


async def read_body(receive: Receive, length: int | None, limit: int, timeout: float) -> IO[bytes]:
    """The whole body, ready to read from its start.

    `limit` is in bytes, `timeout` in seconds: that long nothing may arrive, and what arrives must do so at
    `SLOWEST` bytes a second at least. Raises RequestEntityTooLarge (413), RequestTimeout (408) or ClientGone.
    """
    if length is not None and length > limit:
        raise _too_large(limit)
    memory: io.BytesIO = io.BytesIO()
    file: IO[bytes] | None = None
    size = 0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    try:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise RequestTimeout("The rest of the request's body did not arrive in time.") from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk: bytes = message.get("body", b"")
            if chunk:
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                deadline = min(deadline + len(chunk) / SLOWEST, loop.time() + timeout)
                memory.write(chunk)
                if size > IN_MEMORY if file is None else memory.tell() >= _TO_DISK_AT_ONCE:
                    if file is None:
                        file = tempfile.TemporaryFile()  # noqa: SIM115
                    await _spill(memory, file)
            if not message.get("more_body", False):
                break
        if file is not None:
            await _spill(memory, file)
    except BaseException:
        if file is not None:
            file.close()
        raise
    body = memory if file is None else file
    body.seek(0)
    return body


def _too_large(limit: int) -> HTTPException:
    return RequestEntityTooLarge(f"The request's body is larger than the {limit} bytes allowed here.")


async def _spill(memory: io.BytesIO, file: IO[bytes]) -> None:
    await asyncio.to_thread(file.write, memory.getvalue())
    memory.seek(0)
    memory.truncate()
