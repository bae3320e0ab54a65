"""A keep-alive HTTP/1.1 load generator: `python -m bench.load PORT PATH CONNECTIONS SECONDS CORE`.

Each connection sends its next request as soon as the last answer is whole. All good answers to one path have the
same length, so an answer is whole when as many bytes have come as one parsed answer had; one that does not begin
with `HTTP/1.1 200` is an error, and so is a connection that ends or that has no answer when the time is over by 5 s.
Prints one line of JSON: requests, answered (with those before and after), errors, seconds, p50 and p99 in ms.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any, cast

import uvloop

WARM_UP = 0.5
PATIENCE = 5.0


def whole_length(port: int, path: str) -> int:
    """The length in bytes of a good answer, head and all; raises where the server does not give one."""
    import socket

    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request(path))
            data = b""
            while not complete(data):
                piece = connection.recv(1_000_000)
                if not piece:
                    break
                data += piece
        if data.startswith(b"HTTP/1.1 200 ") and complete(data):
            return len(data)
    raise SystemExit(f"{path} on port {port} does not answer: {data[:200]!r}")


def complete(data: bytes) -> bool:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) == int(line.partition(b":")[2])
    return body.endswith(b"\r\n0\r\n\r\n")


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()


class Round:
    """What all connections of one run share."""

    def __init__(self, path: str, length: int) -> None:
        self.request = request(path)
        self.length = length
        self.counting = False
        self.since = 0.0
        self.over = False
        self.latencies: list[float] = []
        self.answered = 0
        self.errors = 0
        self.pending: set[Client] = set()


class Client(asyncio.Protocol):
    def __init__(self, run: Round) -> None:
        self.run = run
        self.received = 0
        self.started = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        if self.run.over:
            self.run.pending.discard(self)
            self.transport.close()
            return
        self.run.pending.add(self)
        self.received = 0
        self.started = time.perf_counter()
        self.transport.write(self.run.request)

    def data_received(self, data: bytes) -> None:
        run = self.run
        if self.received == 0 and not data.startswith(b"HTTP/1.1 200 "):
            self.transport.close()
            return
        self.received += len(data)
        if self.received < run.length:
            return
        run.answered += 1
        if run.counting and self.started >= run.since:
            run.latencies.append(time.perf_counter() - self.started)
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        run = self.run
        if self not in run.pending:
            return
        run.pending.discard(self)
        run.errors += run.counting
        if not run.over:
            connecting = asyncio.ensure_future(
                asyncio.get_running_loop().create_connection(lambda: Client(run), *address)
            )
            reconnecting.add(connecting)
            connecting.add_done_callback(reconnecting.discard)


address: tuple[str, int] = ("127.0.0.1", 0)
reconnecting: set[asyncio.Future[Any]] = set()


async def measure(port: int, path: str, connections: int, seconds: float) -> dict[str, float]:
    global address
    address = ("127.0.0.1", port)
    run = Round(path, whole_length(port, path))
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Client(run), *address)
    await asyncio.sleep(WARM_UP)
    run.counting = True
    run.since = started = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - started
    served = len(run.latencies)
    run.over = True
    deadline = time.perf_counter() + PATIENCE
    while run.pending and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
    run.counting = False
    latencies = sorted(run.latencies) or [float("nan")]
    return {
        "requests": served,
        "answered": run.answered,
        "errors": run.errors + len(run.pending),
        "seconds": elapsed,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[min(len(latencies) - 1, int(len(latencies) * 0.99))] * 1000,
    }


def main(port: str, path: str, connections: str, seconds: str, core: str) -> None:
    if core != "any":
        os.sched_setaffinity(0, {int(core)})
    print(json.dumps(uvloop.run(measure(int(port), path, int(connections), float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
