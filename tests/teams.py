"""People who share one server for the whole run, and a new project of theirs for each test.

Accounts cost a password hash and count against the throttle; a project costs a few milliseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests import openapi
from tests.clients import PASSWORD, Client, anonymous_client
from tests.databases import Database, MakeDatabase
from tests.openapi import Contract
from tests.serving import Serve, Server

ROLES = ("owner", "member", "viewer", "stranger")

_keys = itertools.count(1)


@dataclass
class Team:
    """A project, and one client for each role in it; `stranger` is signed in and no member, `nobody` is neither."""

    server: Server
    owner: Client
    member: Client
    viewer: Client
    stranger: Client
    nobody: Client
    key: str = ""
    url: str = ""
    project: dict[str, Any] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """The client of a role by name."""
        found: Client = getattr(self, role)
        return found

    async def task(self, title: str = "A task", *, by: str = "owner", **fields: Any) -> dict[str, Any]:
        """A new task of the project."""
        answer = await self.client(by).post(f"{self.url}/tasks", json={"title": title, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def now(self, ref: str) -> dict[str, Any]:
        """The task as the server has it."""
        answer = await self.owner.get(f"/api/v1/tasks/{ref}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def move(self, ref: str, state: str, *, by: str = "owner", **where: Any) -> httpx.Response:
        """Ask for a move."""
        return await self.client(by).post(f"/api/v1/tasks/{ref}/move", json={"state": state, **where})

    async def board(self, *, by: str = "owner") -> dict[str, Any]:
        """The snapshot of the board."""
        answer = await self.client(by).get(f"{self.url}/board")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def column(self, state: str) -> list[str]:
        """The titles in one state, from top to bottom."""
        return [task["title"] for task in (await self.board())["tasks"] if task["state"] == state]

    async def events(self, since: int = 0) -> list[dict[str, Any]]:
        """The log after `since`, at most 1,000 events."""
        answer = await self.owner.get(f"{self.url}/events", params={"since": since, "limit": 1000})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["events"]
        return found


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The documented shape of everything that is sent."""
    return openapi.contract()


async def sign_up(server: Server, name: str, email: str) -> Client:
    """A client with an account of its own."""
    client = anonymous_client(server)
    client.email, client.password = email, PASSWORD
    answer = await client.post("/api/v1/auth/register", json={"email": email, "name": name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    client.user = answer.json()
    return client


@dataclass
class Shared:
    """What tests share on one kind of database: a server, its people by role, and another process, once needed."""

    server: Server
    people: dict[str, Client]
    second: Server | None = None


FindShared = Callable[[str], Awaitable[Shared]]


@pytest.fixture(scope="session")
async def find_shared(serve_for_all: Serve, make_database: MakeDatabase) -> AsyncIterator[FindShared]:
    """`await find_shared(KIND)` gives what is shared on that kind of database: the same for the whole run.

    Files of tests that run on both kinds go from one to the other and back; neither ends with that.
    """
    known: dict[str, Shared] = {}
    async with AsyncExitStack() as stack:

        async def find(kind: str) -> Shared:
            if kind not in known:
                server = serve_for_all(make_database(kind))
                people = {role: await sign_up(server, role.title(), f"{role}@example.com") for role in ROLES}
                people["nobody"] = anonymous_client(server)
                for client in people.values():
                    stack.push_async_callback(client.aclose)
                known[kind] = Shared(server, people)
            return known[kind]

        yield find


@pytest.fixture(scope="module")
async def shared(database_kind: str, find_shared: FindShared) -> Shared:
    """What is shared on the present kind of database."""
    return await find_shared(database_kind)


@pytest.fixture(scope="module")
def shared_server(shared: Shared) -> Server:
    """One server for every test that neither stops it nor counts on an empty instance."""
    return shared.server


@pytest.fixture(scope="module")
def shared_database(shared: Shared) -> Database:
    """The database of `shared_server`."""
    return shared.server.database


@pytest.fixture(scope="module")
def second_server(shared: Shared, serve_for_all: Serve) -> Server:
    """Another process on the database of `shared_server`."""
    shared.second = shared.second or serve_for_all(shared.server.database)
    return shared.second


@pytest.fixture(scope="module")
def people(shared: Shared) -> dict[str, Client]:
    """The clients of `shared_server` by role, the owner its administrator, and `nobody`, who is not signed in."""
    return shared.people


@pytest.fixture
async def team(people: dict[str, Client], shared_server: Server) -> Team:
    """A new project under the `simple` workflow, with an owner, a member and a viewer."""
    return await make_team(people, shared_server, "simple")


@pytest.fixture
async def strict_team(people: dict[str, Client], shared_server: Server) -> Team:
    """A new project under the `strict` workflow: enforced transitions, at most 4 doing and 3 in review."""
    return await make_team(people, shared_server, "strict")


async def make_team(people: dict[str, Client], server: Server, template: str) -> Team:
    """A new project of the people."""
    roles: dict[str, Any] = dict(people)
    team = Team(server, **roles, key=f"P{next(_keys)}X")
    answer = await team.owner.post(
        "/api/v1/projects", json={"key": team.key, "name": f"Project {team.key}", "template": template}
    )
    assert answer.status_code == 201, answer.text
    team.project = answer.json()
    team.url = f"/api/v1/projects/{team.key}"
    for role in ("member", "viewer"):
        joined = await team.owner.post(f"{team.url}/members", json={"email": people[role].email, "role": role})
        assert joined.status_code == 201, joined.text
    return team
