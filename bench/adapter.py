"""Flask on the event loop beside what else there is: `python -m bench.adapter [--quick] [--only VIEW] [--out FILE]`.

One server process of each side, all on one core, only one of them under load at a time; the load generator on
another core. Five rounds, interleaved: each asks every side in turn. The table has the median of the rounds. Writes
bench/results/adapter.md, unless --quick.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.adapter_apps import SIDES

VIEWS = ("hello", "query", "stream")
CONNECTIONS = (1, 32, 256)
OURS, GOAL = "ours", "Quart"
RESULTS = Path(__file__).parent / "results" / "adapter.md"

Figures = dict[tuple[str, int, str], dict[str, float]]


def make_database(folder: str) -> str:
    path = str(Path(folder) / "bench.sqlite")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE task (number INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        connection.executemany("INSERT INTO task VALUES (?, ?)", [(n, f"Task {n}") for n in range(1, 101)])
    return path


@dataclass
class Server:
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(side: str, core: str, database: str, stack: ExitStack) -> Server:
    command = [sys.executable, "-m", "bench.adapter_apps", side, core, database]
    process = stack.enter_context(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    )
    stack.callback(process.kill)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"The server of {side!r} did not start.")
    return Server(int(line), process.pid)


def load(server: Server, view: str, connections: int, seconds: float, core: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.load", str(server.port), f"/{view}", str(connections), str(seconds), core]
    before = server.cpu_seconds()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"The load generator failed: {ended.stderr}")
    figures: dict[str, float] = json.loads(ended.stdout)
    return figures | {"cpu": server.cpu_seconds() - before}


def run(rounds: int, seconds: float, views: tuple[str, ...], sides: tuple[str, ...]) -> Figures:
    cores = sorted(os.sched_getaffinity(0))
    server_core, load_core = (str(cores[0]), str(cores[-1])) if len(cores) > 1 else ("any", "any")
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = make_database(folder)
        servers = {side: start(side, server_core, database, stack) for side in sides}
        for view in views:
            for connections in CONNECTIONS:
                taken: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
                for _ in range(rounds):
                    for side in sides:
                        taken[side].append(load(servers[side], view, connections, seconds, load_core))
                for side in sides:
                    figures[view, connections, side] = summed_up(taken[side])
                print("\n".join(rows({key: figures[key] for key in figures if key[:2] == (view, connections)})))
    return figures


def summed_up(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {
        "rate": statistics.median(r["requests"] / r["seconds"] for r in rounds),
        "p99": statistics.median(r["p99"] for r in rounds),
        "cpu": 1e6 * statistics.median(r["cpu"] / (r["answered"] or 1) for r in rounds),
        "errors": sum(r["errors"] for r in rounds),
        "requests": sum(r["requests"] for r in rounds),
    }


def rows(figures: Figures) -> list[str]:
    lines = []
    for (view, connections, side), got in figures.items():
        goal = figures.get((view, connections, GOAL))
        ratio = f"{got['rate'] / goal['rate']:.2f}" if goal and goal["rate"] else "-"
        lines.append(
            f"| {view:<6} | {connections:>11} | {side:<10} | {got['rate']:>10,.0f} | {got['p99']:>9.2f} "
            f"| {got['cpu']:>6.0f} | {got['errors']:>6.0f} | {ratio:>8} |"
        )
    return lines


HEAD = [
    "| view   | connections | side       | requests/s |    p99 ms | CPU µs | errors | of Quart |",
    "| ------ | ----------: | ---------- | ---------: | --------: | -----: | -----: | -------: |",
]


def report(figures: Figures, rounds: int, seconds: float) -> str:
    cores = len(os.sched_getaffinity(0))
    pinned = "the servers on one core, the load generator on another" if cores > 1 else "one core for both"
    packages = ", ".join(f"{p} {version(p)}" for p in ("Flask", "Quart", "asgiref", "uvicorn", "greenlet"))
    missed = [
        f"{view} at {connections}"
        for (view, connections, side), got in figures.items()
        if side == OURS and (got["errors"] or got["rate"] < 0.95 * figures[view, connections, GOAL]["rate"])
    ]
    met = f"Missed at: {', '.join(missed)}." if missed else "Reached on every row."
    return "\n".join(
        [
            "# Flask on the event loop: throughput",
            "",
            f"{datetime.date.today()}, {cores} cores ({pinned}), {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, {packages}.",
            f"Median of {rounds} interleaved rounds of {seconds:g} s; errors are those of all rounds. "
            "CPU µs: the server's processor time for one answer. Made by `python -m bench.adapter`.",
            "",
            "`hello`: a line of text. `query`: one row from SQLite through an SQLAlchemy AsyncSession. `stream`: 32",
            "pieces of 1 KiB from an asynchronous generator (a synchronous one for WsgiToAsgi, which has no other).",
            "",
            f"To reach: no errors, and 0.95 of Quart. {met}",
            "",
            *HEAD,
            *rows(figures),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round; writes no file")
    parser.add_argument("--only", choices=VIEWS, action="append", help="measure this view (repeatable)")
    parser.add_argument("--side", choices=SIDES, action="append", help="measure this side (repeatable)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the table is written")
    options = parser.parse_args()
    rounds, seconds = (1, 1.0) if options.quick else (5, 2.0)
    print("\n".join(HEAD))
    figures = run(rounds, seconds, tuple(options.only or VIEWS), tuple(options.side or SIDES))
    if not options.quick and not options.only and not options.side:
        options.out.parent.mkdir(exist_ok=True)
        options.out.write_text(report(figures, rounds, seconds))


if __name__ == "__main__":
    main()
