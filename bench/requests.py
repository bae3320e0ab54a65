"""A load generator for requests that differ: keep-alive HTTP/1.1 connections, each asking as soon as it is answered."""

from __future__ import annotations

import asyncio
import functools
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import uvloop

PATIENCE = 20.0

#: Gives the next request of a connection, by the connection's number.
Ask = Callable[[int], bytes]


@dataclass
class Figures:
    """What one run of `seconds` brought; times in seconds."""

    seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def ms(self, share: float) -> float:
        """The latency in ms under which `share` of the answers came."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, token: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Client(asyncio.Protocol):
    def __init__(self, run: _Run, number: int) -> None:
        self.run = run
        self.number = number
        self.data = bytearray()
        self.needs = 0
        self.asked = 0.0
        self.idle = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        if self.run.over:
            self.transport.close()
            self.idle.set_result(None)
            return
        self.data.clear()
        self.needs = 0
        message = self.run.ask(self.number)
        self.asked = time.perf_counter()
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if not self.needs:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.data[:end]).lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            self.needs = end + 4 + length
        if len(self.data) >= self.needs:
            self.run.answered(int(self.data[9:12]), self.asked)
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.idle.done():
            self.idle.set_exception(error or ConnectionError("the server closed the connection"))


class _Run:
    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.over = False
        self.since = float("inf")
        self.figures = Figures()

    def answered(self, status: int, asked: float) -> None:
        if asked >= self.since and not self.over:
            self.figures.answers[status] += 1
            self.figures.latencies.append(time.perf_counter() - asked)


async def _measure(
    port: int,
    ask: Ask,
    connections: int,
    seconds: float,
    warm_up: float,
    cpu: Callable[[], float],
    beside: Coroutine[Any, Any, Any] | None,
    gap: float,
) -> Figures:
    run = _Run(ask)
    loop = asyncio.get_running_loop()
    other = None if beside is None else loop.create_task(beside)
    clients = []
    for number in range(connections):
        _, client = await loop.create_connection(functools.partial(_Client, run, number), "127.0.0.1", port)
        clients.append(client)
        await asyncio.sleep(gap)
    await asyncio.sleep(warm_up)
    used = cpu()
    started = run.since = time.perf_counter()
    await asyncio.sleep(seconds)
    run.figures.seconds = time.perf_counter() - started
    run.figures.cpu = cpu() - used
    run.over = True
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(client.idle for client in clients))
    if other is not None:
        other.cancel()
        await asyncio.wait([other])
        if not other.cancelled():
            other.result()
    return run.figures


def measure(
    port: int,
    ask: Ask,
    connections: int,
    seconds: float,
    *,
    cpu: Callable[[], float],
    warm_up: float = 0.5,
    beside: Coroutine[Any, Any, Any] | None = None,
    gap: float = 0.0,
) -> Figures:
    """Ask for `seconds` over so many connections; raises where one is closed or not answered.

    `cpu` tells the server's processor time so far; `beside` runs meanwhile and is cancelled; `gap` is seconds between
    two connections that are opened.
    """
    return uvloop.run(_measure(port, ask, connections, seconds, warm_up, cpu, beside, gap))
