"""`make` on a machine that lacks something: one clear line on standard error and a failing exit status."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
NEEDED = ("Makefile", "pyproject.toml", "requirements", "tools", "static/build_ui.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what `make` reads before it has installed anything."""
    for name in NEEDED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def make_run(checkout: Path, *variables: str, **environment: str) -> str:
    """Run `make run`, which must fail; the one line it says, without make's own last word."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_"))}
    done = subprocess.run(
        ["make", "run", *variables],
        cwd=checkout,
        env={**inherited, "PYTHON": sys.executable, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_port_in_use_is_said_before_anything_is_installed(checkout: Path, taken_port: int) -> None:
    line = make_run(checkout, f"PORT={taken_port}")
    assert line.startswith(f"Port {taken_port} is in use")
    assert "make run PORT=" in line
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("port", ["http", "70000", "0", "-1", "٣"])
def test_a_port_that_is_none(checkout: Path, port: str) -> None:
    assert "PORT" in make_run(checkout, f"PORT={port}")


def test_no_python_that_is_new_enough(checkout: Path) -> None:
    line = make_run(checkout, PYTHON="/bin/false")
    assert line.startswith("TaskHub needs Python 3.11 or newer")


def test_a_python_without_ensurepip(checkout: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare-python"
    # Debian's python3 has no ensurepip as long as python3-venv is not installed.
    forget = 'import runpy, sys; sys.modules["ensurepip"] = None; sys.argv = sys.argv[1:]'
    bare.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = -c ] && exec {sys.executable} "$@"\n'
        f'exec {sys.executable} -c \'{forget}; runpy.run_path(sys.argv[0], run_name="__main__")\' "$@"\n'
    )
    bare.chmod(0o755)
    line = make_run(checkout, f"PORT={free_port()}", PYTHON=str(bare))
    assert "has no ensurepip" in line
    assert "apt install python3" in line


def test_no_network(checkout: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    line = make_run(
        checkout,
        f"PORT={free_port()}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=nowhere,
        PIP_RETRIES="1",
        PIP_NO_CACHE_DIR="1",
    )
    assert line.startswith("The dependencies could not be installed: pip cannot reach its package index")


def test_no_index_at_all(checkout: Path) -> None:
    line = make_run(checkout, f"PORT={free_port()}", PIP_CONFIG_FILE=os.devnull, PIP_NO_INDEX="1")
    assert line.startswith("The dependencies could not be installed: pip finds no ")


def test_a_package_that_is_not_the_locked_one(checkout: Path) -> None:
    wheelhouse = checkout / "wheels"
    wheelhouse.mkdir()
    (checkout / "requirements" / "run.txt").write_text(f"taskhub-fake==1.0 --hash=sha256:{'0' * 64}\n")
    (checkout / "requirements" / "build.txt").write_text("")
    (wheelhouse / "taskhub_fake-1.0-py3-none-any.whl").write_bytes(b"not what was locked")
    line = make_run(
        checkout,
        f"PORT={free_port()}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(wheelhouse),
    )
    assert "wrong hash" in line
