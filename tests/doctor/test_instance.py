"""`taskhub doctor` on instances that are whole, and on ones that are really broken."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from taskhub import doctor
from taskhub.doctor import history, surroundings
from taskhub.doctor.model import Level, problem
from taskhub.doctor.words import en, on_wire, zh_cn
from tests.command_line import clean_environment, run_taskhub
from tests.databases import Database, MakeDatabase
from tests.doctor.conftest import MakeWhole, execute, files_of, found_in
from tests.openapi import Contract
from tests.ports import free_port
from tests.property.world import World


def test_a_whole_instance_is_well_and_stays_as_it_is(whole: MakeWhole) -> None:
    database = whole()
    before = files_of(database.data_dir)
    found = found_in(database)
    assert files_of(database.data_dir) == before
    bad = {code: each.facts for code, each in found.items() if each.level is not Level.OK}
    # The tests' PostgreSQL does not wait for the disk, which is worth a warning.
    allowed = {"configuration.no_address", "disk.little", "database.unsafe", "database.connections"}
    assert bad.keys() <= allowed, bad
    assert ("database.unsafe" in bad) == (database.kind == "postgresql")
    assert {"secret.kept", "folder.good", "database.good", "schema.good", "clock.good", "log.good"} <= found.keys()
    assert found["log.good"].facts["projects"] == 3
    assert found["log.good"].facts["events"] > 300


#: What is done to the database → what is found of it, and some of the facts.
BROKEN: dict[str, tuple[str, dict[str, object]]] = {
    "DELETE FROM events WHERE project_id = 1 AND seq IN (7, 8)": ("log.gap", {"first": 7, "last": 8}),
    "DELETE FROM events WHERE project_id = 1 AND seq = (SELECT seq FROM projects WHERE id = 1)": ("log.head", {}),
    "UPDATE projects SET seq = seq + 1 WHERE id = 2": ("log.head", {}),
    "UPDATE members SET version = 9999 WHERE project_id = 1": ("log.beyond", {"version": 9999}),
    "UPDATE tasks SET version = version - 1 WHERE project_id = 1 AND number = 3": ("log.version", {}),
    "UPDATE projects SET last_number = 1 WHERE id = 1": ("log.version", {}),
    "UPDATE tasks SET title = 'Another' WHERE project_id = 1 AND number = 2": ("log.differs", {"fields": "title"}),
    "UPDATE tasks SET comment_count = 77 WHERE project_id = 1 AND number = 2": ("log.comments", {"said": 77}),
    "UPDATE figures SET n = n + 1 WHERE kind = 'board' AND project_id = 1": ("log.figures", {"kind": "board"}),
    "DELETE FROM figures WHERE kind = 'flow' AND project_id = 2": ("log.figures", {"kind": "flow", "said": 0}),
    "UPDATE inboxes SET unread = unread + 3": ("log.unread", {}),
    "UPDATE inboxes SET seq = seq + 3": ("log.inbox", {}),
    "UPDATE events SET body = '{}' WHERE project_id = 1 AND seq = 4": ("log.event", {"seq": 4}),
    "UPDATE events SET at = '2099-01-01 00:00:00' WHERE project_id = 1": ("clock.behind", {}),
    "DROP TABLE past_states": ("schema.incomplete", {"missing": "past_states"}),
    "UPDATE alembic_version SET version_num = '0002'": ("schema.behind", {"revision": "0002"}),
    "UPDATE alembic_version SET version_num = '9999'": ("schema.newer", {"revision": "9999"}),
    "DELETE FROM alembic_version": ("schema.none", {}),
}


def test_what_is_broken_is_found(whole: MakeWhole, request: pytest.FixtureRequest) -> None:
    missed = {}
    for statement, (code, facts) in BROKEN.items():
        database = whole()
        execute(request, database, statement)
        found = found_in(database)
        told = found.get(code)
        if told is None or told.level is not Level.PROBLEM or not facts.items() <= told.facts.items():
            missed[statement] = found
        assert "log.good" not in found or code == "clock.behind", statement
    assert missed == {}


def test_much_that_is_wrong_is_told_in_few_lines(whole: MakeWhole, request: pytest.FixtureRequest) -> None:
    database = whole()
    execute(request, database, "UPDATE tasks SET title = 'Another'")
    found = found_in(database)
    assert found["log.more"].facts["code"] == "log.differs"
    assert found["log.more"].facts["count"] > history.MOST_TOLD


def test_a_deleted_task_whose_state_is_dropped_is_nothing_wrong(
    make_database: MakeDatabase, database_kind: str, contract: Contract, request: pytest.FixtureRequest
) -> None:
    database = make_database(database_kind)
    world = World(database, contract)

    def ask(method: str, path: str, body: object = None) -> Any:
        answer = world.request("ada", method, f"/api/v1/{path}", body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def codes() -> set[str]:
        return {code for code in found_in(database) if code.startswith("log.")}

    try:
        ask("POST", "projects", {"key": "WEB", "name": "Web"})
        standing, shelved, gone = [
            ask("POST", "projects/WEB/tasks", {"title": title, "state": "doing"})["ref"] for title in ("A", "B", "C")
        ]
        ask("POST", f"tasks/{shelved}/archive")
        ask("DELETE", f"tasks/{gone}")
        rest = [state for state in ask("GET", "projects/WEB/workflow")["states"] if state["id"] != "doing"]
        ask("PUT", "projects/WEB/workflow", {"states": rest, "transitions": None, "targets": {"doing": "done"}})
        assert [ask("GET", f"tasks/{ref}")["state"] for ref in (standing, shelved)] == ["done", "done"]
        assert codes() == {"log.good"}
        # What is deleted no more is held to its state again.
        assert ask("POST", f"tasks/{gone}/restore")["state"] == "todo"
        assert codes() == {"log.good"}
        execute(request, database, "UPDATE tasks SET state = 'backlog' WHERE number = 3")
        assert found_in(database)["log.differs"].facts["fields"] == "state"
    finally:
        world.close()


def test_a_database_that_is_not_there(whole: MakeWhole, make_database: MakeDatabase) -> None:
    database = whole()
    if database.kind == "sqlite":
        file = database.data_dir / "taskhub.sqlite3"
        content = bytearray(file.read_bytes())
        content[4096 * 3 : 4096 * 6] = b"\x07" * (4096 * 3)
        file.write_bytes(content)
        damaged = found_in(database)
        assert {"database.damaged", "database.unreachable"} & damaged.keys()
        assert "log.good" not in damaged
        file.unlink()
        assert "database.none" in found_in(database)
        assert not file.exists()
    else:
        gone = Database(database.kind, database.data_dir, re.sub(r":\d+/", f":{free_port()}/", database.url))
        unreachable = found_in(gone)["database.unreachable"]
        assert unreachable.level is Level.PROBLEM
        assert "schema.good" not in found_in(gone)


def test_a_server_with_too_few_connections(whole: MakeWhole) -> None:
    database = whole()
    if database.kind == "postgresql":
        answer = run_taskhub("doctor", "--json", "--offline", "--workers", "64", env=database.environment, check=False)
        found = {each["code"]: each for each in json.loads(answer.stdout)["findings"]}
        assert found["database.connections"]["level"] == "problem"
        assert answer.returncode == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestSurroundings:
    def test_the_secret_key(self, whole: MakeWhole) -> None:
        database = whole()
        key = database.data_dir / "secret.key"
        key.chmod(0o644)
        assert found_in(database)["secret.exposed"].level is Level.PROBLEM
        key.write_text("short")
        assert found_in(database)["secret.damaged"].level is Level.PROBLEM
        key.unlink()
        assert found_in(database)["secret.none"].level is Level.WARNING
        assert not key.exists()

    def test_the_data_folder(self, whole: MakeWhole) -> None:
        database = whole()
        database.data_dir.chmod(0o755)
        assert found_in(database)["folder.exposed"].level is Level.WARNING
        missing = Database("sqlite", database.data_dir / "none", "")
        assert found_in(missing)["folder.missing"].level is Level.PROBLEM
        assert not missing.data_dir.exists()

    def test_a_disk_that_is_full_or_read_only(self, whole: MakeWhole, tmp_path: Path) -> None:
        database = whole()
        unshare = shutil.which("unshare")
        if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode:
            pytest.skip("unshare is not installed, or may make no mount (Debian: apt install util-linux)")
        for options, code in (("size=16m", "disk.full"), ("size=16m,ro", "folder.readonly")):
            script = (
                'mount -t tmpfs -o size=16m none "$1" && cp -a "$2"/. "$1" && chmod 700 "$1" && '
                f'mount -o remount,{options} "$1" && shift 2 && exec "$@"'
            )
            command = (sys.executable, "-m", "taskhub", "doctor", "--json", "--offline")
            answer = subprocess.run(
                [unshare, "-rm", "sh", "-c", script, "sh", tmp_path, database.data_dir, *command],
                env=clean_environment({"TASKHUB_DATA_DIR": str(tmp_path)}),
                capture_output=True,
                text=True,
            )
            assert answer.returncode == 1, answer.stderr
            found = {each["code"]: each["level"] for each in json.loads(answer.stdout)["findings"]}
            assert found.get(code) == "problem", found

    def test_little_room_is_a_warning(self, whole: MakeWhole, monkeypatch: pytest.MonkeyPatch) -> None:
        free = shutil.disk_usage("/").free
        monkeypatch.setattr(surroundings, "LITTLE", free * 10)
        assert found_in(whole())["disk.little"].level is Level.WARNING

    def test_the_command(self, whole: MakeWhole) -> None:
        database = whole()
        good = run_taskhub("doctor", "--offline", env=database.environment)
        assert re.search(r"^ +ok  Log: \d+ events of 3 projects are whole", good.stdout, re.MULTILINE)
        assert "warning  Settings: TASKHUB_BASE_URL is not set." in good.stdout
        assert good.stderr == ""
        wrong = {**database.environment, "TASKHUB_COLOUR": "red"}
        bad = run_taskhub("doctor", "--json", "--language", "zh-CN", env=wrong, check=False)
        said = json.loads(bad.stdout)
        assert (bad.returncode, said["level"]) == (1, "problem")
        (finding,) = said["findings"]
        assert finding["code"] == "configuration.bad"
        assert "TASKHUB_COLOUR" in finding["what"]
        assert "设置" in finding["do"]
        # Nothing else runs under it.
        assert run_taskhub("serve", env=wrong, check=False).returncode == 1


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_finding_has_words_in_both_languages() -> None:
    folder = Path(os.path.dirname(doctor.__file__ or ""))
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    used = set(re.findall(r'"((?:' + "|".join(en.CHECKS) + r')\.[a-z_]+)"', source)) - {"secret.key"}
    assert used == en.FINDINGS.keys() == zh_cn.FINDINGS.keys()
    assert list(en.CHECKS) == list(zh_cn.CHECKS)
    for code, (what, todo) in en.FINDINGS.items():
        theirs = zh_cn.FINDINGS[code]
        assert (places(what), places(todo)) == (places(theirs[0]), places(theirs[1])), code
        assert bool(todo) == bool(theirs[1]), code
        assert re.search("[一-鿿]", "".join(theirs)), code


def test_what_the_system_said_in_chinese(tmp_path: Path) -> None:
    why = os.strerror(errno.EROFS)
    found = problem("folder.unreadable", path=tmp_path, why=why)
    assert why in on_wire(found, "en")["what"]
    assert on_wire(found, "zh-CN")["what"] == f"无法查看 {tmp_path}：文件系统为只读。"
    beyond = problem("log.beyond", key="WEB", what="label abc", version=9, head=8)
    assert on_wire(beyond, "zh-CN")["what"] == "WEB：标签 abc 的版本是 9，而日志到 8 为止。"
    other = problem("database.unreachable", why="something else")
    assert "something else" in on_wire(other, "zh-CN")["what"]


def test_a_finding_on_the_wire(whole: MakeWhole) -> None:
    for each in found_in(whole()).values():
        for language in ("en", "zh-CN"):
            said = on_wire(each, language)
            assert "{" not in said["what"] + said["do"]
