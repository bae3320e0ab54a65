"""Reads of a board over HTTP: `python -m bench.board [--quick] [--database-url URL]`.

A real `taskhub serve` on one core, and on another core connections that each ask as soon as they are answered. A board
of 100 tasks whose snapshot is kept, the same with the ETag of what the client has (304), and the same while somebody
moves cards 20 times a second, so that the snapshot is made anew; then a board of 10,000 tasks, asked for the first
time and again, while another connection asks /healthz all the time: the longest it waits is how long the server's
event loop was held up.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import time
from contextlib import suppress

import orjson
import uvloop

from bench.instance import STATES, Place, Server, cores, folder, make_place, serving
from bench.requests import measure, request

SMALL, LARGE = ("SMALL", 100), ("LARGE", 10_000)
CONNECTIONS = (1, 16, 64)
GOAL = 1_500


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes) -> tuple[bytes, int]:
    """The head of the answer, and how many bytes follow."""
    writer.write(message)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
    await reader.readexactly(length)
    return head, length


async def move_often(port: int, place: Place) -> None:
    """Move a card of the small board 20 times a second, until cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in itertools.count():
        body = orjson.dumps({"state": STATES[number % len(STATES)]})
        await answer(reader, writer, request("POST", f"/api/v1/tasks/{SMALL[0]}-1/move", place.token, body))
        await asyncio.sleep(0.05)


async def longest_wait(port: int, place: Place, over: asyncio.Event) -> float:
    """The longest that /healthz took to answer, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    longest = 0.0
    while not over.is_set():
        asked = time.perf_counter()
        await answer(reader, writer, request("GET", "/healthz", place.token))
        longest = max(longest, time.perf_counter() - asked)
        await asyncio.sleep(0)
    writer.close()
    return longest


async def read_large(port: int, place: Place) -> list[tuple[str, float, float, int]]:
    """What was read; seconds it took, and the longest wait of others meanwhile; bytes."""
    board = f"/api/v1/projects/{LARGE[0]}/board"
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
    found = []
    for name in ("first", "again"):
        over = asyncio.Event()
        waiting = asyncio.create_task(longest_wait(port, place, over))
        await asyncio.sleep(0.5)
        asked = time.perf_counter()
        _, size = await answer(reader, writer, request("GET", board, place.token))
        elapsed = time.perf_counter() - asked
        over.set()
        found.append((name, elapsed, await waiting, size))
    writer.close()
    return found


async def etag_of(port: int, place: Place) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
    head, _ = await answer(reader, writer, request("GET", f"/api/v1/projects/{SMALL[0]}/board", place.token))
    writer.close()
    return head.split(b"etag:")[1].split(b"\r\n")[0].strip().decode().replace("w/", "W/")


def rows(server: Server, place: Place, seconds: float) -> None:
    path = f"/api/v1/projects/{SMALL[0]}/board"
    plain = request("GET", path, place.token)
    etag = uvloop.run(etag_of(server.port, place))
    known = request("GET", path, place.token, b"", f"If-None-Match: {etag}")
    for name, message, status in (("kept", plain, 200), ("304", known, 304), ("20 moves/s", plain, 200)):
        for connections in CONNECTIONS:
            beside = move_often(server.port, place) if name == "20 moves/s" else None
            got = measure(
                server.port,
                lambda _, message=message: message,  # type: ignore[misc]
                connections,
                seconds,
                cpu=server.cpu_seconds,
                beside=beside,
            )
            errors = sum(number for code, number in got.answers.items() if code != status)
            print(
                f"| {name:<10} | {connections:>11} | {got.rate:>7.0f} | {got.ms(0.5):>6.2f} | {got.ms(0.99):>6.2f} "
                f"| {got.ms(1):>6.1f} | {1000 * got.cpu / len(got.latencies):>13.3f} | {errors:>6} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--database-url", help="an empty PostgreSQL database in place of SQLite")
    options = parser.parse_args()
    seconds = 2.0 if options.quick else 6.0
    os.sched_setaffinity(0, {cores()[1]})
    with folder(options.database_url) as environment:
        place = asyncio.run(make_place(environment, dict([SMALL, LARGE])))
        with serving(place) as server, suppress(KeyboardInterrupt):
            print(f"Reads of a board of {SMALL[1]} tasks, one core for the server, {seconds:g} s a row")
            print("| board      | connections | reads/s | p50 ms | p99 ms | max ms | CPU ms a read | errors |")
            print("| ---------- | ----------: | ------: | -----: | -----: | -----: | ------------: | -----: |")
            rows(server, place, seconds)
            print(f"To reach: {GOAL} reads/s of the board that is kept.\n")
            print("| board of 10,000 tasks | ms | others waited at most, ms | bytes |")
            print("| --------------------- | -: | ------------------------: | ----: |")
            for name, elapsed, wait, size in uvloop.run(read_large(server.port, place)):
                print(f"| {name:<21} | {1000 * elapsed:.0f} | {1000 * wait:.1f} | {size} |")


if __name__ == "__main__":
    main()
