"""The command line: what it does, and one clear line where it cannot."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from taskhub import migrations
from tests.clients import PASSWORD
from tests.command_line import TASKHUB, call_taskhub, clean_environment, run_taskhub
from tests.databases import Database, MakeDatabase
from tests.ports import free_port


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


def refused(*arguments: str, env: dict[str, str], stdin: str = "") -> str:
    """The one line that a command ends with which cannot do what it should."""
    return line_of(run_taskhub(*arguments, env=env, stdin=stdin, check=False, timeout=20))


def refused_here(*arguments: str, env: dict[str, str], stdin: str = "") -> str:
    """As `refused`, within this process."""
    return line_of(call_taskhub(*arguments, env=env, stdin=stdin, check=False))


def line_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one line."""
    assert done.returncode not in (0, None), done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return lines[0]


def create(database: Database, email: str, password: str = PASSWORD) -> None:
    call_taskhub(
        "user", "create", email, "--name", "Ada", "--password-stdin", env=database.environment, stdin=f"{password}\n"
    )


def test_accounts_and_tokens(fresh_database: Database) -> None:
    create(fresh_database, "ada@example.com")
    env = fresh_database.environment
    token = call_taskhub("token", "create", "ADA@example.com", env=env).stdout
    assert re.fullmatch(r"tht_[A-Za-z0-9_-]{43}\n", token)
    assert "ada@example.com" in refused_here(
        "user", "create", "ada@example.com", "--name", "A", "--password-stdin", env=env, stdin=PASSWORD
    )
    assert "eve@example.com" in refused(
        "user", "password", "eve@example.com", "--password-stdin", env=env, stdin=PASSWORD
    )
    assert "10 characters" in refused_here(
        "user", "password", "ada@example.com", "--password-stdin", env=env, stdin="short"
    )
    assert "name" in refused_here("token", "create", "ada@example.com", "--name", "", env=env)


def test_tokens_are_listed_and_revoked(fresh_database: Database) -> None:
    create(fresh_database, "ada@example.com")
    create(fresh_database, "eve@example.com")
    env = fresh_database.environment
    assert call_taskhub("token", "list", "ada@example.com", env=env).stdout == ""
    for name in ("laptop", "build server"):
        call_taskhub("token", "create", "ada@example.com", "--name", name, env=env)
    lines = call_taskhub("token", "list", "ADA@example.com", env=env).stdout.splitlines()
    found = [re.fullmatch(r"([0-9a-z]{16})  \d{4}-\d\d-\d\dT\S+Z  (.+)", line) for line in lines]
    assert [match[2] for match in found if match] == ["laptop", "build server"]
    laptop, server = (match[1] for match in found if match)
    # Nobody else's, nothing that is not there, and nothing that is no text.
    assert "no token" in refused_here("token", "revoke", "eve@example.com", laptop, env=env)
    for id in ("none", "\udcff", ""):
        assert "taskhub token list" in refused_here("token", "revoke", "ada@example.com", id, env=env)
    assert "nobody@example.com" in refused_here("token", "revoke", "nobody@example.com", laptop, env=env)
    assert (
        call_taskhub("token", "revoke", "ada@example.com", laptop, env=env).stdout == f"Revoked the token {laptop}.\n"
    )
    assert "no token" in refused_here("token", "revoke", "ada@example.com", laptop, env=env)
    (left,) = call_taskhub("token", "list", "ada@example.com", env=env).stdout.splitlines()
    assert left.startswith(server)


async def test_bytes_that_are_no_text_are_refused(fresh_database: Database) -> None:
    for arguments, given in (
        ([b"user", b"create", b"b@example.com", b"--name", b"\xff", b"--password-stdin"], PASSWORD.encode()),
        ([b"user", b"create", b"\xff@example.com", b"--name", b"B", b"--password-stdin"], PASSWORD.encode()),
        ([b"user", b"create", b"b@example.com", b"--name", b"B", b"--password-stdin"], b"\xff\xfe" * 10),
    ):
        done = subprocess.run(
            [*(part.encode() for part in TASKHUB), *arguments],
            env=clean_environment(fresh_database.environment),
            input=given,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode != 0
        assert done.stderr.count(b"\n") == 1, done.stderr
        assert b"Traceback" not in done.stderr


def test_a_setting_that_stops_the_start(tmp_path: Path) -> None:
    for command in ("serve", "migrate"):
        assert "TASKHUB_NOTHING" in refused(command, env={"TASKHUB_DATA_DIR": str(tmp_path), "TASKHUB_NOTHING": "1"})
    assert "TASKHUB_REDIS_URL" in refused("serve", env={"TASKHUB_REDIS_URL": "redis://localhost"})


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://u@127.0.0.1:{free_port()}/x"
    line = refused("serve", env={"TASKHUB_DATA_DIR": str(tmp_path), "TASKHUB_DATABASE_URL": url})
    assert "database" in line


def test_a_port_in_use(make_database: MakeDatabase) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused("serve", "--port", str(port), env=make_database().environment)
    assert str(port) in line
    assert "--port" in line


def test_an_address_that_is_not_ours(make_database: MakeDatabase) -> None:
    env = make_database().environment
    assert "listen" in refused("serve", "--host", "192.0.2.1", "--port", "0", env=env)


def at_revision(database: Database, revision: str) -> None:
    with sqlite3.connect(database.data_dir / "taskhub.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_another_schema_is_not_served(make_database: MakeDatabase) -> None:
    database = make_database()
    at_revision(database, "9999")
    for command in (["serve"], ["migrate"], ["token", "create", "a@b.co"]):
        line = refused(*command, env=database.environment)
        assert "newer" in line or "migrate" in line


def test_an_empty_database_wants_migrating(tmp_path: Path) -> None:
    env = {"TASKHUB_DATA_DIR": str(tmp_path / "data")}
    assert "taskhub migrate" in refused("token", "create", "a@b.co", env=env)
    assert migrations.newest() in run_taskhub("migrate", env=env).stdout
    assert "already" in run_taskhub("migrate", env=env).stdout


@pytest.mark.parametrize("content", [b"this is not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
@pytest.mark.parametrize("command", [["serve"], ["migrate"]])
def test_a_file_that_is_no_database(tmp_path: Path, command: list[str], content: bytes) -> None:
    (tmp_path / "taskhub.sqlite3").write_bytes(content)
    assert "database" in refused(*command, env={"TASKHUB_DATA_DIR": str(tmp_path)})
    assert (tmp_path / "taskhub.sqlite3").read_bytes() == content


def test_a_wrong_call_is_told_in_one_line(tmp_path: Path) -> None:
    env = {"TASKHUB_DATA_DIR": str(tmp_path)}
    assert "nothing" in refused("nothing", env=env)
    assert "--port" in refused("serve", "--port", "70000", env=env)
