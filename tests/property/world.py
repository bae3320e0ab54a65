"""An instance in this process, asked through the real HTTP API by people who have accounts on it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from taskhub.api import Instance
from taskhub.app import MAX_BODY, create_app
from taskhub.asgi import asgi_app
from taskhub.config import Settings
from tests.clients import PASSWORD
from tests.databases import Database
from tests.openapi import Contract

PEOPLE = ("ada", "ben", "cho", "dan", "eve")
#: Who is not signed in.
NOBODY = "nobody"

ORIGIN = "http://taskhub.example"

T = TypeVar("T")


class World:
    """The instance and its people, with an event loop of their own. `close` it."""

    def __init__(self, database: Database, contract: Contract) -> None:
        self.contract = contract
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.ids: dict[str, str] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._projects = 0
        self._apart = timedelta(0)
        #: How often each kind of command ended with each code or status.
        self.tally: Counter[tuple[str, str]] = Counter()
        settings = Settings(
            data_dir=database.data_dir,
            database_url=database.url if database.kind == "postgresql" else None,
            open_registration=True,
        )
        self.run(self._begin(settings))

    async def _begin(self, settings: Settings) -> None:
        app = create_app(settings)
        self.here: Instance = app.extensions["taskhub"]
        transport = httpx.ASGITransport(app=asgi_app(app, max_body=MAX_BODY))
        for name in (*PEOPLE, NOBODY):
            client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})
            client.event_hooks["response"].append(self._check)
            self._clients[name] = client
            if name != NOBODY:
                body = {"email": email(name), "name": name.title(), "password": PASSWORD}
                answer = await client.post("/api/v1/auth/register", json=body)
                assert answer.status_code == 201, answer.text
                self.ids[name] = answer.json()["id"]

    async def _check(self, response: httpx.Response) -> None:
        # The board is asked for after each command; its shape is held against the document elsewhere.
        if not response.request.url.path.endswith("/board"):
            await response.aread()
            self.contract.check(response)

    def now(self) -> datetime:
        """The moment that the instance takes for the present one, where the test gives it this clock."""
        moment = datetime.now(UTC) + self._apart
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set_clock(self, ago: timedelta) -> None:
        """Put the clock back to so long ago."""
        self._apart = -ago

    def pass_time(self, by: timedelta) -> None:
        """Put the clock forward, at most to now."""
        self._apart = min(self._apart + by, timedelta(0))

    def close(self) -> None:
        """Close every connection."""

        async def end() -> None:
            for client in self._clients.values():
                await client.aclose()
            await self.here.commands.drain()
            await self.here.db.close()

        self.run(end())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self._runner.run(work)

    def all(self, calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
        """Run them at once."""

        async def together() -> list[T]:
            return await asyncio.gather(*(call() for call in calls))

        return self.run(together())

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        """One request by one of the `PEOPLE` or `NOBODY`; bytes are sent as they are. Never a 5xx (`Contract`)."""
        headers = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
        sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        if body is None:
            sent = {}
        return await self._clients[who].request(method, path, headers=headers, **sent)

    def request(self, who: str, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """As `ask`, to its end."""
        return self.run(self.ask(who, method, path, body, key=key))

    def new_key(self) -> str:
        """A project KEY that nobody took."""
        self._projects += 1
        return f"Q{self._projects}"


def email(name: str) -> str:
    """The address of one of the `PEOPLE`."""
    return f"{name}@example.com"
