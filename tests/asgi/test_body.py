"""A request's body is bounded while it arrives, and one that breaks or stalls ends cleanly."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from .apps import MAX_BODY
from .conftest import Server, read_all


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("size", "on_disk"), [(1, False), (256 * 1024, False), (256 * 1024 + 1, True), (MAX_BODY, True)]
)
def test_small_in_memory_large_on_disk(client: httpx.Client, size: int, on_disk: bool, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, size, 50_000):
            yield b"x" * min(50_000, size - start)

    content = pieces() if chunked else b"x" * size
    assert client.post("/size", content=content).json() == {"size": size, "file": on_disk}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/size", "/upload", "/nowhere"])
def test_too_large_is_413_by_the_error_handler(client: httpx.Client, chunked: bool, path: str) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * (MAX_BODY // 50)

    response = client.post(path, content=pieces() if chunked else b"x" * (2 * MAX_BODY))
    assert response.status_code == 413
    assert str(MAX_BODY) in response.json()["detail"]
    assert response.headers["connection"] == "close"
    assert client.get("/sync").text == "sync"


def test_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    head = f"POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: {MAX_BODY + 1}\r\nExpect: 100-continue\r\n\r\n"
    answer = server.raw(head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_expect_continue(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"abc")
        assert b'"size":3' in read_all(connection)


@pytest.mark.parametrize(
    "start", [b"Content-Length: 100\r\n\r\nonly this", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"]
)
def test_a_stalled_body_is_408(server: Server, start: bytes) -> None:
    answer = server.raw(b"POST /size HTTP/1.1\r\nHost: t\r\n" + start)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408


@pytest.mark.parametrize(
    "broken",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdefgh\r\n",
        b"Content-Length: abc\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"Content-Length: -1\r\n\r\n",
    ],
)
def test_a_broken_body_ends_the_connection(server: Server, broken: bytes) -> None:
    answer = server.raw(b"POST /size HTTP/1.1\r\nHost: t\r\n" + broken)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


def test_a_body_cut_off_runs_no_view(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /size?mark=cut HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc")
    assert httpx.get(server.url + "/sync", params={"mark": "after cut"}).text == "sync"
    server.happened("teardown after cut NoneType")
    assert "teardown cut NoneType" not in httpx.get(server.url + "/journal").json()


def test_multipart_upload(client: httpx.Client) -> None:
    content = b"\x00\xff" * 400_000
    response = client.post("/upload", files={"file": ("名.bin", content)}, data={"title": "É"})
    assert response.json() == {"name": "名.bin", "size": len(content), "title": "É"}


@pytest.mark.parametrize("target", ["/size", "/echo?" + "q" * 100_000, "/echo/" + "%ff" * 1000])
def test_junk_never_gives_a_5xx(server: Server, target: str) -> None:
    answer = server.raw(f"POST {target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode() + b"\x00junk")
    assert not answer.startswith(b"HTTP/1.1 5")
