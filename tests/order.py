"""The order of the files where several processes share them: those that take longest first, so that all end together.

A file is one process's, whole (`--dist loadfile`), and the queue keeps the order of the collection
(`--no-loadscope-reorder`); with the plugin's own order, by the number of tests, the few long stories come last.
"""

from __future__ import annotations

from collections import Counter

import pytest

#: Files that take longer than their number of tests says (15 to 80 s of a processor), the longest first; those of
#: tests/chaos are shared among themselves.
LONG = (
    "tests/chaos/test_kills.py",
    "tests/chaos/test_database_down.py",
    "tests/chaos/test_crowd.py",
    "tests/chaos/test_two_servers.py",
    "tests/chaos/test_workers.py",
    "tests/chaos/test_lines.py",
    "tests/chaos/test_signals.py",
    "tests/packaging/test_wheel.py",
    "tests/packaging/test_make.py",
    "tests/test_nginx.py",
    "tests/reference/test_schemathesis.py",
    "tests/live/test_access.py",
    "tests/property/test_projects.py",
    "tests/imports/test_trello.py",
    "tests/backups/test_broken.py",
    "tests/imports/test_serving.py",
    "tests/backups/test_live.py",
    "tests/people/test_registration.py",
    "tests/backups/test_moment.py",
    "tests/doctor/test_instance.py",
    "tests/notifications/test_due.py",
    "tests/notifications/test_live.py",
    "tests/demo/test_demo.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return
    gone = [name for name in LONG if not (config.rootpath / name).exists()]
    assert not gone, f"tests/order.py names files that are not there: {gone}"
    counts = Counter(_file(item) for item in items)
    ranks = {name: rank for rank, name in enumerate(LONG)}

    def place(item: pytest.Item) -> tuple[int, bool, int, str]:
        name = _file(item)
        in_browser = item.get_closest_marker("browser") is not None
        return ranks.get(name, len(LONG)), not in_browser, -counts[name], name

    items.sort(key=place)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
