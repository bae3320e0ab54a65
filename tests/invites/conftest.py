"""An instance where registration is closed, and who is on it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.clients import PASSWORD, Client, anonymous_client
from tests.databases import MakeDatabase
from tests.serving import Serve, Server

_numbers = itertools.count(1)


@dataclass
class House:
    """A server where registration is closed: Ada is its administrator, Olga owns projects and administers nothing."""

    server: Server
    ada: Client
    olga: Client
    new_client: Callable[[], Awaitable[Client]]

    async def project(self) -> tuple[str, str]:
        """A new project of Olga's: its key and address."""
        key = f"H{next(_numbers)}"
        answer = await self.olga.post("/api/v1/projects", json={"key": key, "name": f"House {key}"})
        assert answer.status_code == 201, answer.text
        return key, f"/api/v1/projects/{key}"

    async def invite(self, by: Client, **body: Any) -> dict[str, Any]:
        """A new invite, with the `secret` of its link."""
        answer = await by.post("/api/v1/invites", json=body)
        assert answer.status_code == 201, answer.text
        invite: dict[str, Any] = answer.json()
        return invite | {"secret": invite["url"].rpartition("/")[2]}

    async def register(self, secret: str | None, *, email: str | None = None) -> tuple[Client, httpx.Response]:
        """Try to make an account by an invite: the client that tried, and what it was answered."""
        client = await self.new_client()
        client.email = email or f"guest{next(_numbers)}@example.com"
        body = {"email": client.email, "name": "Guest", "password": PASSWORD}
        answer = await client.post("/api/v1/auth/register", json=body | ({"invite": secret} if secret else {}))
        if answer.status_code == 201:
            client.user = answer.json()
        return client, answer


@pytest.fixture(scope="package")
async def house(serve_for_all: Serve, database_kind: str, make_database: MakeDatabase) -> AsyncIterator[House]:
    """One for all modules, on each database."""
    server = serve_for_all(make_database(database_kind), env={"TASKHUB_OPEN_REGISTRATION": "0"})
    async with AsyncExitStack() as stack:

        async def new_client() -> Client:
            return await stack.enter_async_context(anonymous_client(server))

        house = House(server, await new_client(), await new_client(), new_client)
        for client, name in ((house.ada, "Ada"), (house.olga, "Olga")):
            secret = None if name == "Ada" else (await house.invite(house.ada))["secret"]
            body = {"email": f"{name.lower()}@example.com", "name": name, "password": PASSWORD}
            answer = await client.post("/api/v1/auth/register", json=body | ({"invite": secret} if secret else {}))
            assert answer.status_code == 201, answer.text
            client.user, client.email = answer.json(), body["email"]
        yield house
    assert server.stop() == 0
