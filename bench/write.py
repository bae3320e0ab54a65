"""Moves over HTTP: `python -m bench.write [--quick] [--database-url URL]`.

A real `taskhub serve` on one core; connections on another core that each move a card as soon as the last move is
answered: to any state, half of the moves beside another card. On SQLite the same statements are also run by plain
sqlite3 with the same pragmas: those of the moves that one process makes, recorded and run again on a copy of the
database as it was.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from bench.instance import STATES, Place, cores, folder, make_place, serving
from bench.requests import measure, request
from taskhub.app import PROJECTIONS
from taskhub.command import Caller, Commands
from taskhub.db import Database
from taskhub.people.model import User
from taskhub.tasks.commands import move

KEY, TASKS = "BENCH", 100
CONNECTIONS = (1, 16, 64)
GOAL = 300


def moves(seed: int) -> Any:
    """Random moves without end: a reference, and the body that asks for its move."""
    chance = random.Random(seed)
    while True:
        body: dict[str, str] = {"state": chance.choice(STATES)}
        if chance.random() < 0.5:
            body[chance.choice(("before", "after"))] = f"{KEY}-{chance.randint(1, TASKS)}"
        yield f"{KEY}-{chance.randint(1, TASKS)}", body


async def record(place: Place, count: int) -> list[list[tuple[str, Any, bool]]]:
    """The statements of `count` moves, move by move: text, parameters, and whether for many rows."""
    db = Database(place.settings.url)
    seen: list[list[tuple[str, Any, bool]]] = []

    def on_execute(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen[-1].append((statement, parameters, many))

    for engine in db.engines:
        sa.event.listen(engine, "before_cursor_execute", on_execute)
    commands = Commands(db, projections=PROJECTIONS)
    caller = Caller(User(place.user_id, "bench@example.com", "Bench"))
    for (ref, body), _ in zip(moves(0), range(count), strict=False):
        seen.append([])
        await move(commands, caller, ref, state=body["state"], before=body.get("before"), after=body.get("after"))
    await db.close()
    return seen


def plain(path: str, recorded: list[list[tuple[str, Any, bool]]]) -> float:
    """How many of the recorded moves plain sqlite3 makes in a second."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    started = time.perf_counter()
    for statements in recorded:
        connection.execute("BEGIN IMMEDIATE")
        for statement, parameters, many in statements:
            if many:
                connection.executemany(statement, parameters)
            else:
                connection.execute(statement, parameters).fetchall()
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - started
    connection.close()
    return len(recorded) / elapsed


def compare(environment: dict[str, str], place: Place, count: int) -> tuple[float, float]:
    """Moves a second of plain sqlite3, and statements in a move."""
    path = Path(environment["TASKHUB_DATA_DIR"]) / "taskhub.sqlite3"
    copy = path.with_name("copy.sqlite3")
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    recorded = asyncio.run(record(place, count))
    return plain(str(copy), recorded), sum(map(len, recorded)) / len(recorded)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--database-url", help="an empty PostgreSQL database in place of SQLite")
    options = parser.parse_args()
    seconds, recorded = (2.0, 300) if options.quick else (8.0, 2000)
    os.sched_setaffinity(0, {cores()[1]})
    with folder(options.database_url) as environment:
        place = asyncio.run(make_place(environment, {KEY: TASKS}))
        baseline = None if options.database_url else compare(environment, place, recorded)
        print(f"Moves over HTTP, one core for the server, {TASKS} tasks, {seconds:g} s a row")
        print("| connections | moves/s | p50 ms | p99 ms | max ms | CPU ms a move | refused | of plain sqlite3 |")
        print("| ----------: | ------: | -----: | -----: | -----: | ------------: | ------: | ---------------: |")
        with serving(place) as server:
            for connections in CONNECTIONS:
                endless = moves(connections)

                def ask(_number: int, endless: Any = endless) -> bytes:
                    ref, body = next(endless)
                    return request("POST", f"/api/v1/tasks/{ref}/move", place.token, orjson.dumps(body))

                got = measure(server.port, ask, connections, seconds, cpu=server.cpu_seconds)
                refused = sum(number for status, number in got.answers.items() if status != 200)
                ratio = f"{got.rate / baseline[0]:.2f}" if baseline else "-"
                print(
                    f"| {connections:>11} | {got.rate:>7.0f} | {got.ms(0.5):>6.1f} | {got.ms(0.99):>6.1f} "
                    f"| {got.ms(1):>6.1f} | {1000 * got.cpu / len(got.latencies):>13.2f} | {refused:>7} | {ratio:>16} |"
                )
        if baseline:
            print(f"Plain sqlite3, the same {baseline[1]:.1f} statements a move: {baseline[0]:.0f} moves/s")
            print(f"To reach: {GOAL} moves/s.")


if __name__ == "__main__":
    main()
