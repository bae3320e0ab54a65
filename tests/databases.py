"""Fresh, migrated databases: a SQLite file or a database of the session's private PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from tests.command_line import call_taskhub
from tests.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """One instance's storage. `data_dir` is its own also where the tables are in PostgreSQL."""

    __test__: ClassVar = False  # under an alias such as TestDatabase pytest would take it for tests

    kind: str
    data_dir: Path
    url: str
    """The SQLAlchemy address, with its async driver."""

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which `taskhub` uses it."""
        environment = {"TASKHUB_DATA_DIR": str(self.data_dir)}
        if self.kind == "postgresql":
            environment["TASKHUB_DATABASE_URL"] = self.url
        return environment


MakeDatabase = Callable[..., Database]


def _sqlite(data_dir: Path) -> Database:
    return Database("sqlite", data_dir, f"sqlite+aiosqlite:///{data_dir}/taskhub.sqlite3")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated, empty database; to be copied, not used."""
    template = _sqlite(tmp_path_factory.mktemp("sqlite-template"))
    call_taskhub("migrate", env=template.environment)
    return template.data_dir


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty database; to be copied, not used."""
    name = postgres_server.create()
    data_dir = tmp_path_factory.mktemp("postgres-template")
    call_taskhub("migrate", env=Database("postgresql", data_dir, postgres_server.url(name)).environment)
    return name


@pytest.fixture(scope="session")
def make_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MakeDatabase:
    """`make_database(kind="sqlite", migrated=True)` gives a new Database, in milliseconds.

    `kind` is "sqlite" or "postgresql"; `migrated=False` gives one without any table.
    """

    def make(kind: str = "sqlite", *, migrated: bool = True) -> Database:
        data_dir = tmp_path_factory.mktemp(kind)
        if kind == "sqlite":
            if migrated:
                shutil.copytree(request.getfixturevalue("sqlite_template"), data_dir, dirs_exist_ok=True)
            return _sqlite(data_dir)
        assert kind == "postgresql", f"kind is one of {KINDS}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        template = request.getfixturevalue("postgres_template") if migrated else "template1"
        return Database(kind, data_dir, server.url(server.create(template)))

    return make


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite and PostgreSQL in turn: whatever uses it runs on both (`--db sqlite` leaves one out).

    A folder whose tests are about something else overrides it in its conftest.py with a fixture of the
    same name and scope that returns one of the two.
    """
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def database(database_kind: str, make_database: MakeDatabase) -> Database:
    """The module's database: migrated, empty at first, shared by its tests and its `server`."""
    return make_database(database_kind)


@pytest.fixture
def fresh_database(database_kind: str, make_database: MakeDatabase) -> Database:
    """A migrated, empty database of the test's own."""
    return make_database(database_kind)


@pytest.fixture
def database_url(fresh_database: Database) -> str:
    """The SQLAlchemy address (async driver) of a migrated, empty database of the test's own."""
    return fresh_database.url


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=[*KINDS, "all"], default="all", help="run the tests on one database only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--db")
    if chosen == "all":
        return
    dropped = [item for item in items if _kind(item) not in (None, chosen)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def _kind(item: pytest.Item) -> str | None:
    kind: str | None = item.callspec.params.get("database_kind") if hasattr(item, "callspec") else None
    return kind
