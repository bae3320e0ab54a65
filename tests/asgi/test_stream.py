"""Responses that stream: in pieces, under backpressure, and to clients that go away."""

from __future__ import annotations

import socket
from uuid import uuid4

import httpx
import pytest

from .conftest import Server, read_all


@pytest.fixture
def mark() -> str:
    return uuid4().hex


def get(target: str, *headers: str, version: str = "1.1") -> bytes:
    return f"GET {target} HTTP/{version}\r\nHost: t\r\n{''.join(h + chr(13) + chr(10) for h in headers)}\r\n".encode()


def until(connection: socket.socket, wanted: bytes) -> bytes:
    received = b""
    while wanted not in received:
        piece = connection.recv(65536)
        assert piece, f"the connection ended before {wanted!r} came: {received[-500:]!r}"
        received += piece
        assert len(received) < 1_000_000, f"{wanted!r} did not come: {received[-500:]!r}"
    return received


@pytest.mark.parametrize("path", ["/stream/numbers", "/stream/bare", "/stream/counted", "/sync-stream/numbers"])
def test_pieces(client: httpx.Client, path: str) -> None:
    assert client.get(path).text == "0\n1\n2\n3\n4\n"


def test_status_and_headers_with_a_bare_generator(client: httpx.Client) -> None:
    response = client.get("/stream/tuple")
    assert (response.status_code, response.headers["x-streamed"]) == (202, "yes")
    assert response.text == "0\n1\n2\n3\n4\n"


def test_lists_and_nothing(client: httpx.Client) -> None:
    response = client.get("/sync-stream/list")
    assert (response.text, response.headers["content-length"]) == ("abc", "3")
    assert client.get("/sync-stream/none").text == ""


@pytest.mark.parametrize("kind", ["stream", "sync-stream"])
def test_stream_with_context(client: httpx.Client, kind: str, mark: str) -> None:
    client.post("/login", data={"name": "Ann"})
    assert client.get(f"/{kind}/context", params={"mark": mark}).text == f"{mark} tests.asgi.apps Ann\n" * 3


def test_closing_runs_finally_then_the_response_s_callbacks(client: httpx.Client, mark: str) -> None:
    client.get("/stream/numbers", params={"mark": mark})
    entries = client.get("/journal").json()
    assert [e for e in entries if e.endswith(mark)] == [f"numbers closed {mark}", f"response closed {mark}"]


def test_head_of_a_stream_closes_it(client: httpx.Client, server: Server, mark: str) -> None:
    assert client.head("/stream/numbers", params={"mark": mark}).content == b""
    server.happened(f"response closed {mark}")


def test_the_first_piece_comes_at_once(server: Server, mark: str) -> None:
    """And when the client goes away while the generator waits, its `finally` runs."""
    for path, closed in (
        (f"/stream/events?mark={mark}", f"waiting closed {mark}"),
        (f"/sync-stream/events?mark={mark}", f"sync waiting closed {mark}"),
    ):
        with server.connect() as connection:
            connection.sendall(get(path))
            until(connection, b"data: open")
        server.happened(closed)


def test_backpressure_reaches_the_generator(server: Server, mark: str) -> None:
    """A client that does not read stops the generator; one that never does is dropped after `send_timeout`."""
    with server.connect() as connection:
        connection.sendall(get(f"/stream/flood?mark={mark}"))
        server.happened(f"flood 2 {mark}")
        server.happened(f"flood closed {mark}")
        assert f"flood 1000 {mark}" not in httpx.get(server.url + "/journal").json()


def test_a_client_that_leaves_a_flood(server: Server, mark: str) -> None:
    with server.connect() as connection:
        connection.sendall(get(f"/stream/flood?mark={mark}"))
        received = 0
        while received < 10_000_000:
            received += len(connection.recv(1_000_000))
    server.happened(f"flood closed {mark}")


def test_a_generator_that_never_waits_holds_up_nobody(server: Server, mark: str) -> None:
    with server.connect() as connection:
        connection.sendall(get(f"/sync-stream/busy?mark={mark}"))
        until(connection, b"1\r\n.\r\n1\r\n.\r\n")
        assert httpx.get(server.url + "/sync").text == "sync"
    server.happened(f"busy closed {mark}")


@pytest.mark.parametrize("kind", ["stream", "sync-stream"])
def test_an_error_after_the_start_cuts_the_response(server: Server, kind: str) -> None:
    answer = server.raw(get(f"/{kind}/breaking"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"first\n" in answer
    assert not answer.endswith(b"0\r\n\r\n")
    assert "Traceback" not in answer.decode()
    assert httpx.get(server.url + "/sync").text == "sync"


def test_an_error_after_the_start_resets_http_1_0(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(get("/stream/breaking", version="1.0"))
        with pytest.raises(ConnectionResetError):
            b"".join(iter(lambda: connection.recv(1000), b""))


def test_an_error_before_the_first_piece_is_500(client: httpx.Client) -> None:
    response = client.get("/sync-stream/breaking-first")
    assert (response.status_code, response.text) == (500, "Internal Server Error")


def test_a_client_that_leaves_cancels_the_view(server: Server, mark: str) -> None:
    with server.connect() as connection:
        connection.sendall(get(f"/wait?mark={mark}"))
        server.happened(f"wait began {mark}")
    server.happened(f"wait cancelled {mark}")
    server.happened(f"teardown {mark} CancelledError")


def test_what_is_shielded_outlives_its_client(server: Server, mark: str) -> None:
    with server.connect() as connection:
        connection.sendall(get(f"/shielded?mark={mark}"))
        server.happened(f"command began {mark}")
    server.happened(f"shielded cancelled {mark}")
    httpx.post(server.url + "/finish").raise_for_status()
    server.happened(f"command done {mark} on /shielded")


def test_a_cancelled_request_logs_no_error(server: Server, mark: str) -> None:
    before = len(server.log())
    with server.connect() as connection:
        connection.sendall(get(f"/wait?mark={mark}"))
        server.happened(f"wait began {mark}")
    server.happened(f"teardown {mark} CancelledError")
    assert httpx.get(server.url + "/sync").text == "sync"
    assert "Error" not in server.log()[before:]


def test_keep_alive_after_a_stream(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(get("/stream/numbers"))
        until(connection, b"0\r\n\r\n")
        connection.sendall(get("/sync", "Connection: close"))
        assert read_all(connection).endswith(b"sync")
