"""Figures that tests leave below the run, also where several processes share the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_NAME = "figures"

Report = Callable[[str], None]


@pytest.fixture
def report(record_property: Callable[[str, object], None], database_kind: str) -> Report:
    """`report("10 kills, …")` puts a line of figures below the run."""

    def add(line: str) -> None:
        record_property(_NAME, f"{database_kind} {line}")

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    lines = [
        f"{report.nodeid.partition('::')[0]}: {value}"
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == _NAME
    ]
    if lines:
        terminalreporter.section("figures")
        # Each part of a test's run tells them again.
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)
