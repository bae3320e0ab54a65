"""A real uvicorn process for the adapter's tests."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]

_SERVE = """
import json, sys
from taskhub.asgi.serving import serve
target, options = sys.argv[1], json.loads(sys.argv[2])
sys.exit(serve(target, port=0, ready=lambda host, port: print(port, flush=True), log_level="info", **options))
"""


@dataclass
class Server:
    """A running server: where it listens, its process and what it wrote on standard error."""

    port: int
    process: subprocess.Popen[str]
    errors: IO[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def log(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def happened(self, entry: str) -> None:
        """Wait until the application has written `entry` in its journal."""
        response = httpx.get(f"{self.url}/journal/{entry}", timeout=15)
        assert response.status_code == 200, response.text

    def raw(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own and return all that comes back until its end."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


@contextmanager
def running(command: list[str]) -> Iterator[Server]:
    """Run a command that prints the port it listens on; it is ended, at the latest, with the block."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.wait(10)
                errors.seek(0)
                pytest.fail(f"The server did not start:\n{errors.read()}")
            yield Server(int(line), process, errors)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()


def serve_command(target: str, **options: Any) -> list[str]:
    return [sys.executable, "-c", _SERVE, target, json.dumps(options)]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The application of `tests/asgi/apps.py` on one server for the whole run."""
    with running(serve_command("tests.asgi.apps:application")) as running_server:
        yield running_server


@pytest.fixture
def spawn() -> Iterator[Callable[..., Server]]:
    """Start a server of its own for one test: `spawn("module:name", **options of serve)`."""
    with ExitStack() as stack:
        yield lambda target, **options: stack.enter_context(running(serve_command(target, **options)))


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=15) as http:
        yield http
