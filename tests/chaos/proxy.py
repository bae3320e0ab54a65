"""A TCP proxy that misbehaves as networks do: it cuts, delays, falls silent, throttles and loses answers."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import time
from enum import Enum
from types import TracebackType
from typing import Self

_PIECE = 64 * 1024
#: Seconds within which an answer is lost where some are to be.
LOST_WITHIN = 60.0


class Cut(Enum):
    """How a connection ends: by RST, or in order."""

    RESET = "RST"
    END = "FIN"


class Link:
    """One client's connection through the proxy, and the server's end of it."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.client = client
        self.server = server
        self.silent = False
        self.answers = 0
        self.reading = asyncio.Event()
        self.reading.set()
        #: When the server let go of it (monotonic), None while it has not.
        self.let_go: float | None = None

    def cut(self, how: Cut) -> None:
        """End both halves."""
        for writer in (self.client, self.server):
            end(writer, how)

    def fall_silent(self) -> None:
        """From now on swallow what either side sends, and tell neither: a half-open connection."""
        self.silent = True

    def stop_reading(self) -> None:
        """Take nothing from the server any more, as a client that reads nothing."""
        self.reading.clear()

    def read_again(self) -> None:
        """Go on after `stop_reading`."""
        self.reading.set()


class Proxy:
    """Forwards connections to 127.0.0.1:`target`. What is set holds for all links; `links` are the open ones.

    `delay` seconds pass before each piece is handed on, `rate` bytes a second go through each direction of a link,
    `refusing` resets whoever connects, `losing` is the chance that a link is cut at the moment an answer comes back
    (what was asked has been done, and the client does not know), `pieces` is how much of the answers a link lets
    through before it is cut, `buffer` bounds the kernel's receive buffers towards the server.
    """

    def __init__(self, target: int, *, buffer: int | None = None, chance: random.Random | None = None) -> None:
        self.target = target
        self.buffer = buffer
        self.chance = chance or random.Random(0)
        self.delay = 0.0
        self.rate: float | None = None
        self.refusing = False
        self.losing = 0.0
        self.pieces: int | None = None
        self.lost = 0
        self.links: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None, "the proxy is not open"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where to connect instead of the server: `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self, how: Cut = Cut.RESET, *, share: float = 1.0) -> int:
        """End a share of the links; how many."""
        chosen = self._some(share)
        for link in chosen:
            link.cut(how)
        return len(chosen)

    async def has_lost(self) -> None:
        """Wait until an answer is lost: where they are few, chance may take its time."""
        async with asyncio.timeout(LOST_WITHIN):
            while not self.lost:
                await asyncio.sleep(0.01)

    def fall_silent(self, *, share: float = 1.0) -> list[Link]:
        """Make a share of the links half-open; new ones work."""
        chosen = self._some(share)
        for link in chosen:
            link.fall_silent()
        return chosen

    def _some(self, share: float) -> list[Link]:
        links = list(self.links)
        return links if share >= 1 else [link for link in links if self.chance.random() < share]

    def _loses(self, link: Link) -> bool:
        link.answers += 1
        return self.chance.random() < self.losing or (self.pieces is not None and link.answers > self.pieces)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        if self.refusing:
            end(writer, Cut.RESET)
            return
        upstream = socket.socket()
        if self.buffer is not None:
            upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        upstream.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", self.target))
            answers, server = await asyncio.open_connection(sock=upstream, limit=self.buffer or 2**16)
        except OSError:
            upstream.close()
            end(writer, Cut.RESET)
            return
        link = Link(self, writer, server)
        self.links.add(link)
        try:
            await asyncio.gather(
                self._forward(link, reader, server, answering=False),
                self._forward(link, answers, writer, answering=True),
            )
        except OSError:
            link.cut(Cut.RESET)
        finally:
            self.links.discard(link)
            link.cut(Cut.RESET)

    async def _forward(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answering: bool
    ) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def hand_on() -> None:
            while True:
                due, piece = await waiting.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not link.silent:
                    writer.write(piece)
                    await writer.drain()
                    if self.rate is not None:
                        await asyncio.sleep(len(piece) / self.rate)
                waiting.task_done()

        handing = asyncio.create_task(hand_on())
        try:
            while True:
                if answering:
                    await link.reading.wait()
                try:
                    piece = await reader.read(_PIECE)
                except OSError:
                    if answering:
                        link.let_go = time.monotonic()
                    raise
                if handing.done():
                    handing.result()
                if not piece:
                    if answering:
                        link.let_go = time.monotonic()
                    break
                if answering and not link.silent and self._loses(link):
                    self.lost += 1
                    raise ConnectionResetError
                waiting.put_nowait((time.monotonic() + self.delay, piece))
            joining = asyncio.create_task(waiting.join())
            await asyncio.wait((joining, handing), return_when=asyncio.FIRST_COMPLETED)
            joining.cancel()
            if not link.silent and writer.can_write_eof():
                with contextlib.suppress(OSError):
                    writer.write_eof()
        finally:
            handing.cancel()
            await asyncio.gather(handing, return_exceptions=True)


def end(writer: asyncio.StreamWriter, how: Cut) -> None:
    """Close one half of a link, by RST or by FIN."""
    transport = writer.transport
    if how is Cut.RESET:
        sock = transport.get_extra_info("socket")
        if sock is not None and not transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
