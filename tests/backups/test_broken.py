"""Files that are no whole backup, and places where nothing can be written: one line, and nothing has changed."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import orjson
import pytest
import sqlalchemy as sa

from taskhub.backups.archive import opened
from taskhub.backups.commands import verify
from taskhub.backups.errors import BackupError
from tests.backups.instances import (
    Members,
    Rows,
    content,
    edit,
    make_backup,
    members,
    pack,
    restore_into,
    retell,
    tables,
)
from tests.command_line import TASKHUB, clean_environment, run_taskhub
from tests.databases import Database, MakeDatabase

Change = Callable[[Members], Members]


async def refused(path: Path) -> str:
    """The line that a file is refused with."""
    with pytest.raises(BackupError) as error:
        await verify(str(path))
    line = str(error.value)
    assert len(line) < 400
    return line


def manifest(**changes: Any) -> Change:
    def change(found: Members) -> Members:
        return {**found, "manifest.json": orjson.dumps(orjson.loads(found["manifest.json"]) | changes)}

    return change


def rows(table: str, change: Callable[[Rows], object]) -> Change:
    return lambda found: edit(found, table, change)


def raw(table: str, data: bytes) -> Change:
    return lambda found: retell({**found, f"tables/{table}.jsonl": data})


def dropped(name: str) -> Change:
    return lambda found: {other: data for other, data in found.items() if other != name}


def forgotten(found: Members) -> Members:
    told = orjson.loads(found["manifest.json"])
    del told["tables"]["labels"]
    return {**dropped("tables/labels.jsonl")(found), "manifest.json": orjson.dumps(told)}


def put(**values: Any) -> Callable[[Rows], object]:
    return lambda found: found[0].update(values)


def twice(found: Rows) -> None:
    found.append(found[0])


def same_place(found: Rows) -> None:
    first, second = [row for row in found if not row["archived"] and not row["deleted_at"]][:2]
    second.update({name: first[name] for name in ("project_id", "state", "position")})


def lose(found: Rows) -> None:
    del found[5]


WRONG: dict[str, tuple[Change, str]] = {
    "no manifest": (dropped("manifest.json"), "no backup of TaskHub"),
    "manifest is no JSON": (lambda found: {**found, "manifest.json": b"{"}, "manifest.json"),
    "manifest is a list": (lambda found: {**found, "manifest.json": b"[]"}, "manifest.json"),
    "manifest is huge": (lambda found: {**found, "manifest.json": b" " * 2_000_000}, "too large"),
    "manifest of another program": (manifest(format="other"), "manifest.json: format"),
    "manifest lacks the tables": (manifest(tables=None), "manifest.json: tables"),
    "newer format": (manifest(version=2, taskhub="9.9.9"), r"newer TaskHub \(9.9.9\)"),
    "newer revision": (manifest(revision="9999", taskhub="9.9.9"), r"newer TaskHub \(9.9.9, revision 9999\)"),
    "table is missing": (dropped("tables/tasks.jsonl"), "tables/tasks.jsonl"),
    "table is in neither": (forgotten, "labels"),
    "something strange": (lambda found: {**found, "tables/strange.jsonl": b""}, "strange"),
    "something outside": (lambda found: {**found, "../../etc/passwd": b""}, "passwd"),
    "other rows than told": (lambda found: {**found, "tables/labels.jsonl": b""}, "tables/labels.jsonl"),
    "more rows than told": (
        lambda found: {**found, "tables/labels.jsonl": found["tables/labels.jsonl"] + b"{}\n" * 9},
        "tables/labels.jsonl",
    ),
    "line is no JSON": (raw("labels", b"{\n"), "labels.jsonl: line 1"),
    "line is no object": (raw("labels", b"[1]\n"), "no JSON object"),
    "line nests": (raw("labels", b"[" * 100_000 + b"\n"), "labels.jsonl: line 1"),
    "line has no end": (raw("labels", b"{}"), "line 1"),
    "line has other columns": (rows("labels", put(strange=1)), "other columns than the table: strange"),
    "text is a number": (rows("labels", put(name=7)), "name: it is no text"),
    "text is too long": (rows("labels", put(name="x" * 51)), "longer than 50"),
    "text has a NUL": (rows("labels", put(name="\0")), "NUL"),
    "text is missing": (rows("labels", put(name=None)), "name: it is no text"),
    "number is too large": (rows("tasks", put(comment_count=2**31)), "comment_count"),
    "number is a flag": (rows("tasks", put(comment_count=True)), "comment_count"),
    "flag is a number": (rows("tasks", put(archived=1)), "archived"),
    "moment is none": (rows("tasks", put(created_at="soon")), "created_at"),
    "moment has no zone": (rows("tasks", put(created_at="2026-11-21T09:00:00")), "time zone"),
    "row is there twice": (rows("labels", twice), "UNIQUE"),
    "two tasks at one place": (rows("tasks", same_place), "UNIQUE"),
    "refers to nobody": (rows("members", put(user_id="nobody")), "refers to nothing in users"),
    "log has a gap": (rows("events", lose), "the log of"),
    "log is longer": (rows("projects", put(seq=1)), "the log of"),
    "log has no end": (rows("events", list.pop), "the log of"),
    "log is gone": (rows("events", list.clear), "the log of"),
    "event is another": (rows("events", put(body='{"seq": 7, "type": "x"}')), "event 1 of"),
    "event is no JSON": (rows("events", put(body="{")), "event 1 of"),
    "task of another version": (rows("tasks", put(version=1)), "is of version 1"),
    "label beyond the log": (rows("labels", put(version=10_000)), "of version 10000"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_no_whole_backup_is_refused(what: str, demo_backup: Path, tmp_path: Path) -> None:
    change, words = WRONG[what]
    path = pack(tmp_path / "it.zip", change(members(demo_backup)))
    with pytest.raises(BackupError, match=words):
        await verify(str(path))


async def test_a_backup_that_was_packed_anew_is_as_good(demo_backup: Path, tmp_path: Path) -> None:
    path = pack(tmp_path / "it.zip", retell(members(demo_backup)))
    assert (await verify(str(path))).counts["projects"] == 3


async def test_a_log_may_begin_late(demo_backup: Path, tmp_path: Path) -> None:
    def begin_late(found: Rows) -> None:
        found[:] = [row for row in found if row["seq"] > 20]

    whole = members(demo_backup)
    heads = [orjson.loads(line)["seq"] for line in whole["tables/projects.jsonl"].splitlines()]
    assert min(heads) > 20
    path = pack(tmp_path / "it.zip", edit(whole, "events", begin_late))
    assert (await verify(str(path))).counts["events"] == sum(heads) - 20 * len(heads)


async def test_every_cut_and_every_flipped_bit_shows(demo_backup: Path, tmp_path: Path) -> None:
    data, path = demo_backup.read_bytes(), tmp_path / "it.zip"
    whole = members(demo_backup)

    def read() -> None:
        with opened(path, "it.zip") as archive:
            archive.read_back()

    for part in range(100):
        path.write_bytes(data[: len(data) * part // 100])
        with pytest.raises(BackupError):
            read()
    unseen = 0
    for part in range(200):
        at = len(data) * part // 200
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << part % 8]) + data[at + 1 :])
        with contextlib.suppress(BackupError):
            read()
            # What does not show changes nothing: the time of a member, say.
            unseen += 1
            assert members(path) == whole
    assert unseen < 20


async def test_a_bomb_is_refused_before_it_bursts(demo_backup: Path, tmp_path: Path) -> None:
    found = members(demo_backup)
    row = found["tables/labels.jsonl"].splitlines(keepends=True)[0]
    honest = retell({**found, "tables/labels.jsonl": row * 400_000})
    assert "200 times its size" in await refused(pack(tmp_path / "honest.zip", honest))
    lying = {**found, "tables/labels.jsonl": row * 400_000}
    assert "cut or too long at line" in await refused(pack(tmp_path / "lying.zip", lying))
    one_line = retell({**found, "tables/labels.jsonl": os.urandom(20_000_000).replace(b"\n", b"") + b"\n"})
    assert "cut or too long at line 1" in await refused(pack(tmp_path / "line.zip", one_line))


async def test_two_members_of_one_name(demo_backup: Path, tmp_path: Path) -> None:
    path = pack(tmp_path / "it.zip", members(demo_backup))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("tables/labels.jsonl", b"")
    assert "twice" in await refused(path)


async def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive")
    (tmp_path / "empty").touch()
    assert "no whole ZIP archive" in await refused(tmp_path / "text")
    assert "no whole ZIP archive" in await refused(tmp_path / "empty")
    assert "No such file" in await refused(tmp_path / "nothing")
    assert "Is a directory" in await refused(tmp_path)


async def test_a_restore_that_fails_in_the_middle_has_done_nothing(fresh_database: Database, demo_backup: Path) -> None:
    await restore_into(fresh_database, demo_backup)
    before = await content(fresh_database)
    refusal = {
        "sqlite": ["CREATE TRIGGER no BEFORE INSERT ON comments BEGIN SELECT RAISE(ABORT, 'refused'); END"],
        "postgresql": [
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
            "CREATE TRIGGER no BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION no()",
        ],
    }[fresh_database.kind]
    async with tables(fresh_database) as db, db.write() as session:
        for statement in refusal:
            await session.execute(sa.text(statement))
    done = run_taskhub("restore", str(demo_backup), "--replace", env=fresh_database.environment, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "refused" in done.stderr
    assert await content(fresh_database) == before
    assert [path for path in fresh_database.data_dir.iterdir() if "zip" in path.name] == []


async def test_a_database_that_does_not_fit_together_is_backed_up_and_told_of(
    make_database: MakeDatabase, demo_backup: Path, tmp_path: Path
) -> None:
    database = make_database("sqlite")
    await restore_into(database, demo_backup)
    async with tables(database) as db, db.write() as session:
        await session.execute(sa.text("DELETE FROM events WHERE project_id = 1 AND seq = 3"))
    path = tmp_path / "it.zip"
    with pytest.raises(BackupError, match=r"it.zip shows what the database holds, .* the log of"):
        await make_backup(database, path)
    assert members(path)["tables/tasks.jsonl"] == members(demo_backup)["tables/tasks.jsonl"]


def run(
    *arguments: str,
    database: Database,
    folder: Path,
    most: int | None = None,
    stdin: bytes = b"",
    stdout: int | IO[bytes] = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    """`taskhub ARGUMENTS` with a temporary folder of its own, and files of `most` bytes at most."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [*TASKHUB, *arguments],
        env=clean_environment(database.environment) | {"TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=limit,
        timeout=60,
    )
    assert done.stderr.count(b"\n") <= 1, done.stderr.decode()
    assert list(folder.iterdir()) == []
    return done


