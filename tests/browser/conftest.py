"""Windows of real Chromium on a real server. The database is SQLite: what a browser shows does not depend on it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.browser.uneven import Holds
from tests.browser.windows import DESKTOP, Window, open_window
from tests.chromium import NewContext
from tests.clients import Client, anonymous_client
from tests.command_line import run_taskhub
from tests.databases import MakeDatabase
from tests.serving import Serve, Server
from tests.teams import Team, make_team, sign_up

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"owner": "Ana Bell", "member": "Ben Okafor", "viewer": "Vera Lind", "stranger": "Sam Stone"}

OpenWindow = Callable[..., Awaitable[Window]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def database_kind() -> str:
    """SQLite alone."""
    return "sqlite"


@pytest.fixture(scope="session")
def house(serve_for_all: Serve, make_database: MakeDatabase) -> Server:
    """The server of all windows that neither stop it nor count on an empty instance."""
    return serve_for_all(make_database("sqlite"))


@pytest.fixture(scope="session")
async def people(house: Server) -> AsyncIterator[dict[str, Client]]:
    """The people of `house` by role: Ana owns projects, Ben is a member, Vera looks on, Sam is a stranger."""
    async with AsyncExitStack() as stack:
        found: dict[str, Client] = {}
        for role, name in NAMES.items():
            email = f"{name.split()[0].lower()}@example.com"
            found[role] = await sign_up(house, name, email)
        found["nobody"] = anonymous_client(house)
        for client in found.values():
            stack.push_async_callback(client.aclose)
        yield found


@pytest.fixture
async def team(people: dict[str, Client], house: Server) -> Team:
    """A new project where a task may go anywhere."""
    return await make_team(people, house, "simple")


@pytest.fixture
async def strict_team(people: dict[str, Client], house: Server) -> Team:
    """A new project with a review: enforced transitions, at most 4 doing and 3 in review."""
    return await make_team(people, house, "strict")


@pytest.fixture
async def window(new_context: NewContext, house: Server, pytestconfig: pytest.Config) -> AsyncIterator[OpenWindow]:
    """`await window(client, server=house, **OPTIONS)` opens a window for a person; None: nobody signed in.

    OPTIONS are those of a browser context. At the test's end a window that met an error, a violation of the
    Content-Security-Policy or a dialog that it was not told to expect fails the test.
    """
    opened: list[Window] = []
    slower = pytestconfig.getoption("slower")
    holds = Holds(pytestconfig.getoption("uneven"), dict(pytestconfig.getoption("late")))

    async def make(client: Client | None = None, server: Server = house, **options: Any) -> Window:
        context = await new_context(**{"viewport": DESKTOP, **options})
        one = await open_window(server, context, client, slower=slower, holds=holds)
        opened.append(one)
        return one

    yield make
    troubles = {f"window {number}": one.troubles for number, one in enumerate(opened) if one.troubles}
    assert not troubles, json.dumps(troubles, indent=1, ensure_ascii=False)


DATA = ROOT / "tests" / "data"


async def import_trello(people: dict[str, Client], house: Server, key: str, file: Path) -> Team:
    """A project of Ana's made from a Trello export, with Ben as a member."""
    owner = people["owner"].email
    run_taskhub("import", "trello", str(file), "--project", key, "--as", owner, env=house.environment)
    roles: dict[str, Any] = dict(people)
    team = Team(house, **roles, key=key, url=f"/api/v1/projects/{key}")
    joined = await team.owner.post(f"{team.url}/members", json={"email": team.member.email, "role": "member"})
    assert joined.status_code == 201, joined.text
    return team


@pytest.fixture(scope="session")
async def imported(people: dict[str, Client], house: Server) -> Team:
    """The project TV, imported from Trello: a large board that people used."""
    return await import_trello(people, house, "TV", DATA / "trello-board.json")


@pytest.fixture(scope="session")
async def labelled(people: dict[str, Client], house: Server) -> Team:
    """The project SHOP, imported from a small export with labels, comments and checklists."""
    return await import_trello(people, house, "SHOP", DATA / "trello-small.json")
