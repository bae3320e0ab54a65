"""Alive and ready, as a supervisor and a proxy ask."""

from __future__ import annotations

import httpx
import pytest

from tests.clients import anonymous_client
from tests.databases import MakeDatabase
from tests.postgres import PostgresServer
from tests.serving import Serve, Server


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_nobody_needs_to_sign_in(server: Server, path: str) -> None:
    async with anonymous_client(server) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


async def test_a_database_that_is_gone_is_not_ready(
    make_database: MakeDatabase, serve: Serve, postgres_server: PostgresServer
) -> None:
    server = serve(make_database("postgresql"))
    name = server.database.url.rpartition("/")[2]
    postgres_server.drop(name)
    # A client of no team: those take no 503 for an answer.
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert "The database does not answer." in answer.text
        assert (await client.get("/healthz")).status_code == 200
