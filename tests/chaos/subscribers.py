"""Programs that follow a board as docs/live.md says, over a WebSocket or an event stream, and never give up.

They read the board once, subscribe from its cursor, come back with their cursor whenever the line ends or falls
silent, and fetch the board again on `resync` alone.
"""

from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.chaos.writers import client_of
from tests.store import fold, in_order

#: Seconds a subscriber waits before it connects again.
PAUSE = 0.05
_LONGEST_PAUSE = 0.2
_FOLDED_AT_ONCE = 400


class Broken(Exception):
    """The server did what the contract forbids."""


@dataclass
class Subscriber:
    """Follows one project until it is cancelled; `board` is what it believes, up to the last `settle`.

    It goes over to the next of `urls` when its line ends. A line that is silent for `silence` seconds is given up;
    a WebSocket asks by `ping` before. `seen` holds `(seq, command_id)` of every event, in the order they came.
    """

    kind: Literal["ws", "sse"]
    urls: Sequence[str]
    credentials: Mapping[str, str]
    key: str
    silence: float = 20.0
    compressed: bool = False
    board: dict[str, Any] = field(default_factory=dict)
    cursor: int = 0
    seen: list[tuple[int, str]] = field(default_factory=list)
    #: How lines ended: a WebSocket's close code, "end" or "cut" of a stream, "silence", "refused".
    ends: collections.Counter[str] = field(default_factory=collections.Counter)
    resyncs: int = 0
    lines: int = 0
    #: Set while a line is open and subscribed.
    following: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when a line has ended; cleared by who waits for that.
    left: asyncio.Event = field(default_factory=asyncio.Event)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _at: int = 0
    _covered: int = 0

    async def follow(self) -> None:
        """Follow for ever. Raises Broken where an event is missing, comes twice or out of order."""
        pause = PAUSE
        while True:
            try:
                if not self.board:
                    await self._fetch()
                await (self._socket() if self.kind == "ws" else self._stream())
            except (TimeoutError, httpx.TimeoutException):
                self.ends["silence"] += 1
            except ConnectionClosed as closed:
                self.ends[str(closed.rcvd.code if closed.rcvd else 1006)] += 1
            except (OSError, httpx.TransportError, httpx.HTTPStatusError, InvalidHandshake, InvalidMessage):
                self.ends["cut" if self.following.is_set() else "refused"] += 1
            pause = PAUSE if self.following.is_set() else min(2 * pause, _LONGEST_PAUSE)
            self.following.clear()
            self.left.set()
            self._at += 1
            await asyncio.sleep(pause)

    async def reached(self, seq: int) -> None:
        """Wait until the cursor is at `seq`."""
        while self.cursor < seq:
            self._moved.clear()
            await self._moved.wait()

    def settle(self) -> dict[str, Any]:
        """The board with every event that came."""
        self.board = fold(self.board, self._events)
        self._events.clear()
        return self.board

    @property
    def url(self) -> str:
        """The server it follows, or asks next."""
        return self.urls[self._at % len(self.urls)]

    async def _fetch(self) -> None:
        async with client_of(self.url, self.credentials, self.silence) as http:
            response = await http.get(f"/api/v1/projects/{self.key}/board")
            response.raise_for_status()
        self.board = in_order(response.json())
        self.cursor = self.board["seq"]
        self._events.clear()

    def _take(self, event: dict[str, Any]) -> None:
        if event["seq"] <= self._covered:
            return
        if event["seq"] != self.cursor + 1:
            raise Broken(f"{self.kind}: {event['seq']} came after {self.cursor}, on line {self.lines}")
        self.cursor = event["seq"]
        self.seen.append((event["seq"], event["command_id"]))
        self._events.append(event)
        if len(self._events) >= _FOLDED_AT_ONCE:
            self.settle()
        self._moved.set()

    async def _resync(self, seq: int) -> None:
        self.resyncs += 1
        await self._fetch()
        # What comes between `seq` and the board is in the board already.
        self._covered = self.cursor
        if self.cursor < seq:
            raise Broken(f"the board after a resync to {seq} is that of {self.cursor}")

    async def _socket(self) -> None:
        url = self.url
        async with connect(
            f"ws{url.removeprefix('http')}/api/v1/live",
            additional_headers=self.credentials,
            origin=url,  # type: ignore[arg-type]
            max_size=None,
            proxy=None,
            compression="deflate" if self.compressed else None,
            open_timeout=self.silence,
            close_timeout=1,
            ping_interval=None,
        ) as ws:
            self.lines += 1
            topic = {"topic": f"project:{self.key}"}
            cursor = {"since": self.cursor, "log": self.board["log"]}
            await ws.send(orjson.dumps({"op": "subscribe", **topic, **cursor}).decode())
            asked = False
            while True:
                try:
                    async with asyncio.timeout(self.silence / 2):
                        frame = orjson.loads(await ws.recv())
                except TimeoutError:
                    if asked:
                        ws.transport.abort()
                        raise
                    asked = True
                    async with asyncio.timeout(self.silence / 2):
                        await ws.send('{"op":"ping"}')
                    continue
                asked = False
                match frame["op"]:
                    case "subscribed":
                        self.following.set()
                    case "events":
                        for event in frame["events"]:
                            self._take(event)
                    case "resync":
                        await self._resync(frame["seq"])
                    case "pong" | "presence":
                        pass
                    case _:
                        raise Broken(f"ws: {frame}")

    async def _stream(self) -> None:
        headers = {**self.credentials, "Last-Event-ID": str(self.cursor)}
        query = {"log": self.board["log"]}
        async with (
            client_of(self.url, headers, self.silence) as http,
            http.stream("GET", f"/api/v1/projects/{self.key}/stream", params=query) as response,
        ):
            response.raise_for_status()
            self.lines += 1
            async for message in _messages(response):
                data = orjson.loads(message["data"])
                match message.get("event"):
                    case "hello":
                        self.following.set()
                        if message["id"] != str(self.cursor) and data["log"] == self.board["log"]:
                            raise Broken(f"sse: hello says {message['id']} after a cursor of {self.cursor}")
                    case "resync":
                        await self._resync(data["seq"])
                    case None:
                        if message["id"] != str(data["seq"]):
                            raise Broken(f"sse: the id {message['id']} of the event {data['seq']}")
                        self._take(data)
                    case other:
                        raise Broken(f"sse: {other} {data}")
            self.ends["end"] += 1


async def _messages(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """The whole messages of an event stream; what an end cuts in two is dropped, as the standard says."""
    rest = b""
    async for piece in response.aiter_raw():
        *whole, rest = (rest + piece).split(b"\n\n")
        for block in whole:
            lines = block.decode().split("\n")
            message = dict(line.split(": ", 1) for line in lines if line and not line.startswith(":"))
            if "data" in message:
                yield message
