"""A board under load: people who write, programs that follow, and the reckoning at the end."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskhub.api import SESSION_COOKIE
from tests.chaos import promises
from tests.chaos.subscribers import Subscriber
from tests.chaos.writers import Board, Change, Writer
from tests.clients import Client, MakeClientOn
from tests.serving import Server
from tests.store import in_order

WRITERS = 16
#: Seconds within which all that was written must have reached everybody once the server is well.
SETTLED = 30.0

_keys = itertools.count(1)


@dataclass
class Figures:
    """What a run got through."""

    acknowledged: int
    tries: int
    seconds: float
    subscribers: int
    events: int
    lines: int
    ends: collections.Counter[str]
    troubles: collections.Counter[int]

    @property
    def rate(self) -> float:
        """Acknowledged changes a second."""
        return self.acknowledged / self.seconds

    def __str__(self) -> str:
        ends = ", ".join(f"{count} × {how}" for how, count in sorted(self.ends.items())) or "none"
        troubles = "".join(f", {count} answers of {status}" for status, count in sorted(self.troubles.items()))
        return (
            f"{self.acknowledged:,} changes acknowledged at {self.rate:.0f}/s "
            f"({self.tries - self.acknowledged:,} tries more{troubles}), "
            f"{self.subscribers} subscribers × {self.events:,} events, 0 lost, 0 twice; "
            f"lines ended: {ends}"
        )


@dataclass
class Scene:
    """A project with its people on a server, and what runs on it."""

    server: Server
    people: list[Client]
    board: Board
    seed: str
    #: The board before anybody wrote.
    first_board: dict[str, Any] = field(default_factory=dict)
    writers: list[Writer] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)
    _started: float = 0.0
    _down: float = 0.0
    _writing: list[asyncio.Task[None]] = field(default_factory=list)
    _following: list[asyncio.Task[None]] = field(default_factory=list)

    def credentials(self, number: int) -> dict[str, str]:
        """The headers of one of the people."""
        return {"Cookie": f"{SESSION_COOKIE}={self.people[number % len(self.people)].cookies[SESSION_COOKIE]}"}

    async def read_board(self) -> dict[str, Any]:
        """The board as it is served."""
        answer = await self.people[0].get(f"{self.board.url}/board")
        assert answer.status_code == 200, answer.text
        return in_order(answer.json())

    def follow(self, count: int, urls: Sequence[str] = (), **options: Any) -> list[Subscriber]:
        """Start subscribers, half over WebSockets and half over streams, spread over `urls`."""
        urls = urls or [self.server.url]
        fresh = [
            Subscriber(
                kind=("ws", "sse")[number % 2],
                urls=_from(urls, number // 2),
                credentials=self.credentials(number),
                key=self.board.key,
                compressed=number % 4 == 0,
                **options,
            )
            for number in range(count)
        ]
        self.subscribers += fresh
        self._following += [asyncio.create_task(subscriber.follow()) for subscriber in fresh]
        return fresh

    async def write(self, count: int = WRITERS, urls: Sequence[str] = (), **options: Any) -> None:
        """Start writers, spread over `urls`."""
        urls = urls or [self.server.url]
        fresh = [
            Writer(
                name=f"{self.seed}w{number}",
                urls=_from(urls, number),
                credentials=self.credentials(number),
                board=self.board,
                chance=random.Random(f"{self.seed}{number}"),
                **options,
            )
            for number in range(len(self.writers), len(self.writers) + count)
        ]
        self._started = time.monotonic()
        self.writers += fresh
        self._writing += [asyncio.create_task(writer.write()) for writer in fresh]

    @contextlib.asynccontextmanager
    async def out_of_service(self) -> AsyncIterator[None]:
        """The time in which no answer can be had; it does not count for the rate."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._down += time.monotonic() - began

    async def go_on(self, seconds: float) -> None:
        """Let them write and follow for a while; raises what any of them raised."""
        running = [*self._writing, *self._following]
        done, _ = await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    async def all_follow(self) -> None:
        """Wait until every subscriber's line is open."""
        await self._while_well(asyncio.gather(*(one.following.wait() for one in self.subscribers)))

    async def lose(self, server: Server) -> None:
        """Kill one of the servers, and wait until everybody who followed there follows elsewhere."""
        there = [subscriber for subscriber in self.subscribers if subscriber.url == server.url]
        for subscriber in there:
            subscriber.left.clear()
        server.kill()
        await self._while_well(asyncio.gather(*(one.left.wait() for one in there)))
        await self.all_follow()

    @property
    def changes(self) -> list[Change]:
        """What was asked for."""
        return [change for writer in self.writers for change in writer.changes]

    async def reckon(self) -> Figures:
        """End the writing, let everybody catch up, and check every promise."""
        for writer in self.writers:
            writer.stop.set()
        seconds = time.monotonic() - self._started - self._down
        await self._while_well(asyncio.gather(*self._writing))
        tables = await self.settle()
        promises.check_changes(self.changes, tables, self.first_board["seq"])
        return Figures(
            acknowledged=sum(change.acknowledged for change in self.changes),
            tries=sum(change.tries for change in self.changes if change.acknowledged),
            seconds=seconds,
            subscribers=len(self.subscribers),
            events=tables.seq - self.first_board["seq"],
            lines=sum(subscriber.lines for subscriber in self.subscribers),
            ends=sum((subscriber.ends for subscriber in self.subscribers), collections.Counter[str]()),
            troubles=sum((collections.Counter(writer.troubles) for writer in self.writers), collections.Counter[int]()),
        )

    async def settle(self) -> promises.Tables:
        """Let the subscribers catch up, and check that the board, the log, the tables and all of them agree."""
        board = await self.read_board()
        await self._while_well(asyncio.gather(*(one.reached(board["seq"]) for one in self.subscribers)))
        await self.end()
        tables = await promises.read_tables(self.server.database.url, self.board.key)
        promises.check_board(board, self.first_board, tables)
        for subscriber in self.subscribers:
            promises.check_subscriber(subscriber, board, tables.log)
        return tables

    async def end(self) -> None:
        """Stop everything that runs."""
        for task in (*self._writing, *self._following):
            task.cancel()
        await asyncio.gather(*self._writing, *self._following, return_exceptions=True)

    async def _while_well(self, wanted: asyncio.Future[Any]) -> None:
        """Wait for something at most `SETTLED` seconds, and only as long as nobody has found a broken promise."""
        others = {task for task in (*self._writing, *self._following) if not task.done()}
        try:
            async with asyncio.timeout(SETTLED):
                while not wanted.done():
                    await asyncio.wait({wanted, *others}, return_when=asyncio.FIRST_COMPLETED)
                    for task in [task for task in others if task.done()]:
                        others.remove(task)
                        task.result()
        except TimeoutError:
            places = sorted(subscriber.cursor for subscriber in self.subscribers)
            open_ = [change for change in self.changes if change.status is None]
            raise AssertionError(f"not settled after {SETTLED} s: cursors {places}, unanswered {open_}") from None
        finally:
            wanted.cancel()
            await asyncio.gather(wanted, return_exceptions=True)
        wanted.result()


async def make_scene(
    make_client_on: MakeClientOn, server: Server, seed: str, *, people: int = 4, tasks: int = 24
) -> Scene:
    """A new project on a server, of which all people are owners or members."""
    clients = [await make_client_on(server) for _ in range(people)]
    key = f"C{next(_keys)}HAOS"
    made = await clients[0].post("/api/v1/projects", json={"key": key, "name": "Chaos"})
    assert made.status_code == 201, made.text
    for client in clients[1:]:
        joined = await clients[0].post(
            f"/api/v1/projects/{key}/members", json={"email": client.email, "role": "member"}
        )
        assert joined.status_code == 201, joined.text
    board = Board(key, [])
    for number in range(tasks):
        answer = await clients[0].post(f"{board.url}/tasks", json={"title": f"Task {number}"})
        board.refs.append(answer.json()["ref"])
    scene = Scene(server, clients, board, seed)
    scene.first_board = await scene.read_board()
    return scene


def _from(urls: Iterable[str], number: int) -> list[str]:
    known = list(urls)
    start = number % len(known)
    return known[start:] + known[:start]
