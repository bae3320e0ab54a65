"""Two processes on one database."""

from __future__ import annotations

import pytest

from tests.serving import Serve, Server


@pytest.fixture(scope="session")
def second_server(serve_for_all: Serve, shared_server: Server) -> Server:
    """Another process on the database of `shared_server`."""
    return serve_for_all(shared_server.database)
