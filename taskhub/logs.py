"""What the server writes to standard error: one line each, as text or as JSON, with the id of the request it is about.

Lines of the access log are many: they are gathered for a moment and written together. Everything else is written at
once, after what was gathered before it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import sys
import time
from collections import deque
from contextvars import ContextVar
from typing import Any, Literal

import orjson

Format = Literal["text", "json"]

#: The id of the request that the running code works for; work that it began goes on under it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

#: Seconds for which lines of the access log may be gathered, and how many at most.
GATHER, MOST = 0.1, 500

_SAID = frozenset(("event", "method", "path"))
_NAMES = {"uvicorn.error": "uvicorn", "uvicorn.asgi": "uvicorn"}


class Output:
    """Standard error, as lines of one format."""

    def __init__(self, format: Format) -> None:
        self.format: Format = format
        self._gathered: deque[str] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._second, self._stamp = 0, ""

    def access(self, what: str, fields: dict[str, Any]) -> None:
        """A line of the access log, some time soon; on the event loop.

        `what` is in words what `fields` begins with: event, method and path. Values must be safe to show.
        """
        stamp = self.stamp(time.time())
        if self.format == "json":
            head = {"time": stamp, "level": "info", "logger": "taskhub.access"}
            line = orjson.dumps(head | fields).decode()
        else:
            rest = [f" {name}={value}" for name, value in fields.items() if value is not None and name not in _SAID]
            line = f"{stamp} INFO taskhub.access {what}{''.join(rest)}"
        self._gathered.append(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self.flush)
        elif len(self._gathered) >= MOST:
            self.flush()

    def stamp(self, moment: float) -> str:
        """A moment in UTC, with milliseconds."""
        second = int(moment)
        if second != self._second:
            self._stamp, self._second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)), second
        return f"{self._stamp}.{int(moment * 1000) % 1000:03}Z"

    def write(self, line: str) -> None:
        """Write this line now, after those that were gathered."""
        self._gathered.append(line)
        self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines: list[str] = []
        # One by one: the loop's thread may add to it while another one writes.
        while self._gathered:
            lines.append(self._gathered.popleft())
        if lines:
            # Where nobody takes them any more (a closed pipe, a full disk) there is nowhere to say so.
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write("\n".join([*lines, ""]))
                sys.stderr.flush()


class Lines(logging.Handler):
    """Writes log records to an `Output`."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self.output = output
        self._tracebacks = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; one that can't be written is reported as `logging` does."""
        try:
            self.output.write(self.line(record))
        except Exception:
            self.handleError(record)

    def line(self, record: logging.LogRecord) -> str:
        """The record as a line; as text, a traceback follows on lines of its own."""
        logger, stamp = _NAMES.get(record.name, record.name), self.output.stamp(record.created)
        message, about = record.getMessage(), request_id.get()
        trouble = self._tracebacks.formatException(record.exc_info) if record.exc_info else None
        if self.output.format == "json":
            fields = {"time": stamp, "level": record.levelname.lower(), "logger": logger, "message": message}
            if about:
                fields["request_id"] = about
            if trouble is not None:
                fields["exception"] = trouble
            return orjson.dumps(fields).decode()
        # What somebody sent may be in it, and must not look like another line.
        shown = message.replace("\n", "\\n").replace("\r", "\\r")
        named = f" request_id={about}" if about else ""
        return f"{stamp} {record.levelname} {logger} {shown}{named}" + (f"\n{trouble}" if trouble else "")


def configure(format: Format) -> Output:
    """Send all that this process logs to standard error in this format, uvicorn's words too; its access log is off."""
    output = Output(format)
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, Lines)] + [Lines(output)]
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    logging.getLogger("taskhub").setLevel(logging.INFO)
    atexit.register(output.flush)
    return output
