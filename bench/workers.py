"""Several processes: `python -m bench.workers [--quick] [--workers 1 2] [--database-url URL]`.

A real `taskhub serve --workers N` on all cores, and beside it one process with connections that each ask as soon as
they are answered, which takes its part of the same cores. Reads of a board of 100 tasks that stays as it is, and of one
while cards are moved; moves in one project and in four. On PostgreSQL its own processes take their part, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
from collections.abc import Callable, Iterator

import orjson

from bench.board import SMALL, move_often
from bench.instance import STATES, Place, Server, folder, make_place, serving
from bench.requests import Ask, measure, request

PROJECTS = (SMALL[0], "SECOND", "THIRD", "FOURTH")
CONNECTIONS = 32


def moves(place: Place, projects: tuple[str, ...]) -> Ask:
    def endless() -> Iterator[bytes]:
        chance = random.Random(1)
        while True:
            ref = f"{chance.choice(projects)}-{chance.randint(1, SMALL[1])}"
            body = orjson.dumps({"state": chance.choice(STATES)})
            yield request("POST", f"/api/v1/tasks/{ref}/move", place.token, body)

    messages = endless()
    return lambda _: next(messages)


def rows(server: Server, place: Place, workers: int, seconds: float) -> None:
    board = request("GET", f"/api/v1/projects/{SMALL[0]}/board", place.token)
    kinds: tuple[tuple[str, Ask, Callable[[], object] | None], ...] = (
        ("board reads", lambda _: board, None),
        ("board reads, 20 moves/s", lambda _: board, lambda: move_often(server.port, place)),
        ("moves in one project", moves(place, PROJECTS[:1]), None),
        ("moves in four projects", moves(place, PROJECTS), None),
    )
    for name, ask, beside in kinds:
        got = measure(
            server.port,
            ask,
            CONNECTIONS,
            seconds,
            cpu=server.cpu_seconds,
            beside=beside() if beside else None,  # type: ignore[arg-type]
            # What comes all at once, the process that wakes first may take alone.
            gap=0.01,
        )
        errors = sum(number for status, number in got.answers.items() if status != 200)
        print(
            f"| {workers:>7} | {name:<23} | {got.rate:>8.0f} | {got.ms(0.5):>6.1f} | {got.ms(0.99):>6.1f} "
            f"| {1000 * got.cpu / len(got.latencies):>6.2f} | {errors:>6} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2], metavar="N")
    parser.add_argument("--database-url", help="an empty PostgreSQL database in place of SQLite")
    options = parser.parse_args()
    cores = os.sched_getaffinity(0)
    with folder(options.database_url) as environment:
        place = asyncio.run(make_place(environment, dict.fromkeys(PROJECTS, SMALL[1])))
        print(f"{CONNECTIONS} connections, {len(cores)} cores for all")
        print("| workers | what                    | each sec | p50 ms | p99 ms | CPU ms | errors |")
        print("| ------: | ----------------------- | -------: | -----: | -----: | -----: | -----: |")
        for workers in options.workers:
            with serving(place, workers, cores) as server:
                rows(server, place, workers, 2.0 if options.quick else 6.0)


if __name__ == "__main__":
    main()
