"""What one client may cost, and what a restart does to it: nothing is lost."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path

import pytest

from tests.clients import MakeClient
from tests.live.following import credentials, socket, stream
from tests.serving import Server


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


def memory(server: Server) -> int:
    """The server's resident memory in bytes."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def open_and_never_read(server: Server, cookie: str, key: str) -> asyncio.StreamWriter:
    """A WebSocket that follows the project from its beginning, of which nothing is ever read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    nonce = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    message = f'{{"op": "subscribe", "topic": "project:{key}", "since": 0}}'.encode()
    writer.write(b"\x81" + bytes([0x80 | len(message)]) + b"\0\0\0\0" + message)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    return writer


async def test_a_flood_of_pings_that_are_not_read_costs_no_memory(make_client: MakeClient, server: Server) -> None:
    ada = await make_client()
    await ada.post("/api/v1/projects", json={"key": "FLOOD", "name": "Flood"})
    before = memory(server)
    writer = await open_and_never_read(server, credentials(ada)["Cookie"], "FLOOD")
    message = b'{"op":"ping"}'
    frame = b"\x81" + bytes([0x80 | len(message)]) + b"\0\0\0\0" + message
    sent = 0
    try:
        async with asyncio.timeout(3):
            while sent < 30 * 1024 * 1024:
                writer.write(frame * 5_000)
                sent += len(frame) * 5_000
                await writer.drain()
    except (TimeoutError, ConnectionError):
        pass
    assert memory(server) - before < 32 * 1024 * 1024
    assert (await ada.get("/api/v1/me")).status_code == 200
    writer.transport.abort()


async def test_a_restart_closes_with_1012_and_the_cursor_goes_on(make_client: MakeClient, server: Server) -> None:
    ada = await make_client()
    await ada.post("/api/v1/projects", json={"key": "AGAIN", "name": "Again"})
    async with socket(server, ada) as ws, stream(server, ada, "AGAIN") as events:
        cursor = (await ws.subscribe("AGAIN"))["seq"]
        assert (await events.receive())["event"] == "hello"
        await asyncio.to_thread(server.restart)
        assert await ws.closed() == 1012
        with pytest.raises(EOFError):
            await events.receive()
    made = [
        (await ada.post("/api/v1/projects/AGAIN/tasks", json={"title": f"t{number}"})).json() for number in range(3)
    ]
    async with socket(server, ada) as ws, stream(server, ada, "AGAIN", last=cursor) as events:
        await ws.subscribe("AGAIN", since=cursor)
        assert [event["task"] for event in await ws.events(cursor + 3)] == made
        assert (await events.receive())["id"] == str(cursor)
        assert [event["task"] for event in await events.events(cursor + 3)] == made


async def test_a_kill_loses_nothing_that_was_acknowledged(make_client: MakeClient, server: Server) -> None:
    ada = await make_client()
    await ada.post("/api/v1/projects", json={"key": "KILL", "name": "Kill"})
    async with socket(server, ada) as ws:
        cursor = (await ws.subscribe("KILL"))["seq"]
        made = [(await ada.post("/api/v1/projects/KILL/tasks", json={"title": str(n)})).json()["ref"] for n in range(5)]
        server.kill()
        await ws.closed()
    await asyncio.to_thread(server.start)
    async with socket(server, ada) as ws:
        await ws.subscribe("KILL", since=cursor)
        assert [event["task"]["ref"] for event in await ws.events(cursor + 5)] == made
