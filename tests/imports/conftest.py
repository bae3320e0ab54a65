"""Boards for the tests of the import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports.boards import DATA


@pytest.fixture(scope="session")
def real_board() -> Path:
    """A board of somebody who wrote jokes on it, as Trello exported it in 2016."""
    return DATA / "trello-board.json"
