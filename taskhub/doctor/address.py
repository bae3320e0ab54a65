"""Whether HTTP, a WebSocket and an event stream get through the public address, and what is in the way where not."""

from __future__ import annotations

import asyncio
import hmac
import ssl
import time
from typing import Any

import certifi
import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from taskhub.config import Settings
from taskhub.doctor import proof
from taskhub.doctor.model import Finding, ok, problem, warning

#: Seconds after which an address that does not answer is given up.
PATIENCE = 8.0
#: Seconds between the two messages of the stream that is tried; where they arrive together something collects them.
BETWEEN = 1.5
#: Messages closer than this came in one piece; a busy line makes the first late, and the time between them shorter.
TOGETHER = BETWEEN / 10
PROBE, STREAM, SOCKET = "/api/v1/probe", "/api/v1/probe/stream", "/api/v1/live"
_NOT_SIGNED_IN, _FOREIGN_ORIGIN = 4401, 4403


async def try_address(settings: Settings, key: str) -> list[Finding]:
    """Try the public address as a browser would, with a proof in place of a session; only reads."""
    address = settings.base_url
    assert address is not None
    first = await _http(address, key)
    if first.code in ("address.unreachable", "address.tls", "address.other", "address.status", "address.redirect"):
        return [first]
    return [first, *await asyncio.gather(_socket(settings, address), _stream(address, key))]


def _client(key: str) -> httpx.AsyncClient:
    headers = {proof.HEADER: proof.ask(key), "Accept": "*/*", "User-Agent": "taskhub doctor"}
    return httpx.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=False, verify=_trusted())


def _trusted() -> ssl.SSLContext:
    """Whom this machine trusts, as browsers on it do, and else whom everybody does."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def _http(address: str, key: str) -> Finding:
    try:
        async with _client(key) as client:
            answer = await client.get(address + PROBE)
            question = client.headers[proof.HEADER]
    except httpx.TransportError as error:
        return _unreachable(address, error)
    if answer.is_redirect:
        return problem("address.redirect", address=address, to=answer.headers.get("location", "")[:200])
    said = _json(answer)
    ours = proof.answer(key, question)
    if answer.status_code == 401 and said.get("code") == "unauthenticated":
        return problem("address.other", address=address)
    if answer.status_code != 200:
        return problem("address.status", address=address, status=answer.status_code)
    if not hmac.compare_digest(str(said.get("proof")).encode(), ours.encode()):
        return problem("address.other", address=address)
    scheme = address.partition("://")[0]
    if said.get("scheme") != scheme:
        return problem("address.scheme", address=address, scheme=scheme, seen=said.get("scheme"))
    if not said.get("own_host"):
        return warning("address.host", address=address, seen=said.get("host"))
    return ok("address.good", address=address)


def _unreachable(address: str, error: Exception) -> Finding:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return problem("address.tls", address=address, why=getattr(cause, "verify_message", None) or cause.reason)
        cause = cause.__cause__ or cause.__context__
    return problem("address.unreachable", address=address, why=str(error) or type(error).__name__)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


async def _socket(settings: Settings, address: str) -> Finding:
    origin = Origin(settings.origin or address)
    try:
        async with asyncio.timeout(PATIENCE):
            # Not signed in: the server accepts and closes at once, which only a WebSocket can bring.
            async with connect(
                "ws" + address.removeprefix("http") + SOCKET,
                origin=origin,
                subprotocols=[Subprotocol("taskhub.v1")],
                open_timeout=None,
                user_agent_header="taskhub doctor",
                proxy=None,
                ssl=_trusted() if address.startswith("https:") else None,
            ) as ws:
                await ws.wait_closed()
                code = ws.close_code
    except InvalidStatus as error:
        return problem("websocket.blocked", status=error.response.status_code)
    except (InvalidHandshake, ConnectionClosed, OSError) as error:
        return problem("websocket.broken", why=str(error) or type(error).__name__)
    except TimeoutError:
        return problem("websocket.silent", seconds=PATIENCE)
    if code == _FOREIGN_ORIGIN:
        return problem("websocket.origin", origin=origin)
    if code != _NOT_SIGNED_IN:
        return problem("websocket.broken", why=f"{code}")
    return ok("websocket.good")


async def _stream(address: str, key: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE), _client(key) as client, client.stream("GET", address + STREAM) as answer:
            if answer.status_code != 200:
                return problem("stream.blocked", status=answer.status_code)
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                return problem("stream.changed", type=answer.headers.get("content-type", "–"))
            lines = answer.aiter_lines()
            arrived = [time.monotonic() async for line in lines if line.startswith("event: ")]
    except TimeoutError:
        return problem("stream.buffered")
    except httpx.TransportError as error:
        return problem("stream.broken", why=str(error) or type(error).__name__)
    if len(arrived) < 2:
        return problem("stream.broken", why="0" if not arrived else "1")
    return ok("stream.good") if arrived[1] - arrived[0] > TOGETHER else problem("stream.buffered")
