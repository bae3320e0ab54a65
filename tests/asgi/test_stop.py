"""Lifespan and signals: a server with a thousand open connections ends in order, and quickly."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect

from .conftest import ROOT, Server, read_all, serve_command

EACH = 500
DEADLINE = 5.0


async def open_streams(server: Server, count: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async def open_one() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /stream/events HTTP/1.1\r\nHost: t\r\n\r\n")
        await reader.readuntil(b"data: open")
        return reader, writer

    return [await open_one() for _ in range(count)]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_a_thousand_open_streams_and_sockets(spawn: Callable[..., Server], sent: int) -> None:
    server = spawn("tests.asgi.apps:application")
    streams = await open_streams(server, EACH)
    paths = ("/push?mark=stop", "/echo", "/echo")
    sockets = [await connect(server.ws + paths[number % 3], proxy=None, compression=None) for number in range(EACH)]
    server.stop(sent)
    status = await asyncio.to_thread(server.process.wait, DEADLINE)
    assert status == 0, server.log()[-2000:]
    for ws in sockets:
        await ws.wait_closed()
    assert {ws.close_code for ws in sockets} == {1012}
    for reader, writer in streams:
        rest = await reader.read()
        assert rest.endswith(b"\r\n0\r\n\r\n"), "an event stream ends as a whole response"
        writer.close()
    assert "Traceback" not in server.log()


async def test_peers_that_do_not_read_and_views_that_do_not_end(spawn: Callable[..., Server]) -> None:
    server = spawn("tests.asgi.apps:application")
    flooded = server.connect()
    flooded.sendall(b"GET /stream/flood?mark=a HTTP/1.1\r\nHost: t\r\n\r\n")
    waiting = server.connect()
    waiting.sendall(b"GET /wait?mark=b HTTP/1.1\r\nHost: t\r\n\r\n")
    stuck = await connect(server.ws + "/stuck/close?mark=c", proxy=None, compression=None, max_queue=1)
    for entry in ("flood 2 a", "wait began b", "stuck c True"):
        await asyncio.to_thread(server.happened, entry)
    server.stop()
    assert await asyncio.to_thread(server.process.wait, DEADLINE) == 0
    stuck.transport.abort()
    with pytest.raises(ConnectionResetError):
        b"".join(iter(lambda: flooded.recv(1_000_000), b""))
    # Its client learns why, and the log has no traceback of it.
    answer = read_all(waiting).decode()
    assert answer.startswith("HTTP/1.1 503 "), answer
    assert ", in wait\n" not in server.log()
    flooded.close()
    waiting.close()


def test_hooks_run_in_their_order(spawn: Callable[..., Server]) -> None:
    server = spawn("tests.asgi.lifespan_apps:application")
    with server.connect() as stream:
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
        while b"data" not in stream.recv(1000):
            pass
        server.stop()
        assert server.process.wait(DEADLINE) == 0
    steps = [line.removeprefix("STEP ") for line in server.log().splitlines() if line.startswith("STEP ")]
    assert steps == [
        "startup 1",
        "startup 2",
        "stopping 1",
        "stopping with an error",
        "stopping 2",
        "stream closed",
        "shutdown 1",
        "shutdown 2",
    ]


def run_to_its_end(target: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        serve_command(target, **options), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )


def test_a_startup_that_fails_keeps_the_server_from_starting() -> None:
    ended = run_to_its_end("tests.asgi.lifespan_apps:failing")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no database today" in ended.stderr


def test_a_port_in_use_is_an_error_for_the_caller() -> None:
    script = (
        "import sys\nfrom taskhub.asgi.serving import serve\n"
        "try: serve('tests.asgi.apps:application', port=int(sys.argv[1]))\n"
        "except OSError as error: sys.exit(f'port: {error.strerror}')"
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-c", script, str(taken.getsockname()[1])]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (1, "port: Address already in use")
