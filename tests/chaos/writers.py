"""Writers who never give up: each change goes out under a key, again and again, until it is answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

#: Seconds a writer waits before it asks again: the first time, and at most.
PAUSE = 0.05
LONGEST_PAUSE = 0.2


@dataclass
class Change:
    """One change a writer wants: what it asks for, how often it asked, and what it was answered."""

    key: str
    kind: str
    method: str
    path: str
    body: dict[str, Any] | None
    tries: int = 0
    status: int | None = None
    answer: Any = None

    @property
    def acknowledged(self) -> bool:
        """Whether the server said that it is done."""
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Board:
    """What all writers of one project know of it: its key, and the references of its tasks."""

    key: str
    refs: list[str]

    @property
    def url(self) -> str:
        """The project's path."""
        return f"/api/v1/projects/{self.key}"


@dataclass
class Writer:
    """One person's program that changes the board until `stop` is set; `changes` is the record of it.

    It goes over to the next of `urls` when one does not answer within `patience` seconds. `credentials` are the
    headers that say who it is.
    """

    name: str
    urls: Sequence[str]
    credentials: Mapping[str, str]
    board: Board
    chance: random.Random
    patience: float = 30.0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[Change] = field(default_factory=list)
    #: Answers of 5xx by status, with the number of them; 503 says "nothing was changed, try again".
    troubles: dict[int, int] = field(default_factory=dict)
    _at: int = 0
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def write(self) -> None:
        """Make changes one after the other; ends only when the last one is answered."""
        try:
            while not self.stop.is_set():
                change = self._next()
                self.changes.append(change)
                await self._insist(change)
                if change.acknowledged and change.kind == "create":
                    self.board.refs.append(change.answer["ref"])
                elif change.acknowledged and change.kind == "delete":
                    self.board.refs.remove(change.path.rpartition("/")[2])
        finally:
            for client in self._clients.values():
                await client.aclose()

    async def _insist(self, change: Change) -> None:
        while change.status is None:
            change.tries += 1
            try:
                response = await self._client().request(
                    change.method, change.path, json=change.body, headers={"Idempotency-Key": change.key}
                )
            except httpx.TransportError:
                self._at += 1
                await asyncio.sleep(min(PAUSE * change.tries, LONGEST_PAUSE))
                continue
            if response.status_code >= 500:
                self.troubles[response.status_code] = self.troubles.get(response.status_code, 0) + 1
                await asyncio.sleep(PAUSE)
                continue
            change.answer = response.json() if response.content else None
            change.status = response.status_code

    def _client(self) -> httpx.AsyncClient:
        url = self.urls[self._at % len(self.urls)]
        if url not in self._clients:
            self._clients[url] = client_of(url, {**self.credentials, "Origin": url}, self.patience)
        return self._clients[url]

    def _next(self) -> Change:
        number, chance = len(self.changes), self.chance
        key, words = f"{self.name}-{number}", f"{self.name} {number}"
        ref = chance.choice(self.board.refs)
        match chance.choices(("move", "edit", "create", "comment", "delete"), (50, 25, 10, 14, 1))[0]:
            case "create":
                return Change(key, "create", "POST", f"{self.board.url}/tasks", {"title": words})
            case "edit":
                field_name = chance.choice(("title", "description"))
                return Change(key, "edit", "PATCH", f"/api/v1/tasks/{ref}", {field_name: words})
            case "comment":
                return Change(key, "comment", "POST", f"/api/v1/tasks/{ref}/comments", {"body": words})
            case "delete":
                return Change(key, "delete", "DELETE", f"/api/v1/tasks/{ref}", None)
            case _:
                where = {chance.choice(("before", "after")): chance.choice(self.board.refs)}
                state = chance.choice(("backlog", "todo", "doing", "done"))
                return Change(key, "move", "POST", f"/api/v1/tasks/{ref}/move", {"state": state, **where})


def client_of(url: str, headers: Mapping[str, str], patience: float) -> httpx.AsyncClient:
    """A client of one server; without certificates, whose reading costs more than a hundred requests."""
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=patience, trust_env=False, verify=False)
