"""Trello exports for tests, and the import of one by the command line."""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.command_line import call_taskhub
from tests.databases import Database

DATA = Path(__file__).resolve().parent.parent / "data"
SMALL = DATA / "trello-small.json"
OWNER = "owner@example.com"

Export = dict[str, Any]
Run = Callable[..., subprocess.CompletedProcess[str]]

_ids = itertools.count(1)


def small() -> Export:
    """The small board, to be changed at will."""
    board: Export = json.loads(SMALL.read_text())
    return board


def make_owner(database: Database, email: str = OWNER) -> None:
    """An account to import as."""
    call_taskhub(
        *("user", "create", email, "--name", "Olga Owner", "--password-stdin"),
        env=database.environment,
        stdin="correct horse battery staple\n",
    )


def run_import(
    database: Database,
    board: Export | Path | bytes,
    *options: str,
    key: str = "BIKE",
    email: str = OWNER,
    check: bool = True,
    run: Run = call_taskhub,
) -> subprocess.CompletedProcess[str]:
    """`taskhub import trello` of a file that holds `board`; with `run=run_taskhub` in a process of its own."""
    if not isinstance(board, Path):
        path = database.data_dir / f"export-{next(_ids)}.json"
        path.write_bytes(board if isinstance(board, bytes) else json.dumps(board).encode())
        board = path
    arguments = ("import", "trello", str(board), "--project", key, "--as", email, *options)
    return run(*arguments, env=database.environment, check=check)


def one(things: list[Any], name: str) -> Any:
    """The thing of that name."""
    (found,) = [thing for thing in things if thing["name"] == name]
    return found


def add_card(board: Export, name: str, place: Any, **more: Any) -> Any:
    """Put a new card at the end of the list `place`, with the action that made it."""
    card = copy.deepcopy(board["cards"][0]) | {
        "id": f"680000000000000000{next(_ids):06x}",
        "name": name,
        "desc": "",
        "due": None,
        "idList": place["id"],
        "pos": 1_000_000,
        "idMembers": [],
        "idLabels": [],
        "dateLastActivity": "2025-04-16T19:19:28.000Z",
        **more,
    }
    board["cards"].append(card)
    act(board, "createCard", "2025-04-16T19:19:28.000Z", card, list={"id": place["id"]})
    return card


def act(board: Export, type: str, date: str, card: Any, **data: Any) -> None:
    """Put an action on a card into the history; its own `card` says what it has become."""
    changed = data.pop("card", {})
    action = {
        "id": f"680000000000000001{next(_ids):06x}",
        "idMemberCreator": board["members"][0]["id"],
        "memberCreator": board["members"][0],
        "type": type,
        "date": date,
        "data": {"card": {"id": card["id"], "name": card["name"], **changed}, **data},
    }
    board["actions"].insert(0, action)
