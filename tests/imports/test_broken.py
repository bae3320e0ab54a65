"""Files that are no sound Trello export: one line on standard error, and nothing imported."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from taskhub.command import Caller, Commands
from taskhub.db import Database as Tables
from taskhub.errors import Problem
from taskhub.imports.commands import import_trello
from taskhub.imports.trello import parse
from taskhub.people.commands import find_user
from tests.command_line import run_taskhub
from tests.databases import Database, MakeDatabase
from tests.imports.boards import OWNER, SMALL, Export, make_owner, run_import, small
from tests.imports.replay import fold, rows, snapshot


@pytest.fixture(scope="module")
def house(make_database: MakeDatabase) -> Database:
    """A SQLite file with the account that imports; nothing here gets as far as another database."""
    database = make_database("sqlite")
    make_owner(database)
    return database


def _stray(board: Export) -> None:
    board["cards"][3]["idList"] = "0123456789abcdef01234567"


def _twice(board: Export) -> None:
    board["cards"].append(board["cards"][0])


def _number_for_name(board: Export) -> None:
    board["cards"][2]["name"] = 7


def _no_date(board: Export) -> None:
    board["actions"][4]["date"] = "yesterday"


def _action_of_strings(board: Export) -> None:
    board["actions"][4]["data"] = {"card": "Brake light"}


def _lists_as_text(board: Export) -> None:
    board["lists"] = "none"


WRONG: list[tuple[str, Callable[[Export], None], str]] = [
    ("a card in no list", _stray, "is in a list that is not in the file"),
    ("a card twice", _twice, "is in it twice"),
    ("a number for a name", _number_for_name, "cards[2].name"),
    ("a date of words", _no_date, "'yesterday' is not a moment"),
    ("an action with other data", _action_of_strings, "is broken: card"),
    ("lists as a text", _lists_as_text, "lists: "),
]


@pytest.mark.parametrize(("change", "says"), [wrong[1:] for wrong in WRONG], ids=[wrong[0] for wrong in WRONG])
def test_a_board_that_is_wrong_somewhere(house: Database, change: Callable[[Export], None], says: str) -> None:
    board = small()
    change(board)
    _refused(house, json.dumps(board).encode(), says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"Cards,Lists\n1,2\n", "is no JSON"),
        (b'{"hello": "world"}', "it has no “id”"),
        (b"[]", "is no Trello export"),
        (SMALL.read_bytes()[:20_000], "is cut off"),
        (SMALL.read_text().encode("utf-16"), "UTF-16"),
        (SMALL.read_text().encode("gb18030"), "not in UTF-8"),
        (b"[" * 100_000, "is "),
        (b'{"id":"a","name":"\\ud800","lists":[],"cards":[]}', "is no JSON"),
    ],
    ids=["empty", "a table", "other JSON", "a list", "cut off", "UTF-16", "GB 18030", "deep", "half a character"],
)
def test_a_file_that_is_something_else(house: Database, content: bytes, says: str) -> None:
    _refused(house, content, says)


def test_a_file_that_is_not_there_or_not_to_be_read(house: Database) -> None:
    _refused(house, Path("/nowhere/board.json"), "No such file")
    _refused(house, Path("/"), "Is a directory")


def test_a_file_without_an_end(house: Database) -> None:
    _refused(house, Path("/dev/zero"), "larger than 256 MiB")


def test_an_argument_that_is_missing(house: Database) -> None:
    done = run_taskhub("import", "trello", str(SMALL), env=house.environment, check=False)
    assert done.returncode != 0
    assert done.stderr == "taskhub: Missing option '--project'.\n"


def test_who_may_import(house: Database) -> None:
    make_owner(house, "other@example.com")
    run_import(house, SMALL, key="MINE")
    before = asyncio.run(rows(house))
    for options, says in (
        (("--as", "nobody@example.com"), "There is no account nobody@example.com"),
        (("--as", "other@example.com"), "does not belong to the project MINE"),
        (("--project", "mine"), "capital letters"),
    ):
        done = run_import(house, SMALL, *options, key="MINE", check=False)
        assert done.returncode != 0
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    assert asyncio.run(rows(house)) == before


def _refused(house: Database, content: bytes | Path, says: str) -> None:
    before = asyncio.run(rows(house))
    done = run_import(house, content, key="NEW", check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert asyncio.run(rows(house)) == before


# What a value anywhere in the file is replaced by.
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(
        ["", "\x00", "9" * 300, "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "2025-01-01T00:00:00+23:59"]
    ),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, child in children for found in _paths(child, (*path, name)))]


_PATHS = [path for path in _paths(small()) if path]
_keys = itertools.count(1)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """The small board with values replaced or left out, and perhaps cut off or with bytes changed."""
    board = small()
    for path in draw(st.lists(st.sampled_from(_PATHS), min_size=1, max_size=3)):
        parent: Any = board
        try:
            for name in path[:-1]:
                parent = parent[name]
            if draw(st.booleans()):
                parent[path[-1]] = draw(_JUNK)
            else:
                del parent[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    content = json.dumps(board, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        content = content[: draw(st.integers(0, len(content)))]
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(st.binary(min_size=1, max_size=3)) + content[place + 1 :]
    return content


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(content=broken())
def test_whatever_is_in_the_file_it_is_all_or_nothing(house: Database, content: bytes) -> None:
    key = f"F{next(_keys)}"
    before = asyncio.run(rows(house))
    refusal = asyncio.run(_import(house, content, key))
    if refusal is not None:
        assert refusal
        assert "\n" not in refusal
        assert len(refusal) < 500
        assert asyncio.run(rows(house)) == before
        return
    board, log = snapshot(house, key)
    assert fold(log) == board
    now = asyncio.run(rows(house))
    assert asyncio.run(_import(house, content, key)) is None
    assert asyncio.run(rows(house)) == now, "a repeat added something"


async def _import(database: Database, content: bytes, key: str) -> str | None:
    """What is said where it is refused."""
    tables = Tables(make_url(database.url))
    try:
        commands = Commands(tables)
        person = await find_user(commands, OWNER)
        export = parse(content, "the file")
        await import_trello(commands, Caller(person), export, key=key, dry_run=False, progress=lambda done, total: None)
    except Problem as refused:
        return refused.detail
    finally:
        await tables.close()
    return None
