"""WebSocket routes with asynchronous handlers."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from .conftest import Server


@pytest.fixture
def mark() -> str:
    return uuid4().hex


def open_socket(server: Server, path: str, **options: Any) -> connect:
    return connect(server.ws + path, proxy=None, **options)


async def happened(server: Server, entry: str) -> None:
    await asyncio.to_thread(server.happened, entry)


async def closed_with(socket: ClientConnection) -> tuple[int, str]:
    await socket.wait_closed()
    assert socket.close_code is not None
    assert socket.close_reason is not None
    return socket.close_code, socket.close_reason


async def test_text_and_binary(server: Server) -> None:
    async with open_socket(server, "/echo") as socket:
        for message in ("hello", "詞 é", "", b"\x00\xff", b"", "x" * 200_000):
            await socket.send(message)
            assert await socket.recv() == message
    assert socket.close_code == 1000


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(None, None), (["v1"], "v1"), (["v1", "v2"], "v2"), (["other"], None), (["other", "v1"], "v1")],
)
async def test_subprotocol(server: Server, offered: Any, chosen: str | None) -> None:
    async with open_socket(server, "/echo", subprotocols=offered) as socket:
        assert socket.subprotocol == chosen


async def test_the_handler_has_its_request(server: Server) -> None:
    headers = {"Cookie": "a=1", "X-Refuse": ""}
    async with open_socket(
        server, "/sockets/who/7/caf%C3%A9?q=%20", additional_headers=headers, user_agent_header="tests"
    ) as socket:
        assert json.loads(await socket.recv()) == {
            "number": 7,
            "name": "café",
            "steps": ["before"],
            "agent": "tests",
            "cookies": {"a": "1"},
            "endpoint": "sockets.who",
            "query": " ",
            "scheme": "http",
        }
        assert await closed_with(socket) == (1000, "")


async def test_teardown_runs_when_the_handler_ends(server: Server, mark: str) -> None:
    async with open_socket(server, f"/echo?mark={mark}"):
        pass
    await happened(server, f"teardown {mark} NoneType")


async def test_one_task_receives_while_another_sends(server: Server, mark: str) -> None:
    async with open_socket(server, f"/both?mark={mark}") as socket:
        await socket.send("hello")
        messages = [await socket.recv()]
        while messages[-1] != "got 'hello'":
            messages.append(await socket.recv())
        assert messages[0] == "tick 0 /both"
        await socket.close(4001, "bye")
    await happened(server, f"both closed {mark} 4001 bye")


@pytest.mark.parametrize("code", [1000, 1012, 4401])
async def test_close(server: Server, code: int) -> None:
    async with open_socket(server, f"/close/{code}?reason=" + "%C3%A9" * 100) as socket:
        assert await closed_with(socket) == (code, "é" * 61)
    await happened(server, f"send after close {code} False {code}")


async def test_a_handler_that_raises_closes_with_1011(server: Server) -> None:
    before = server.log().count("ZeroDivisionError")
    async with open_socket(server, "/raise") as socket:
        await socket.send("go")
        assert await closed_with(socket) == (1011, "")
    assert server.log().count("ZeroDivisionError") > before


async def test_a_handler_that_aborts(server: Server) -> None:
    async with open_socket(server, "/abort/403") as socket:
        assert await closed_with(socket) == (1008, "")
    async with open_socket(server, "/abort/503") as socket:
        assert await closed_with(socket) == (1011, "")


@pytest.mark.parametrize(
    ("path", "headers", "status", "body"),
    [
        ("/nowhere", {}, 404, b'"status":404'),
        ("/sync", {}, 400, b'"status":400'),
        ("/echo", {"X-Refuse": "1"}, 403, b"refused"),
    ],
)
async def test_refused_before_the_handshake(
    server: Server, path: str, headers: dict[str, str], status: int, body: bytes
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(server, path, additional_headers=headers)
    assert refused.value.response.status_code == status
    assert body in (refused.value.response.body or b"")
    assert refused.value.response.headers["x-steps"] == "before"


def test_plain_http_to_a_socket_route(client: httpx.Client) -> None:
    assert client.get("/echo", headers={"Accept": "*/*"}).status_code == 200, "the HTTP route of that name"
    assert client.get("/both").status_code == 400


@pytest.mark.parametrize("how", ["close", "vanish"])
async def test_a_handler_that_waits_elsewhere_learns_of_the_end(server: Server, mark: str, how: str) -> None:
    socket = await open_socket(server, f"/push?mark={mark}")
    await happened(server, f"push began {mark}")
    if how == "close":
        await socket.close(1001)
        await happened(server, f"push cancelled {mark} 1001")
    else:
        socket.transport.abort()
        await happened(server, f"push cancelled {mark} 1005")
    await happened(server, f"teardown {mark} CancelledError")


async def test_messages_received_ahead_keep_their_order(server: Server, mark: str) -> None:
    async with open_socket(server, f"/late?mark={mark}") as socket:
        for message in ("1", "2", "3"):
            await socket.send(message)
        await happened(server, f"late began {mark}")
        assert json.loads(await socket.recv()) == ["1", "2", "3"]


async def test_only_one_task_may_receive(server: Server) -> None:
    async with open_socket(server, "/twice") as socket:
        assert "already" in str(await socket.recv())
        await socket.send("x")
        assert await socket.recv() == "first got 'x'"


@pytest.mark.parametrize("how", ["abort", "close"])
async def test_a_peer_that_does_not_read_is_dropped(server: Server, mark: str, how: str) -> None:
    socket = await open_socket(server, f"/stuck/{how}?mark={mark}", max_queue=1, compression=None)
    try:
        await happened(server, f"stuck {mark} True")
        await happened(server, f"unstuck {mark} {1006 if how == 'abort' else 1013}")
        await happened(server, f"teardown {mark} NoneType")
    finally:
        socket.transport.abort()


async def test_broken_frames_close_the_connection(server: Server) -> None:
    async with open_socket(server, "/echo") as socket:
        socket.transport.write(b"\xff\xff\xff\xff\xff\xff")
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get("/sync")).text == "sync"


async def test_a_synchronous_handler(server: Server) -> None:
    async with open_socket(server, "/blocking") as socket:
        assert await closed_with(socket) == (1000, "")
    await happened(server, "blocking handler ran")


async def test_an_idle_socket_is_small(server: Server) -> None:
    """About 20 KB for each of them."""

    def resident() -> int:
        with open(f"/proc/{server.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    async def opened(count: int) -> list[ClientConnection]:
        sockets = [open_socket(server, "/echo", compression=None, max_queue=1) for _ in range(count)]
        return list(await asyncio.gather(*sockets))

    warm = await opened(50)
    before = resident()
    sockets = await opened(300)
    each = (resident() - before) / 300
    await asyncio.gather(*(socket.close() for socket in (*warm, *sockets)))
    assert each < 60_000, f"{each / 1024:.1f} KB for each connection"
    print(f"{each / 1024:.1f} KB for each idle connection")
