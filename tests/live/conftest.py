"""Two processes on one database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client
from tests.serving import Server
from tests.teams import Team, sign_up


@pytest.fixture(params=["this", "other"])
def listened(request: pytest.FixtureRequest, shared_server: Server, second_server: Server) -> Server:
    """The server that is listened to; what happens, happens on `shared_server`."""
    return shared_server if request.param == "this" else second_server


@pytest.fixture
async def guest(team: Team) -> AsyncIterator[Client]:
    """Somebody with an account of their own, a member of the project."""
    email = f"guest-{team.key.lower()}@example.com"
    client = await sign_up(team.server, "Guest", email)
    joined = await team.owner.post(f"{team.url}/members", json={"email": email})
    assert joined.status_code == 201
    yield client
    await client.aclose()
