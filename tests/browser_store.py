"""The browser's own store, static/src/store, built once and run in Node.js: what Chromium would make of the events."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.store import Board, Event, in_order

_LOOP = """
import { createInterface } from "node:readline";
const { follow } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(follow(line) + "\\n");
"""

#: `{"events": […]}`, `{"snapshot": …}` or `{"task": …}` (as an HTTP answer brought it).
Step = Mapping[str, Any]


@dataclass(frozen=True)
class Followed:
    """Where a course ends. `columns` has the references of each state in the order they are shown."""

    board: Board
    columns: dict[str, list[str]]
    deleted: bool


class BrowserStore:
    """A Node.js that answers one course after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def follow(self, snapshot: Board, *steps: Step) -> Followed:
        """What the store has after it began with `snapshot` and took each step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"snapshot": snapshot, "steps": steps}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the browser's store broke off; its words are above"
        found = json.loads(answer)
        return Followed(in_order(found["board"]), found["columns"], found["deleted"])

    def after(self, snapshot: Board, events: Sequence[Event]) -> Followed:
        """What the store has after `snapshot` and `events`."""
        return self.follow(snapshot, {"events": events})


def columns(board: Board) -> dict[str, list[str]]:
    """The references of each state as the snapshot orders them."""
    found: dict[str, list[str]] = {state["id"]: [] for state in board["workflow"]["states"]}
    for task in board["tasks"]:
        found[task["state"]].append(task["ref"])
    return found


def _node() -> str:
    # tools/prepare.py puts one beside Python where the PATH has none that is new enough.
    folders = [str(Path(sys.executable).parent), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
    found = shutil.which("node", path=os.pathsep.join(folders))
    assert found is not None
    return found


@pytest.fixture(scope="session")
def browser_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserStore]:
    """The browser's own store in Node.js, with Vite's build of it."""
    built = tmp_path_factory.mktemp("browser-store")
    vite = ["vite", "build", "--ssr", "tests/follow.ts", "--outDir", str(built), "--logLevel", "warn"]
    npm = [sys.executable, "tools/prepare.py", "npm", "exec", "--", *vite]
    done = subprocess.run(npm, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # Outside static/ nothing says that it is a module.
    script = shutil.copy(built / "follow.js", built / "follow.mjs")
    process = subprocess.Popen(
        [_node(), "--input-type=module", "--eval", _LOOP, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield BrowserStore(process)
        assert process.stdin is not None
        process.stdin.close()