async def test_a_full_disk(demo_backup: Path, tmp_path: Path, make_database: MakeDatabase) -> None:
    database, target, folder = make_database("sqlite"), tmp_path / "target", tmp_path / "tmp"
    target.mkdir()
    await restore_into(database, demo_backup)
    async with tables(database) as db, db.write() as session:
        await session.execute(sa.text("UPDATE tasks SET description = hex(randomblob(10000))"))
    # In turn the empty scratch database, the archive, and the full scratch database are larger than a file may be.
    for most, words in ((100_000, f"in {folder}"), (600_000, f"write {target}/it.zip"), (1_200_000, f"in {folder}")):
        done = run("backup", f"{target}/it.zip", database=database, folder=folder, most=most)
        assert done.returncode == 1
        assert words in done.stderr.decode()
        assert list(target.iterdir()) == []
    with Path("/dev/full").open("wb") as full:
        done = run("backup", "-", database=database, folder=folder, stdout=full)
    assert (done.returncode, done.stderr) == (1, b"taskhub: Can't write standard output: No space left on device.\n")


@pytest.mark.parametrize(
    ("target", "words"),
    [("/dev/full", "no file"), (".", "no file"), ("nowhere/it.zip", "no folder"), ("/proc/it", "write")],
)
async def test_places_where_nothing_can_be_written(demo: Database, tmp_path: Path, target: str, words: str) -> None:
    with pytest.raises(BackupError, match=words):
        await make_backup(demo, tmp_path / target)


def test_through_pipes(demo: Database, tmp_path: Path, make_database: MakeDatabase) -> None:
    folder, fresh = tmp_path / "tmp", make_database("sqlite")
    made = run("backup", "-", database=demo, folder=folder)
    assert made.returncode == 0
    assert b"standard output" in made.stderr
    done = run("restore", "-", database=fresh, folder=folder, stdin=made.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"3 projects" in done.stdout
    assert b"standard input" in run("restore", "-", database=fresh, folder=folder).stderr


def test_who_is_stopped_leaves_nothing_behind(tmp_path: Path, make_database: MakeDatabase) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from taskhub.cli import main; print('here', flush=True); main()", "restore", "-"],
        env=clean_environment(make_database("sqlite").environment) | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    process.stdin.write(b"x" * 3_000_000)
    process.stdin.flush()
    # All of that but what a pipe holds has been read, and so written.
    assert list(tmp_path.iterdir()) != []
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.strip()) == (130, b"taskhub: Stopped.")
    assert list(tmp_path.iterdir()) == []
