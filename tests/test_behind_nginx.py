"""TaskHub behind nginx, with the very lines that docs/operations.md gives."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from tests.clients import PASSWORD, TIMEOUT
from tests.databases import MakeDatabase
from tests.needs import require
from tests.ports import free_port
from tests.serving import Serve, Server

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations.md"


def documented(server: Server) -> tuple[str, str]:
    """The `location` and the `map` block of the documentation, before `server`."""
    location, connection_map = re.findall(r"^```nginx\n(.+?)^```", OPERATIONS.read_text(), re.M | re.S)
    assert "http://127.0.0.1:8000" in location
    return location.replace("http://127.0.0.1:8000", server.url), connection_map


@pytest.fixture(scope="module")
def proxy(serve: Serve, make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an nginx before a TaskHub."""
    program = require("nginx")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = serve(make_database("sqlite"), env={"TASKHUB_BASE_URL": address})
    location, connection_map = documented(server)
    folder = tmp_path_factory.mktemp("nginx")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{connection_map}\n"
        f"server {{ listen 127.0.0.1:{port};\n{location}\n}} }}\n"
    )
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "-p", folder, "-c", configuration],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 20
        while not _answers(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
async def member(proxy: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in through the proxy, who owns the project WEB."""
    async with httpx.AsyncClient(base_url=proxy, headers={"Origin": proxy}, timeout=TIMEOUT, trust_env=False) as client:
        person = {"email": "ada@example.com", "name": "Ada", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/register", json=person)).status_code == 201
        made = await client.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})
        assert made.status_code == 201, made.text
        yield client


async def test_a_change_reaches_an_event_stream_at_once(member: httpx.AsyncClient) -> None:
    async with asyncio.timeout(TIMEOUT), member.stream("GET", "/api/v1/projects/WEB/stream") as stream:
        assert stream.status_code == 200
        lines = stream.aiter_lines()
        async for line in lines:
            if line == "event: hello":
                break
        made = await member.post("/api/v1/projects/WEB/tasks", json={"title": "Draw the board"})
        assert made.status_code == 201, made.text
        async for line in lines:
            if line.startswith("data: ") and '"task.created"' in line:
                event = json.loads(line.removeprefix("data: "))
                break
    assert event["task"]["ref"] == made.json()["ref"]


async def test_a_websocket_goes_through(proxy: str, member: httpx.AsyncClient) -> None:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in member.cookies.items())}
    address = f"{proxy.replace('http', 'ws', 1)}/api/v1/live"
    origin, subprotocol = Origin(proxy), Subprotocol("taskhub.v1")
    async with connect(
        address, origin=origin, additional_headers=headers, subprotocols=[subprotocol], proxy=None
    ) as ws:
        await ws.send(json.dumps({"op": "subscribe", "topic": "project:WEB", "since": 0}))
        first = json.loads(await ws.recv())
        second = json.loads(await ws.recv())
    assert first["op"] == "subscribed"
    assert second["op"] == "events"
    assert second["events"][0]["seq"] == 1


async def test_a_write_from_another_origin_is_refused(member: httpx.AsyncClient) -> None:
    answer = await member.post(
        "/api/v1/projects", json={"key": "OTHER", "name": "Other"}, headers={"Origin": "http://127.0.0.1:1"}
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "cross_origin"
