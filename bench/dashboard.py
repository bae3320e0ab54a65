"""A project's figures: `python -m bench.dashboard [--quick] [--database-url URL]`.

A real `taskhub serve` on one core. First what 500 open streams of the figures cost: moves as fast as 16 connections
make them, and 20 moves a second, without and with the streams; beside that what uvicorn takes to write the same
bytes to as many connections. Then how long the figures take to answer, when they
are computed anew after a move and when they are kept, with 10,000 and with 1,000,000 events in the log; and how long
the migration takes that begins them from such a log.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa
import uvloop

from bench.bare import writing
from bench.instance import STATES, Place, Server, cores, folder, make_place, serving
from bench.requests import measure, request
from bench.write import moves
from taskhub import clock, migrations
from taskhub.db import Database, write_rows
from taskhub.events.model import events
from taskhub.projects.model import projects
from taskhub.tasks.model import tasks

#: As in bench/write.py, whose moves are made here too.
KEY, TASKS = "BENCH", 100
STREAMS = 500
CONNECTIONS, PACED = 16, 20
#: By KEY: how many events the log has, how many tasks, and over how many days it is spread: each day as much is done in
#: each, to `ACTIVE` tasks, of which the oldest make room for fresh ones where there are more.
LOGS = {"SHORT": (10_000, 5_000, 60), "LONG": (1_000_000, 20_000, 6_000)}
ACTIVE = 5_000
#: Where each move leads: what is done was begun, and is opened again, so that each has as many cycle times to show.
FOLLOWING = {"backlog": "doing", "todo": "doing", "doing": "done", "done": "todo"}


class Streams:
    """Open streams of the figures, read and thrown away."""

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0
        self.since = 0.0

    @property
    def rate(self) -> float:
        """Messages a second so far, all streams together."""
        return self.messages / (time.perf_counter() - self.since) if self.messages else 0.0

    @contextlib.asynccontextmanager
    async def open(self, port: int, place: Place, count: int) -> AsyncIterator[None]:
        """So many, each of which has got its first message."""
        asked = request("GET", f"/api/v1/projects/{KEY}/dashboard/stream", place.token)
        begun = [asyncio.Event() for _ in range(count)]
        reading, writers = [], []
        for event in begun:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
            writer.write(asked)
            writers.append(writer)
            reading.append(asyncio.create_task(self._read(reader, event)))
        try:
            await asyncio.gather(*(event.wait() for event in begun))
            self.messages, self.bytes, self.since = 0, 0, time.perf_counter()
            yield
        finally:
            for task, writer in zip(reading, writers, strict=True):
                task.cancel()
                writer.close()
            await asyncio.gather(*reading, return_exceptions=True)

    async def _read(self, reader: asyncio.StreamReader, begun: asyncio.Event) -> None:
        while piece := await reader.read(1 << 20):
            self.bytes += len(piece)
            if found := piece.count(b"event: dashboard"):
                self.messages += found
                begun.set()


def at_full_speed(server: Server, place: Place, seconds: float, streams: int) -> tuple[float, float, float, float]:
    """Moves a second, p99 in ms, CPU ms of a move, and messages a second."""
    endless = moves(streams)

    def ask(_number: int) -> bytes:
        ref, body = next(endless)
        return request("POST", f"/api/v1/tasks/{ref}/move", place.token, orjson.dumps(body))

    there = Streams()

    async def beside() -> None:
        async with there.open(server.port, place, streams):
            await asyncio.get_running_loop().create_future()

    # The warm-up is for the streams to open.
    got = measure(
        server.port, ask, CONNECTIONS, seconds, cpu=server.cpu_seconds, warm_up=8.0 if streams else 0.5, beside=beside()
    )
    return got.rate, got.ms(0.99), 1000 * got.cpu / len(got.latencies), there.rate


async def paced(server: Server, place: Place, seconds: float, streams: int) -> tuple[float, float, float]:
    """At 20 moves a second: CPU ms a second, messages a second, KB of a message."""
    there = Streams()
    endless = moves(1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with there.open(server.port, place, streams):
        used, began = server.cpu_seconds(), time.perf_counter()
        for number in range(int(seconds * PACED)):
            ref, body = next(endless)
            writer.write(request("POST", f"/api/v1/tasks/{ref}/move", place.token, orjson.dumps(body)))
            await answer(reader)
            await asyncio.sleep(max(0.0, began + (number + 1) / PACED - time.perf_counter()))
        took = time.perf_counter() - began
        each = there.bytes / there.messages / 1000 if there.messages else 0.0
        found = 1000 * (server.cpu_seconds() - used) / took, there.rate, each
    writer.close()
    return found


async def written(server: Server, place: Place, seconds: float) -> tuple[float, float]:
    """Of a server that only writes: CPU ms a second, messages a second."""
    there = Streams()
    async with there.open(server.port, place, STREAMS):
        used, began = server.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        return 1000 * (server.cpu_seconds() - used) / (time.perf_counter() - began), there.rate


async def answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


async def write_log(place: Place, key: str, count: int, days: int) -> None:
    """Append moves, each with a date of its own, to the log of a project whose tasks are there."""
    db = Database(place.settings.url)
    chance = random.Random(key)
    async with db.write() as session:
        project = (await session.execute(sa.select(projects).where(projects.c.key == key))).one()
        query = sa.select(tasks.c.number, tasks.c.state).where(tasks.c.project_id == project.id)
        states = {row.number: row.state for row in await session.execute(query)}
        now = clock.now()
        # The tasks were made before anything was moved: an entry before the last one would count as made with it.
        first = now - timedelta(days=days)
        begun = await session.execute(sa.select(events.c.seq, events.c.body).where(events.c.project_id == project.id))
        made = [
            {"this": row.seq, "on": first, "says": orjson.dumps({**orjson.loads(row.body), "at": clock.wire(first)})}
            for row in begun
        ]
        one = sa.and_(events.c.project_id == project.id, events.c.seq == sa.bindparam("this"))
        dated = sa.update(events).where(one).values(at=sa.bindparam("on"), body=sa.bindparam("says"))
        await write_rows(session, dated, [row | {"says": row["says"].decode()} for row in made])

        def told() -> Iterator[dict[str, Any]]:
            for seq in range(project.seq + 1, count + 1):
                oldest = (len(states) - ACTIVE) * seq // count
                number = oldest + chance.randint(1, ACTIVE)
                old, new = states[number], FOLLOWING[states[number]]
                states[number] = new
                at = now - timedelta(days=days * (1 - seq / count))
                task = {"number": number, "state": new, "archived": False, "assignees": []}
                body = {"seq": seq, "type": "task.moved", "at": clock.wire(at), "task": task}
                body["changes"] = {"state": [old, new]} if old != new else {}
                yield {
                    "project_id": project.id,
                    "seq": seq,
                    "type": "task.moved",
                    "at": at,
                    "actor_id": place.user_id,
                    "command_id": str(seq),
                    "number": number,
                    "body": orjson.dumps(body).decode(),
                }

        await write_rows(session, sa.insert(events), told())
        await session.execute(sa.update(projects).where(projects.c.id == project.id).values(seq=count))
        this = sa.and_(tasks.c.project_id == sa.bindparam("of"), tasks.c.number == sa.bindparam("this"))
        # Each at a place of its own in its column.
        rows = [
            {"of": project.id, "this": number, "into": state, "at": f"b{number:06}1"}
            for number, state in states.items()
        ]
        values: dict[str, Any] = {"state": sa.bindparam("into"), "position": sa.bindparam("at")}
        await write_rows(session, sa.update(tasks).where(this).values(values), rows)
    await db.close()


async def read(server: Server, place: Place, key: str, rounds: int) -> tuple[float, float, float, int]:
    """The median and the longest answer right after a move, the median of what is kept, in ms; and its bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 22)

    async def asked(message: bytes) -> tuple[float, int]:
        began = time.perf_counter()
        writer.write(message)
        body = await answer(reader)
        return 1000 * (time.perf_counter() - began), len(body)

    figures = request("GET", f"/api/v1/projects/{key}/dashboard", place.token)
    anew, kept, size = [], [], 0
    for number in range(rounds):
        body = orjson.dumps({"state": STATES[number % len(STATES)]})
        await asked(request("POST", f"/api/v1/tasks/{key}-{1 + number % 50}/move", place.token, body))
        took, size = await asked(figures)
        anew.append(took)
        kept.append((await asked(figures))[0])
    writer.close()
    return sorted(anew)[rounds // 2], max(anew), sorted(kept)[rounds // 2], size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds, and a log of 100,000 in place of 1,000,000")
    parser.add_argument("--database-url", help="an empty PostgreSQL database in place of SQLite")
    options = parser.parse_args()
    seconds = 4.0 if options.quick else 10.0
    logs = {**LOGS, "LONG": (100_000, 10_000, 600)} if options.quick else LOGS
    os.sched_setaffinity(0, {cores()[1]})
    with folder(options.database_url) as environment:
        place = asyncio.run(make_place(environment, {KEY: TASKS, **{key: size for key, (_, size, _) in logs.items()}}))
        asyncio.run(migrations.migrate(place.settings, "0003"))
        for key, (count, _, days) in logs.items():
            asyncio.run(write_log(place, key, count, days))
        began = time.perf_counter()
        asyncio.run(migrations.migrate(place.settings))
        begun = time.perf_counter() - began
        with serving(place) as server:
            print(f"Moves on one core, {TASKS} tasks, {CONNECTIONS} connections, {seconds:g} s a row")
            print("| streams | moves/s | p99 ms | CPU ms a move | messages/s |")
            print("| ------: | ------: | -----: | ------------: | ---------: |")
            rates = []
            for streams in (0, STREAMS):
                rate, p99, cpu, told = at_full_speed(server, place, seconds, streams)
                rates.append(rate)
                print(f"| {streams:>7} | {rate:>7.0f} | {p99:>6.1f} | {cpu:>13.2f} | {told:>10.0f} |")
            print(f"With {STREAMS} streams: {rates[1] / rates[0]:.2f} of the moves without.\n")
            print(f"At {PACED} moves a second")
            print("| streams | CPU ms a second | messages/s | KB a message |")
            print("| ------: | --------------: | ---------: | -----------: |")
            for streams in (0, 1, STREAMS):
                used, told, each = uvloop.run(paced(server, place, seconds, streams))
                print(f"| {streams:>7} | {used:>15.0f} | {told:>10.0f} | {each:>12.1f} |")
            with writing(round(1000 * each), told / STREAMS) as bare:
                used, told = uvloop.run(written(bare, place, seconds))
            print(f"uvicorn that writes as much and does nothing else: {used:.0f} ms a second, {told:.0f} messages.")
            print("\n| events in the log | tasks | after a move, ms | longest, ms | kept, ms | bytes |")
            print("| ----------------: | ----: | ---------------: | ----------: | -------: | ----: |")
            for key, (count, size, _) in logs.items():
                anew, longest, kept, length = uvloop.run(read(server, place, key, 50))
                print(f"| {count:>17,} | {size:>5} | {anew:>16.1f} | {longest:>11.1f} | {kept:>8.1f} | {length:>5} |")
            print(f"The migration that begins the figures of these logs took {begun:.1f} s.")


if __name__ == "__main__":
    main()
