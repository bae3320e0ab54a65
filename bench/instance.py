"""A TaskHub for benchmarks: a real `taskhub serve` on one core, and a project with tasks in it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from fractional_indexing import generate_n_keys_between

from taskhub.app import PROJECTIONS
from taskhub.command import Caller, Commands
from taskhub.config import Settings
from taskhub.db import Database
from taskhub.people.commands import create_token, create_user
from taskhub.projects.commands import create
from taskhub.projects.model import Role
from taskhub.tasks.commands import record_created, write_created
from taskhub.unit import Unit
from taskhub.workflow.commands import write_first
from taskhub.workflow.templates import TEMPLATES

PASSWORD = "a password of some length"
STATES = ("backlog", "todo", "doing", "done")


@dataclass(frozen=True)
class Place:
    """A database with projects, for somebody whose bearer token is given."""

    environment: dict[str, str]
    token: str
    user_id: str

    @property
    def settings(self) -> Settings:
        return Settings.from_environ(self.environment)


async def make_place(environment: dict[str, str], projects: dict[str, int]) -> Place:
    """Make projects by KEY with so many tasks in an empty database."""
    from taskhub import migrations

    settings = Settings.from_environ(environment)
    await migrations.ensure(settings)
    db = Database(settings.url)
    commands = Commands(db, projections=PROJECTIONS)
    user = await create_user(commands, email="bench@example.com", name="Bench", password=PASSWORD)
    caller = Caller(user)
    for key, count in projects.items():

        async def first(unit: Unit) -> None:
            await write_first(unit, TEMPLATES["simple"])

        await create(commands, caller, key=key, name=key.title(), enforced=False, first=first)

        async def fill(unit: Unit, count: int = count) -> None:
            positions = generate_n_keys_between(None, None, count)
            await write_created(
                unit,
                [
                    record_created(
                        unit,
                        {
                            "title": f"Task {number} of the benchmark, with a title of usual length",
                            "description": "- [x] measure\n- [ ] compare\n" if number % 4 == 0 else "",
                            "state": STATES[number % len(STATES)],
                            "assignees": [user.id] if number % 2 else [],
                        },
                        position=position,
                    )
                    for number, position in enumerate(positions)
                ],
            )

        await commands.on_project(caller, key, Role.MEMBER, "write tasks", fill)
    token = await create_token(commands, email="bench@example.com", name="bench")
    await db.close()
    return Place(environment, token, user.id)


@dataclass
class Server:
    """A running `taskhub serve`."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time it has used so far, all threads and workers together."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(map(_cpu_seconds, (str(self.pid), *workers)))


def _cpu_seconds(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cores() -> tuple[int, int]:
    """The core for the server and the one for who asks; the same where there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[-1]


@contextlib.contextmanager
def serving(place: Place, workers: int = 1, on: Collection[int] | None = None) -> Iterator[Server]:
    """The server, `on` these cores; on the first alone unless told otherwise."""
    chosen = on or {cores()[0]}
    # What it logs of each request is kept from what the benchmark says.
    log = Path(place.environment["TASKHUB_DATA_DIR"]) / "server.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "taskhub", "serve", "--port", "0", "--workers", str(workers)],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("TASKHUB_")}, **place.environment}
        | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=log.open("wb"),
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"taskhub serve did not start:\n{log.read_text()}")
        yield Server(int(line.split(" with ")[0].split(" (")[0].rpartition(":")[2]), process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def folder(database_url: str | None) -> Iterator[dict[str, str]]:
    """The settings of an empty instance in a temporary folder, or on the given, empty PostgreSQL database."""
    with tempfile.TemporaryDirectory(prefix="taskhub-bench-") as path:
        environment = {"TASKHUB_DATA_DIR": path}
        if database_url is not None:
            environment["TASKHUB_DATABASE_URL"] = database_url
        yield environment
