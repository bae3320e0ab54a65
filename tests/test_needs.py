"""The ban on skips that .ci/run relies on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = {
    "in a test": "import pytest\ndef test_it(): pytest.skip('no such program')\n",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no such program')\ndef test_it(): pass\n",
    "in a fixture": (
        "import pytest\n@pytest.fixture\ndef program(): pytest.skip('no such program')\ndef test_it(program): pass\n"
    ),
    "a whole module": "import pytest\npytest.skip('no such program', allow_module_level=True)\n",
}


def run_suite(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(source)
    inherited = {name: value for name, value in os.environ.items() if name != "TEST_REQUIRE"}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.needs",
            "-ra",
            "--rootdir",
            folder,
            "-c",
            os.devnull,
            folder,
        ],
        cwd=Path(__file__).parents[1],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skip_fails_the_run_where_skips_are_forbidden(tmp_path: Path, source: str) -> None:
    done = run_suite(tmp_path, source, TEST_REQUIRE="all")
    assert done.returncode not in (0, 5), done.stdout
    assert "TEST_REQUIRE=all forbids skips: no such program" in done.stdout


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skip_is_one_line_elsewhere(tmp_path: Path, source: str) -> None:
    done = run_suite(tmp_path, source)
    assert done.returncode in (0, 5), done.stdout
    assert done.stdout.count("no such program") == 1


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    source = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it(): assert False\n"
    assert run_suite(tmp_path, source, TEST_REQUIRE="all").returncode == 0
