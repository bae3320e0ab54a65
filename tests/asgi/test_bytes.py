"""What the client sends reaches Flask byte for byte, and what Flask answers reaches the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from .conftest import Server


def echo(server: Server, target: str, *headers: bytes, body: bytes = b"", method: str = "GET") -> Any:
    request = f"{method} {target} HTTP/1.1\r\nHost: example.test:81\r\nConnection: close\r\n".encode()
    head, _, content = server.raw(request + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body).partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 200"), head
    return httpx.Response(200, content=content).json()


@pytest.mark.parametrize(
    ("sent", "path", "decoded"),
    [
        ("/echo/plain", "/echo/plain", b"/echo/plain"),
        ("/echo/a%20b", "/echo/a b", b"/echo/a b"),
        ("/echo/caf%C3%A9", "/echo/café", "/echo/café".encode()),
        ("/echo/%E8%A9%9E", "/echo/詞", "/echo/詞".encode()),
        ("/echo/caf%E9", "/echo/caf\ufffd", b"/echo/caf\xe9"),
        ("/echo/x%2Fy%2e%3F%23", "/echo/x/y.?#", b"/echo/x/y.?#"),
        ("/echo/100%25", "/echo/100%", b"/echo/100%"),
        ("/echo/%", "/echo/%", b"/echo/%"),
    ],
)
def test_path(server: Server, sent: str, path: str, decoded: bytes) -> None:
    seen = echo(server, sent + "?q=%C3%A9&q=b+c&e=%E9")
    assert seen["path"].encode(errors="replace") == path.encode(errors="replace")
    assert bytes.fromhex(seen["path_bytes"]) == decoded
    assert seen["uri"] == sent + "?q=%C3%A9&q=b+c&e=%E9"
    assert seen["query"] == "q=%C3%A9&q=b+c&e=%E9"
    assert seen["args"]["q"] == ["é", "b c"]


def test_headers(server: Server) -> None:
    seen = echo(
        server,
        "/echo",
        b"X-Latin: caf\xe9",
        b"X-Utf: \xe8\xa9\x9e",
        b"X-Twice: 1",
        b"x-twice: 2",
        b"X_Twice: forged",
        b"Cookie: a=1; b=2",
        b"Cookie: c=3",
        b"X-Empty:",
    )
    assert seen["headers"]["X-Latin"] == "caf\xe9"
    assert seen["headers"]["X-Utf"].encode("latin-1") == b"\xe8\xa9\x9e"
    assert seen["headers"]["X-Twice"] == "1,2"
    assert seen["headers"]["X-Empty"] == ""
    assert seen["cookies"] == {"a": ["1"], "b": ["2"], "c": ["3"]}
    assert seen["url"] == "http://example.test:81/echo"
    assert seen["remote"] == "127.0.0.1"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_body(server: Server, method: str) -> None:
    body = bytes(range(256))
    seen = echo(server, "/echo", b"Content-Length: 256", body=body, method=method)
    assert (seen["method"], bytes.fromhex(seen["body"])) == (method, body)


def test_chunked_body(server: Server) -> None:
    body = b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
    seen = echo(server, "/echo", b"Transfer-Encoding: chunked", body=body, method="POST")
    assert bytes.fromhex(seen["body"]) == b"abcdefg"


def test_root_path_and_proxy_headers(spawn: Callable[..., Server]) -> None:
    server = spawn("tests.asgi.apps:application", root_path="/hub", forwarded_allow_ips="127.0.0.1")
    seen = echo(server, "/echo/a%20b", b"X-Forwarded-Proto: https", b"X-Forwarded-For: 203.0.113.9")
    assert (seen["root"], seen["path"]) == ("/hub", "/echo/a b")
    assert seen["url"] == "https://example.test:81/hub/echo/a%20b"
    assert (seen["remote"], seen["scheme"]) == ("203.0.113.9", "https")


def test_answer_headers(client: httpx.Client) -> None:
    response = client.get("/answer/headers")
    assert dict(response.headers.raw)[b"x-latin"] == b"caf\xe9"
    assert response.headers.get_list("x-twice") == ["1", "2"]
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]


def test_answers_without_a_body(client: httpx.Client) -> None:
    """On one connection: a byte too many would break the next answer."""
    for _ in range(2):
        empty = client.get("/answer/empty")
        assert (empty.status_code, empty.headers["content-length"], empty.content) == (200, "0", b"")
        gone = client.get("/answer/no-content")
        assert (gone.status_code, gone.content) == (204, b"")
        assert "content-length" not in gone.headers
        fresh = client.get("/answer/not-modified", headers={"If-None-Match": '"one"'})
        assert (fresh.status_code, fresh.content) == (304, b"")
        head = client.head("/sync")
        assert (head.status_code, head.headers["content-length"], head.content) == (200, "4", b"")
        assert client.head("/stream/numbers").content == b""


@pytest.mark.parametrize("kind", ["control", "beyond-latin", "long"])
def test_an_answer_that_cannot_be_sent_is_500(client: httpx.Client, kind: str) -> None:
    response = client.get(f"/answer/{kind}")
    assert (response.status_code, response.text) == (500, "Internal Server Error")


def test_a_body_shorter_than_it_says_ends_the_connection(server: Server) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(server.url + "/answer/short")


def test_http_1_0(server: Server) -> None:
    answer = server.raw(b"GET /sync HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"\r\n\r\nsync")
