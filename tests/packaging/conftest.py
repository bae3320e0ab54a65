from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def database_kind() -> str:
    """What is packed is the same for every database."""
    return "sqlite"
