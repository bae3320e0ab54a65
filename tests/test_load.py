"""64 connections of mixed reads, writes and junk: no 5xx and no traceback.

A few seconds on each database in the suite; `LOAD_SECONDS=60 pytest tests/test_load.py` for a minute.
"""

from __future__ import annotations

import asyncio
import collections
import os
import random
import time
from typing import Any

import httpx

from tests.live.following import credentials, socket, stream
from tests.teams import Team

SECONDS = float(os.environ.get("LOAD_SECONDS", "6"))
CONNECTIONS = 64

Seen = collections.Counter[str]

JUNK_BYTES = [
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    b"\x00" * 4096,
]


async def send_bytes(team: Team, chance: random.Random, seen: Seen) -> None:
    """Something that is no HTTP, or half of it, and what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", team.server.port)
    writer.write(chance.choice(JUNK_BYTES))
    try:
        async with asyncio.timeout(0.3):
            answer = await reader.read(4096)
        if answer.startswith(b"HTTP/1.1 "):
            seen[answer[9:12].decode()] += 1
    except (TimeoutError, ConnectionError):
        seen["cut"] += 1
    writer.transport.abort()


async def request(team: Team, client: httpx.AsyncClient, chance: random.Random, seen: Seen) -> None:
    """A read, a write, or nonsense."""
    ref = f"{team.key}-{chance.randrange(1, 40)}"
    junk: Any = chance.choice([None, 7, "\u0000", [], {}, "x" * 9999, 1e300, True])
    method, path, body = chance.choice(
        [
            ("GET", f"{team.url}/board", None),
            ("GET", f"{team.url}/tasks", None),
            ("GET", f"{team.url}/events?since=0&limit=50", None),
            ("GET", f"/api/v1/tasks/{ref}", None),
            ("GET", "/api/v1/projects", None),
            ("GET", f"/api/v1/{chance.choice(['%00', '%ff', 'nothing', '..', 'x' * 500])}", None),
            ("GET", f"{team.url}/tasks?limit={chance.choice(['0', 'x', '9' * 30, '-1'])}", None),
            ("POST", f"{team.url}/tasks", {"title": f"Task {chance.random()}"}),
            ("POST", f"{team.url}/tasks", {"title": junk, "state": junk}),
            ("PATCH", f"/api/v1/tasks/{ref}", {"title": f"Edit {chance.random()}"}),
            ("PATCH", f"/api/v1/tasks/{ref}", {chance.choice(["title", "due", "labels", "x"]): junk}),
            ("POST", f"/api/v1/tasks/{ref}/move", {"state": chance.choice(["todo", "doing", "done", "x"])}),
            ("POST", f"/api/v1/tasks/{ref}/move", {"state": "todo", "before": f"{team.key}-1"}),
            ("POST", f"/api/v1/tasks/{ref}/comments", {"body": "Hm"}),
            ("DELETE", f"/api/v1/tasks/{ref}", None) if chance.random() < 0.05 else ("GET", f"{team.url}", None),
            ("DELETE", f"/api/v1/comments/{chance.choice(['x', '%00'])}", None),
            (chance.choice(["TRACE", "PUT", "PROPFIND"]), f"{team.url}/board", None),
        ]
    )
    headers = {"Idempotency-Key": f"k{chance.randrange(200)}"} if chance.random() < 0.2 else {}
    answer = await client.request(method, path, json=body, headers=headers)
    assert answer.status_code < 500, (method, path, body, answer.text)
    seen[str(answer.status_code)] += 1


async def listen(team: Team, chance: random.Random, seen: Seen) -> None:
    """Follow for a moment over a WebSocket or a stream, from anywhere, with junk among it."""
    since = chance.choice([None, 0, 3, 10**6])
    if chance.random() < 0.5:
        async with socket(team.server, team.viewer) as ws:
            await ws.send(chance.choice(["junk", "{}", b"\xff", "[" * 2000, '{"op": "ping"}']))
            await ws.receive()
            await ws.subscribe(team.key, **({} if since is None else {"since": since}))
            seen["socket"] += 1
    else:
        async with stream(team.server, team.viewer, team.key, last=since) as events:
            await events.receive()
            seen["stream"] += 1


async def test_mixed_load_gives_no_5xx(team: Team) -> None:
    for number in range(10):
        await team.task(f"Task {number}")
    seen: Seen = collections.Counter()
    end = time.monotonic() + SECONDS

    async def connection(number: int) -> None:
        chance = random.Random(number)
        who = (team.owner, team.member, team.viewer, team.stranger)[number % 4]
        headers = {**credentials(who), "Origin": team.server.url}
        async with httpx.AsyncClient(base_url=team.server.url, headers=headers, timeout=60, trust_env=False) as client:
            while time.monotonic() < end:
                if number % 8 == 7:
                    await send_bytes(team, chance, seen)
                elif number % 8 == 6:
                    await listen(team, chance, seen)
                else:
                    await request(team, client, chance, seen)

    await asyncio.gather(*(connection(number) for number in range(CONNECTIONS)))
    print(dict(seen))
    assert {status for status in seen if status.isdecimal() and status >= "500"} == set()
    assert all(seen[kind] for kind in ("200", "201", "404", "405", "422", "socket", "stream")), seen
    log = await team.events()
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    live = [(task["state"], task["position"]) for task in (await team.board())["tasks"]]
    assert len(set(live)) == len(live)
