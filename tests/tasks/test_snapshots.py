"""The kept snapshots: never older than what was acknowledged before they were asked for, whoever wrote it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from taskhub.snapshots import Moment, SnapshotCache
from tests.clients import MakeClientOn
from tests.databases import Database
from tests.live.following import credentials
from tests.serving import Serve

CHANGES = 12


async def test_two_processes_never_show_a_former_board(
    serve: Serve, database: Database, make_client_on: MakeClientOn
) -> None:
    """Eight readers ask both servers all the time, while changes of every kind go to one or the other."""
    servers = [serve(database), serve(database)]
    owner = await make_client_on(servers[0], bearer=True)
    made = await owner.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})
    assert made.status_code == 201
    url = "/api/v1/projects/WEB"
    seen: dict[tuple[str, int], bytes] = {}
    acknowledged = 0
    over = False

    async def read(number: int) -> int:
        count = 0
        async with httpx.AsyncClient(
            base_url=servers[number % 2].url, headers=credentials(owner), trust_env=False, timeout=30
        ) as client:
            tag = ""
            while not over:
                least = acknowledged
                answer = await client.get(f"{url}/board", headers={"If-None-Match": tag} if number >= 4 else {})
                tag = answer.headers["etag"]
                log, _, seq = tag[3:-1].rpartition("-")
                assert int(seq) >= least
                if answer.status_code == 200:
                    board = orjson.loads(answer.content)
                    assert (board["log"], board["seq"]) == (log, int(seq))
                    # One moment has one snapshot, whichever process made it.
                    assert seen.setdefault((log, int(seq)), answer.content) == answer.content
                count += 1
        return count

    async def on(number: int, method: str, path: str, body: Any) -> dict[str, Any]:
        nonlocal acknowledged
        answer = await owner.request(method, servers[number % 2].url + path, json=body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        acknowledged = max(acknowledged, found.get("version", 0))
        return found

    readers = [asyncio.create_task(read(number)) for number in range(8)]
    expected: dict[str, dict[str, Any]] = {}
    for number in range(CHANGES):
        label = await on(number, "POST", f"{url}/labels", {"name": f"Label {number}", "color": "red"})
        task = await on(number + 1, "POST", f"{url}/tasks", {"title": f"Task {number}", "labels": [label["id"]]})
        await on(number, "PATCH", f"/api/v1/tasks/{task['ref']}", {"title": f"Edit {number}"})
        expected[task["ref"]] = await on(number + 1, "POST", f"/api/v1/tasks/{task['ref']}/move", {"state": "done"})
        await on(number, "PATCH", url, {"name": f"Web {number}"})
        workflow = (await owner.get(f"{url}/workflow")).json()
        workflow["states"][0]["name"] = f"Backlog {number}"
        await on(number + 1, "PUT", f"{url}/workflow", workflow)
    over = True
    counts = await asyncio.gather(*readers)
    assert min(counts) >= 1
    for server in servers:
        board = (await owner.get(f"{server.url}{url}/board")).json()
        assert {task["ref"]: task for task in board["tasks"]} == expected
        assert board["seq"] == acknowledged
        assert board["workflow"]["states"][0]["name"] == f"Backlog {CHANGES - 1}"
        assert board["project"]["name"] == f"Web {CHANGES - 1}"


async def answer(snapshot: bytes) -> bytes:
    await asyncio.sleep(0)
    return snapshot


async def test_a_snapshot_is_of_its_moment_alone() -> None:
    cache = SnapshotCache()
    moment = Moment(1, "log", 7)
    assert await cache.make(moment, answer(b"seven")) == b"seven"
    assert cache.get(moment) == b"seven"
    for other in (Moment(1, "log", 8), Moment(1, "other", 7), Moment(2, "log", 7)):
        assert cache.get(other) is None
    await cache.make(Moment(1, "log", 6), answer(b"six"))
    assert cache.get(moment) == b"seven", "a slow reader's older snapshot takes no newer one's place"
    await cache.make(Moment(1, "restored", 5), answer(b"five"))
    assert cache.get(moment) is None
    assert cache.get(Moment(1, "restored", 5)) == b"five"


async def test_the_cache_is_bounded_in_bytes() -> None:
    cache = SnapshotCache(most_bytes=10)
    for project in range(5):
        await cache.make(Moment(project, "log", 1), answer(b"1234"))
    assert [project for project in range(5) if cache.get(Moment(project, "log", 1))] == [3, 4]
    await cache.make(Moment(3, "log", 2), answer(b"12345678901"))
    assert [cache.get(Moment(3, "log", seq)) for seq in (1, 2)] == [None, None]
    assert cache.get(Moment(4, "log", 1)) == b"1234"


async def test_one_makes_a_snapshot_and_the_others_wait() -> None:
    """A snapshot that can't be made, or whose maker goes away, is made by the next."""
    cache, moment = SnapshotCache(), Moment(1, "log", 1)
    never: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    first = asyncio.create_task(cache.make(moment, never))
    await asyncio.sleep(0)
    assert cache.is_made(moment)
    waiting = [asyncio.create_task(cache.made(moment)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting.pop().cancel()
    first.cancel()
    await asyncio.gather(*waiting)
    assert cache.get(moment) is None
    assert not cache.is_made(moment)
    failing: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    failing.set_exception(OSError("disk"))
    with pytest.raises(OSError, match="disk"):
        await cache.make(moment, failing)
    assert await cache.make(moment, answer(b"1")) == b"1"
    await cache.made(moment)
    assert cache.get(moment) == b"1"
