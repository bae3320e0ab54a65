"""Programs that follow a project over a WebSocket or an event stream; tests/store.py has what they make of it.

Every frame and message they get is held against the AsyncAPI document.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from taskhub.api import SESSION_COOKIE
from tests.clients import Client
from tests.openapi import contract
from tests.serving import Server

#: Seconds after which a test gives up on what it waits for.
PATIENCE = 20.0


def credentials(client: Client) -> dict[str, str]:
    """The headers that say who a client is."""
    if "Authorization" in client.headers:
        return {"Authorization": client.headers["Authorization"]}
    return {"Cookie": f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"}


class Socket:
    """A WebSocket, frame by frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        """A frame: bytes and text as they are, anything else as JSON."""
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next frame; TimeoutError without one, ConnectionClosed at the end."""
        async with asyncio.timeout(timeout):
            found: dict[str, Any] = json.loads(await self.connection.recv())
        contract().check_frame(found)
        return found

    async def subscribe(self, key: str, **cursor: Any) -> dict[str, Any]:
        """Follow a project; the `subscribed` frame."""
        await self.send({"op": "subscribe", "topic": f"project:{key}", **cursor})
        answer = await self.receive()
        assert answer["op"] == "subscribed", answer
        return answer

    async def events(self, last: int) -> list[dict[str, Any]]:
        """Every event up to the one with the seq `last`; nothing else may come between."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["seq"] < last:
            frame = await self.receive()
            assert frame["op"] == "events", frame
            found += frame["events"]
        return found

    async def closed(self, timeout: float = PATIENCE) -> int | None:
        """The code that the server closed with; frames before it are dropped."""
        async with asyncio.timeout(timeout):
            await self.connection.wait_closed()
        return self.connection.close_code


@asynccontextmanager
async def socket(server: Server, client: Client | None, **options: Any) -> AsyncIterator[Socket]:
    """A WebSocket to /api/v1/live, signed in as the client."""
    headers = {} if client is None else credentials(client)
    options = {"origin": server.url, "max_size": None, "proxy": None, **options}
    url = f"ws://127.0.0.1:{server.port}/api/v1/live"
    async with connect(url, additional_headers=headers, **options) as connection:
        yield Socket(connection)


class Message(dict[str, Any]):
    """A message of an event stream: `event`, `id` and `data` as far as it has them."""


class Stream:
    """An event stream, message by message."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def receive(self, timeout: float = PATIENCE) -> Message:
        """The next message, with its data parsed; comments are passed over. EOFError at the end."""
        async with asyncio.timeout(timeout):
            message = Message()
            async for line in self._lines:
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(": ")
                    message[name] = json.loads(value) if name == "data" else value
                elif message:
                    if "data" in message:
                        contract().check_message(message.get("event"), message["data"])
                    return message
        raise EOFError

    def lines(self) -> AsyncIterator[str]:
        """What comes from here on, line by line, as it is."""
        return self._lines

    async def events(self, last: int) -> list[dict[str, Any]]:
        """Every event up to the one with the seq `last`; nothing else may come between."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["seq"] < last:
            message = await self.receive()
            assert "event" not in message, message
            assert message["id"] == str(message["data"]["seq"])
            found.append(message["data"])
        return found


@asynccontextmanager
async def stream(
    server: Server, client: Client, key: str, *, last: int | None = None, **query: Any
) -> AsyncIterator[Stream]:
    """The event stream of a project; `last` is the Last-Event-ID."""
    async with stream_at(server, client, f"projects/{key}/stream", last=last, **query) as found:
        yield found


@asynccontextmanager
async def inbox_stream(
    server: Server, client: Client, *, last: int | None = None, **query: Any
) -> AsyncIterator[Stream]:
    """The event stream of one's own inbox."""
    async with stream_at(server, client, "inbox/stream", last=last, **query) as found:
        yield found


@asynccontextmanager
async def stream_at(
    server: Server, client: Client | None, path: str, *, last: int | None = None, **query: Any
) -> AsyncIterator[Stream]:
    """Any event stream of the API, by its path under `/api/v1/`; signed in as the client."""
    headers = credentials(client) if client is not None else {}
    headers |= {} if last is None else {"Last-Event-ID": str(last)}
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE, trust_env=False) as http,
        http.stream("GET", f"/api/v1/{path}", headers=headers, params=query) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)
