"""Clients that do not read: what the server holds for them is bounded, they are let go, and others lose nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import signal
import socket as sockets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from websockets.exceptions import ConnectionClosed

from taskhub.asgi import application, websocket
from taskhub.events.model import events as log
from taskhub.live import socket as live
from taskhub.projects.model import projects
from tests.clients import Client, MakeClientOn
from tests.databases import Database
from tests.live.following import PATIENCE, credentials, socket, stream
from tests.serving import Serve, Server

STUCK_SOCKETS, STUCK_STREAMS = 50, 10
EVENTS, STEP = 3_000, 150
#: Seconds that a reader may wait for events while others hold up the server, were it to let them.
STALL = 15.0
#: What the server may hold for one client: a frame as text and as bytes, and its transport's buffer.
PER_CLIENT = 1024 * 1024

#: A server as ever, but for shorter times, that says with which code it closes.
IMPATIENT = """
import ctypes
import functools
import signal
from taskhub import app
from taskhub.asgi import websocket
from taskhub.cli import main
from taskhub.live import socket

socket.SEND_TIMEOUT, websocket.CLOSE_TIMEOUT = 1.5, 3.0
app.asgi_app = functools.partial(app.asgi_app, send_timeout=3.0)
close = websocket.WebSocket.close

async def told(self, code=1000, reason=""):
    print("closing with", code, flush=True)
    await close(self, code, reason)

websocket.WebSocket.close = told

# What was freed the allocator keeps for the next, unless it is asked to give it back.
def trim(*_):
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    print("trimmed", flush=True)

signal.signal(signal.SIGUSR1, trim)
main()
"""


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
def server(serve: Serve, database: Database) -> Server:
    """The module's server, with short times."""
    return serve(database, command=(sys.executable, "-c", IMPATIENT))


def memory(server: Server) -> int:
    """The server's resident memory in bytes."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def connections(server: Server) -> int:
    """How many clients the server has."""
    port = f":{server.port:04X}"
    lines = Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]
    return sum(1 for line in lines if line.split()[1].endswith(port) and line.split()[3] == "01")


async def small_socket(server: Server) -> sockets.socket:
    """A connection with as small a buffer to receive as there is."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 1)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", server.port))
    return raw


@asynccontextmanager
async def stuck(server: Server, client: Client, key: str, kind: str) -> AsyncIterator[None]:
    """A client that follows the project from its beginning and never reads."""
    raw = await small_socket(server)
    loop = asyncio.get_running_loop()
    cookie = credentials(client)["Cookie"]
    if kind == "stream":
        path, upgrade = f"/api/v1/projects/{key}/stream?since=0", ""
    else:
        nonce = base64.b64encode(os.urandom(16)).decode()
        path = "/api/v1/live"
        upgrade = (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
        )
    await loop.sock_sendall(
        raw, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{upgrade}Cookie: {cookie}\r\n\r\n".encode()
    )
    if kind == "socket":
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await loop.sock_recv(raw, 1)
        message = f'{{"op": "subscribe", "topic": "project:{key}", "since": 0}}'.encode()
        await loop.sock_sendall(raw, b"\x81" + bytes([0x80 | len(message)]) + b"\0\0\0\0" + message)
    try:
        yield
    finally:
        raw.close()


class Log:
    """The log of a project, written by another process: this one."""

    def __init__(self, database: Database, key: str) -> None:
        self._engine = create_async_engine(database.url)
        self._key = key
        self.written: dict[int, float] = {}

    async def append(self, count: int) -> None:
        """So many events more, of 2 KB each, like the newest one."""
        async with self._engine.begin() as connection:
            project = (await connection.execute(sa.select(projects).where(projects.c.key == self._key))).one()
            newest = sa.select(log).where(log.c.project_id == project.id, log.c.seq == project.seq)
            row: dict[str, Any] = dict((await connection.execute(newest)).one()._mapping)
            body = orjson.loads(row["body"])
            body["changes"] = {"description": ["", "y" * 2_000]}
            rows = [
                row | {"seq": seq, "body": orjson.dumps(body | {"seq": seq}).decode()}
                for seq in range(project.seq + 1, project.seq + count + 1)
            ]
            await connection.execute(sa.insert(log), rows)
            head = project.seq + count
            await connection.execute(sa.update(projects).where(projects.c.id == project.id).values(seq=head))
        self.written[head] = time.monotonic()

    async def close(self) -> None:
        await self._engine.dispose()


