"""Signed-in HTTP clients: each a user of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import httpx
import pytest

from tests.command_line import call_taskhub
from tests.openapi import contract
from tests.serving import Server

PASSWORD = "correct horse battery staple"
TIMEOUT = 30.0

_numbers = itertools.count(1)


class Client(httpx.AsyncClient):
    """An httpx client that knows who it is: `user` as the API shows them, `email` and `password` to sign in.

    Paths are given whole: `client.get("/api/v1/me")`. Every answer is held against the OpenAPI document.
    """

    user: dict[str, Any]
    email: str
    password: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.event_hooks["response"].append(_check)


async def _check(response: httpx.Response) -> None:
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        await response.aread()
        contract().check(response)


MakeClient = Callable[..., Awaitable[Client]]
MakeClientOn = Callable[..., Awaitable[Client]]


def anonymous_client(server: Server) -> Client:
    """A client that is not signed in, but sends the Origin that a browser on the server's page would."""
    # uvicorn and httpx both let a connection idle for 5 s: a request at that moment would meet its end.
    limits = httpx.Limits(keepalive_expiry=2)
    return Client(base_url=server.url, headers={"Origin": server.url}, timeout=TIMEOUT, limits=limits, trust_env=False)


def create_token(server: Server, email: str) -> str:
    """A token of a user that exists, made by `taskhub token create`."""
    return call_taskhub("token", "create", email, env=server.environment).stdout.strip()


@pytest.fixture
async def make_client_on() -> AsyncIterator[MakeClientOn]:
    """As `make_client`, on any server: `await make_client_on(server, name="Ada", bearer=False)`."""
    clients: list[Client] = []

    async def make(
        server: Server, name: str | None = None, *, email: str | None = None, bearer: bool = False
    ) -> Client:
        number = next(_numbers)
        client = anonymous_client(server)
        clients.append(client)
        client.email = email or f"person{number}@example.com"
        client.password = PASSWORD
        answer = await client.post(
            "/api/v1/auth/register",
            json={"email": client.email, "name": name or f"Person {number}", "password": PASSWORD},
        )
        assert answer.status_code == 201, answer.text
        if bearer:
            client.cookies.clear()
            del client.headers["Origin"]
            token = await asyncio.to_thread(create_token, server, client.email)
            client.headers["Authorization"] = f"Bearer {token}"
        me = await client.get("/api/v1/me")
        assert me.status_code == 200, me.text
        client.user = me.json()
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def make_client(make_client_on: MakeClientOn, server: Server) -> MakeClient:
    """`await make_client(name="Ada", bearer=False)` registers a user on the module's server; gives their Client.

    The first user of a server is its administrator. By default the client has the session cookie and sends
    `Origin`; with `bearer=True` it has a token and neither. `name` and `email` are made up unless given.
    """
    return partial(make_client_on, server)
