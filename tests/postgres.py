"""A private PostgreSQL for the session: own cluster in a temporary folder, own port on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from taskhub.db import Database
from tests.needs import require
from tests.ports import free_port

START_DEADLINE = 60.0


#: No test outlives the machine, so nothing needs to reach the disk.
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_IMMEDIATE, _FAST_STOP = signal.SIGQUIT, signal.SIGINT


class PostgresServer:
    """A cluster in `folder`. `create` copies a template into a new database, which takes some 30 ms."""

    def __init__(self, folder: Path, programs: Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self._folder = folder
        self._programs = programs
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)

    def start(self) -> None:
        """Start on the same port and data as ever; returns when it answers."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self.port), *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                **_account(),
            )
        deadline = time.monotonic() + START_DEADLINE
        while True:
            try:
                self.execute("SELECT 1")
                return
            except (OSError, asyncpg.PostgresError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text()
                    raise RuntimeError(f"PostgreSQL did not start: {error}\n{log}") from None
                time.sleep(0.05)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it, whoever is connected; `immediate` is without any order, as by a crash."""
        if self._process is not None:
            self._process.send_signal(_IMMEDIATE if immediate else _FAST_STOP)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def url(self, database: str, driver: str = "postgresql+asyncpg") -> str:
        """The SQLAlchemy address of `database`."""
        return f"{driver}://taskhub@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a database as a copy of `template` (which nobody may be connected to); its name."""
        name = f"test_{next(self._names)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside any transaction."""
        # In a thread of its own: the caller may be inside a running event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._execute(statement, database)).result()

    async def _execute(self, statement: str, database: str) -> None:
        connection = await asyncpg.connect(self.url(database, driver="postgresql"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _account() -> dict[str, Any]:
    """Arguments of `subprocess` that leave root, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


def _locale(initdb: Path) -> list[str]:
    """A collation of human language where this PostgreSQL has one, so that a forgotten COLLATE "C" shows."""
    version = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", version)
    if found and int(found.group(1)) >= 15:
        return ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
    return ["--locale=C"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL; tests that need it are skipped where the programs are missing."""
    with run_postgres(_FAST) as server:
        yield server


@contextlib.contextmanager
def run_postgres(settings: Mapping[str, str]) -> Iterator[PostgresServer]:
    """A cluster of its own under these settings; skips the test where the programs are missing."""
    initdb = require("postgresql")
    account = _account()
    # Not below pytest's own folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix="taskhub-postgres-"))
    everywhere = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "300"}
    server = PostgresServer(folder, initdb.parent, {**everywhere, **settings})
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        made = subprocess.run(
            [
                initdb,
                "-D",
                folder / "data",
                "-U",
                "taskhub",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                *_locale(initdb),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            **account,
        )
        assert made.returncode == 0, f"initdb failed:\n{made.stdout}{made.stderr}"
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def somebody_waits(db: Database) -> None:
    """Until a transaction of this PostgreSQL database waits for another."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database())"
    )
    async with asyncio.timeout(30):
        while True:
            async with db.read() as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