async def test_fifty_clients_that_read_nothing_cost_little_and_are_let_go(
    make_client_on: MakeClientOn, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await make_client_on(server)
    await ada.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})
    await ada.post("/api/v1/projects/WEB/tasks", json={"title": "A"})
    writer = Log(server.database, "WEB")
    # What the server keeps of any log, and what this run of it has allocated once, is not the clients'.
    await writer.append(2_000)
    async with socket(server, ada) as ws:
        head = (await ws.subscribe("WEB", since=0))["seq"]
        await read_to(ws, head)
    before = memory(server)
    arrived: dict[int, float] = {}

    async def by_socket() -> None:
        async with socket(server, ada) as ws:
            await ws.subscribe("WEB", since=head)
            seq = head
            while seq < head + EVENTS:
                frame = orjson.loads(await ws.connection.recv())
                for event in frame["events"]:
                    assert event["seq"] == seq + 1
                    seq += 1
                arrived[seq] = time.monotonic()

    async def by_stream() -> None:
        async with stream(server, ada, "WEB", last=head) as events:
            seq = head
            await events.receive()
            async for line in events.lines():
                if line.startswith("id: "):
                    assert int(line[4:]) == seq + 1
                    seq += 1
                    if seq == head + EVENTS:
                        return

    async with AsyncExitStack() as stack:
        for number in range(STUCK_SOCKETS + STUCK_STREAMS):
            kind = "socket" if number < STUCK_SOCKETS else "stream"
            await stack.enter_async_context(stuck(server, ada, "WEB", kind))
        readers = [asyncio.create_task(by_socket()), asyncio.create_task(by_stream())]
        at = 0
        for _ in range(EVENTS // STEP):
            await writer.append(STEP)
            at = max(at, memory(server))
            async with asyncio.timeout(STALL):
                while not arrived or max(arrived) < max(writer.written):
                    await asyncio.sleep(0.005)
            assert (await ada.get("/api/v1/me")).status_code == 200
        await asyncio.gather(*readers)
        deadline = time.monotonic() + PATIENCE
        while connections(server) > 2:
            assert time.monotonic() < deadline, f"{connections(server)} connections: who does not read was kept"
            at = max(at, memory(server))
            await asyncio.sleep(0.05)
    os.kill(server.pid, signal.SIGUSR1)
    async with asyncio.timeout(PATIENCE):
        while "trimmed" not in server.log_file.read_text():
            await asyncio.sleep(0.05)
    after = memory(server)
    with capsys.disabled():
        late = max(arrived[seq] - moment for seq, moment in writer.written.items() if seq in arrived)
        print(
            f"\n{STUCK_SOCKETS} sockets and {STUCK_STREAMS} streams that read nothing, {EVENTS} events of 2 KB: "
            f"{before >> 20} MiB before, {at >> 20} at most, {after >> 20} after; others at most {late:.2f} s late"
        )
    await writer.close()
    assert at - before < (STUCK_SOCKETS + STUCK_STREAMS) * PER_CLIENT
    assert after - before < 10 * PER_CLIENT


async def read_to(ws: Any, head: int) -> None:
    while orjson.loads(await ws.connection.recv()).get("events", [{"seq": 0}])[-1]["seq"] < head:
        pass


async def test_who_reads_again_in_time_is_told_why_with_1013(make_client_on: MakeClientOn, server: Server) -> None:
    ada = await make_client_on(server)
    await ada.post("/api/v1/projects", json={"key": "LATE", "name": "Late"})
    await ada.post("/api/v1/projects/LATE/tasks", json={"title": "A"})
    writer = Log(server.database, "LATE")
    await writer.append(4_000)
    await writer.close()
    told = len(re.findall("closing with 1013", server.log_file.read_text()))
    async with socket(server, ada, max_queue=1, compression=None, sock=await small_socket(server)) as ws:
        await ws.subscribe("LATE", since=0)
        async with asyncio.timeout(PATIENCE):
            while len(re.findall("closing with 1013", server.log_file.read_text())) == told:
                await asyncio.sleep(0.05)
        seqs: list[int] = []
        with contextlib.suppress(ConnectionClosed):
            async for frame in ws.connection:
                seqs += [event["seq"] for event in orjson.loads(frame)["events"]]
        assert ws.connection.close_code == 1013
    # What did come is whole, so the cursor is good to come back with.
    assert seqs == list(range(1, len(seqs) + 1))
    async with socket(server, ada) as ws:
        head = (await ws.subscribe("LATE", since=seqs[-1]))["seq"]
        await read_to(ws, head)


def test_the_times_are_those_of_the_contract() -> None:
    assert live.SEND_TIMEOUT == 10
    assert websocket.CLOSE_TIMEOUT == 5
    assert application.SEND_TIMEOUT == 60
