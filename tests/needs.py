"""Programs that tests need beside the Python packages, and what happens where one is missing.

`make test` skips with one line; `TEST_REQUIRE=all` (as in .ci/run) forbids every skip, whatever its reason.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

#: What can be required: the names of the program, and the Debian package that has it.
PROGRAMS: dict[str, tuple[tuple[str, ...], str]] = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "postgresql": (("initdb",), "postgresql"),
    "redis": (("redis-server",), "redis-server"),
    "nginx": (("nginx",), "nginx"),
    "curl": (("curl",), "curl"),
    "openssl": (("openssl",), "openssl"),
    "systemd-analyze": (("systemd-analyze",), "systemd"),
}

SKIPS_FORBIDDEN = os.environ.get("TEST_REQUIRE") == "all"


def find(what: str) -> Path | None:
    """The program's path, on the PATH and where Debian hides it; None where it is not installed."""
    names, _ = PROGRAMS[what]
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/sbin", "/usr/local/sbin"]
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True
    )
    folders += map(str, newest_first)
    for name in names:
        found = shutil.which(name, path=os.pathsep.join(folders))
        if found:
            # Debian links single programs of PostgreSQL elsewhere; their neighbours are beside the real one.
            return Path(found).resolve() if what == "postgresql" else Path(found)
    return None


def _number(text: str) -> int:
    return int(re.sub(r"\D.*", "", text) or 0)


def require(what: str) -> Path:
    """The path of one of `PROGRAMS` (of `postgresql` its initdb); skips the test without it."""
    found = find(what)
    if found is None:
        names, package = PROGRAMS[what]
        pytest.skip(f"{' or '.join(names)} is not installed (Debian: apt install {package})")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _forbid_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _forbid_skip(report)


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _forbid_skip(report: Report) -> Report:
    if SKIPS_FORBIDDEN and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"TEST_REQUIRE=all forbids skips: {reason.removeprefix('Skipped: ')}"
    return report
