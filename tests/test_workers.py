"""`taskhub serve --workers N`: what several processes share, and what is divided among them."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from taskhub.postgres import connections
from tests.clients import anonymous_client
from tests.command_line import run_taskhub
from tests.databases import Database, MakeDatabase
from tests.serving import Serve, Server


@pytest.fixture(scope="module")
def database_kind() -> str:
    """What tells the databases apart is tried under kills, in tests/chaos/test_workers.py."""
    return "sqlite"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def pair(serve: Serve, database: Database, temporary: Path) -> Server:
    """A server with two workers, by its environment."""
    server = serve(database, env={"TASKHUB_WORKERS": "2", "TASKHUB_ACCESS_LOG": "0", "TMPDIR": str(temporary)})
    assert len(server.workers()) == 2
    return server


@pytest.mark.parametrize("processes", [1, 2, 3, 4, 8, 12])
def test_a_postgresql_as_it_comes_has_enough_connections_for_all(processes: int) -> None:
    assert connections(processes) >= 6
    # Of 100 some are left for commands and for whoever looks after the database.
    assert processes * connections(processes) <= 72


def test_a_number_of_workers_that_is_none(make_database: MakeDatabase) -> None:
    done = run_taskhub("serve", "--workers", "0", env=make_database().environment, check=False, timeout=20)
    assert done.returncode == 2
    assert re.fullmatch(r"taskhub: .*--workers.*\n", done.stderr)


async def test_wrong_passwords_count_for_all_processes(pair: Server) -> None:
    async with anonymous_client(pair) as client:
        # A connection for each, so that both processes are asked.
        client.headers["Connection"] = "close"
        wrong = {"email": "ada@example.com", "password": "not the password"}
        answers = await asyncio.gather(*(client.post("/api/v1/auth/login", json=wrong) for _ in range(24)))
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 14}


def test_what_a_killed_supervisor_leaves_is_removed_by_the_next_and_no_access_was_logged(
    pair: Server, temporary: Path
) -> None:
    (left,) = temporary.iterdir()
    # It only looks like one: nobody knows whose it is.
    (temporary / "taskhub-metrics-link").symlink_to(temporary.parent)
    workers = pair.workers()
    pair.kill()
    deadline = time.monotonic() + 30
    # They end by themselves; until then the folder is theirs.
    while any(Path(f"/proc/{pid}/exe").exists() for pid in workers):
        assert time.monotonic() < deadline, "the workers live on"
        time.sleep(0.01)
    pair.start()
    link, own = sorted(temporary.iterdir(), key=lambda path: not path.is_symlink())
    assert (link.name, own == left) == ("taskhub-metrics-link", False)
    pair.stop()
    assert list(temporary.iterdir()) == [link]
    # Whatever was asked of it, from the first test on.
    assert "taskhub.access" not in pair.log()
