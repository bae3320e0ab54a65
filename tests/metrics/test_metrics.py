"""/metrics: what it counts, and who may read it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from taskhub.live.feed import Feed
from taskhub.live.follower import Subscription
from taskhub.live.hub import Hub
from taskhub.live.presence import Room
from taskhub.metrics.exposition import Watch
from taskhub.metrics.model import FIGURES, Metrics
from taskhub.metrics.workers import FOLDER
from taskhub.people.model import Identity, User
from tests.clients import MakeClient, anonymous_client
from tests.databases import MakeDatabase
from tests.live.following import PATIENCE, socket, stream
from tests.serving import Serve, Server

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]

TOKEN = "a-token-for-prometheus"


def figures(text: str) -> Figures:
    """Every sample by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Figures, name: str, **labels: str) -> float:
    """One sample; 0 where there is none."""
    return found.get((name, frozenset(labels.items())), 0.0)


async def read(server: Server) -> str:
    """What a scrape on the same machine gets."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text


async def until(server: Server, holds: Callable[[Figures], bool]) -> Figures:
    """The figures once they are so; the newest where they do not get there."""
    deadline = time.monotonic() + PATIENCE
    while not holds(found := figures(await read(server))) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return found


async def test_what_a_server_does_is_counted(server: Server, make_client: MakeClient) -> None:
    ada = await make_client()
    made = await ada.post("/api/v1/projects", json={"key": "HIDDEN", "name": "Hidden"})
    assert made.status_code == 201
    before = figures(await read(server))
    async with socket(server, ada) as ws, stream(server, ada, "HIDDEN") as events:
        head = (await ws.subscribe("HIDDEN", since=0))["seq"]
        await ws.events(head)
        await events.receive()
        for title in ("One", "Two"):
            assert (await ada.post("/api/v1/projects/HIDDEN/tasks", json={"title": title})).status_code == 201
        await asyncio.gather(ws.events(head + 2), events.events(head + 2))
        assert (await ada.post("/api/v1/tasks/HIDDEN-1/move", json={"state": "nowhere"})).status_code == 422
        lag = "taskhub_delivery_lag_seconds_count"
        found = await until(server, lambda now: all(of(now, lag, over=over) for over in ("socket", "stream")))
        # What was there before they came is no news: only the frames of the two tasks count.
        for over in ("socket", "stream"):
            assert 1 <= of(found, lag, over=over) <= 2
            assert of(found, "taskhub_delivery_lag_seconds_sum", over=over) < PATIENCE
        assert of(found, "taskhub_sockets_open") == of(found, "taskhub_streams_open") == 1
        assert of(found, "taskhub_followers") == of(found, "taskhub_subscriptions") == 2
        route = {"method": "POST", "route": "/api/v1/projects/<key>/tasks", "status": "2xx"}
        assert of(found, "taskhub_http_request_duration_seconds_count", **route) == 2
        assert of(found, "taskhub_http_request_duration_seconds_bucket", **route, le="+Inf") == 2
        assert of(found, "taskhub_events_total") - of(before, "taskhub_events_total") == 2
        done = "taskhub_command_duration_seconds_count"
        assert of(found, done, outcome="done") - of(before, done, outcome="done") == 2
        assert of(found, done, outcome="refused") == 1
        assert of(found, "taskhub_event_loop_lag_seconds_count") >= 0
        assert of(found, "process_resident_memory_bytes") > 10_000_000
        assert of(found, "taskhub_workers") == 1
        pools = {"all"} if server.database.kind == "postgresql" else {"read", "write"}
        for pool in pools:
            assert of(found, "taskhub_database_connections", pool=pool) > 0
            most = of(found, "taskhub_database_connections_most", pool=pool)
            assert of(found, "taskhub_database_connections", pool=pool) <= most
    over_now = await until(server, lambda now: not of(now, "taskhub_sockets_open") + of(now, "taskhub_streams_open"))
    assert of(over_now, "taskhub_sockets_open") == of(over_now, "taskhub_streams_open") == 0
    assert of(over_now, "taskhub_sockets_total") == of(over_now, "taskhub_streams_total") == 1

    async with anonymous_client(server) as client:
        assert (await client.request("PROPFIND", "/no/such/place")).status_code in (404, 405)
    text = await read(server)
    assert "HIDDEN" not in text
    assert "/no/such" not in text
    assert "PROPFIND" not in text
    named = {family.name for family in text_string_to_metric_families(text)}
    assert {name.removesuffix("_total") for name in FIGURES} <= named


async def test_who_may_read_it(serve: Serve, make_database: MakeDatabase) -> None:
    open_one = serve(make_database())
    closed = serve(make_database(), env={"TASKHUB_METRICS_TOKEN": TOKEN})
    good = {"Authorization": f"Bearer {TOKEN}"}
    asked = [
        (open_one, {}, 200),
        (open_one, {"Host": "localhost:80"}, 200),
        (open_one, {"X-Forwarded-For": "127.0.0.1"}, 404),
        (open_one, {"Forwarded": "for=127.0.0.1"}, 404),
        (open_one, {"Accept": "application/openmetrics-text; version=new"}, 200),
        (open_one, {"X-Real-IP": "127.0.0.1"}, 404),
        (open_one, {"Host": "tasks.example.com"}, 404),
        (open_one, {"Host": ""}, 404),
        (closed, {}, 404),
        (closed, {"Authorization": "Bearer another-token-than-that"}, 404),
        (closed, {"Authorization": f"Basic {TOKEN}"}, 404),
        (closed, good, 200),
        (closed, {**good, "X-Forwarded-For": "192.0.2.7", "Host": "tasks.example.com"}, 200),
    ]
    for server, headers, status in asked:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            answer = await client.get("/metrics", headers=headers)
            assert answer.status_code == status, (headers, answer.text)
            nothing = await client.get("/no-metrics", headers=headers)
        if status == 404:
            same = [each.text.replace(each.headers["x-request-id"], "") for each in (answer, nothing)]
            assert same[0] == same[1]


class NoDatabase:
    """Nothing is read here."""


def test_the_slowest_reader_is_known(tmp_path: Path) -> None:
    hub = Hub(NoDatabase())  # type: ignore[arg-type]
    feed = Feed(1, "WEB", "log", 10)
    room = Room(1, "WEB", feed.wake)
    who = Identity(User("id", "ada@example.com", "Ada"), "session:1")
    with hub.follower(who) as fast, hub.follower(who) as slow:
        fast.subscriptions["WEB"] = Subscription(feed, room, 9, "log")
        slow.subscriptions["WEB"] = Subscription(feed, room, 3, "log")
        standing = hub.standing()
        assert (standing.followers, standing.subscriptions) == (2, 2)
        assert (standing.waiting, standing.slowest) == (8, 7)
        fast.subscriptions.clear()
        slow.subscriptions.clear()


@pytest.mark.parametrize("alive", [True, False], ids=["alive", "gone"])
def test_workers_answer_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alive: bool) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    program = (
        "import asyncio, sys\n"
        "from taskhub.metrics.exposition import Watch\n"
        "from taskhub.metrics.model import Metrics\n"
        "async def main():\n"
        "    metrics = Metrics()\n"
        "    metrics.sockets, metrics.sockets_opened = 3, 5\n"
        "    metrics.request('GET', '/', 200, 0.02)\n"
        "    watch = Watch(metrics, lambda: {'taskhub_queue_events_slowest': {(): 7}})\n"
        "    watch.start(); watch.text('')\n"
        "asyncio.run(main())\n"
        "print('written', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ.copy()
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == b"written\n"
        if not alive:
            other.kill()
            other.wait()
        found = figures(asyncio.run(_one_more()))
    finally:
        other.stdin.close()
        other.wait(10)
    route = {"method": "GET", "route": "/", "status": "2xx"}
    assert of(found, "taskhub_http_request_duration_seconds_count", **route) == 3
    assert of(found, "taskhub_http_request_duration_seconds_bucket", **route, le="0.025") == 2
    assert of(found, "taskhub_sockets_total") == 6
    assert of(found, "taskhub_sockets_open") == (4 if alive else 1)
    assert of(found, "taskhub_queue_events_slowest") == (7 if alive else 2)
    assert of(found, "taskhub_workers") == (2 if alive else 1)
    assert of(found, "process_start_time_seconds") < time.time() + 60


async def _one_more() -> str:
    metrics = Metrics()
    metrics.sockets = metrics.sockets_opened = 1
    metrics.request("GET", "/", 200, 0.02)
    metrics.request("GET", "/", 200, 30.0)
    watch = Watch(metrics, lambda: {"taskhub_queue_events_slowest": {(): 2}})
    watch.start()
    text, media_type = watch.text("text/plain")
    watch.stop()
    assert media_type.startswith("text/plain")
    return text.decode()


async def test_one_scrape_answers_for_all_workers(serve: Serve, make_database: MakeDatabase) -> None:
    server = serve(make_database(), "--workers", "2")
    workers = "taskhub_workers"
    assert of(await until(server, lambda now: of(now, workers) == 2), workers) == 2
    health = {"method": "GET", "route": "/healthz", "status": "2xx"}
    asked = "taskhub_http_request_duration_seconds_count"
    for _ in range(20):
        # A connection each, so that the kernel chooses a worker each time.
        async with anonymous_client(server) as client:
            assert (await client.get("/healthz")).status_code == 200
    assert of(await until(server, lambda now: of(now, asked, **health) == 20), asked, **health) == 20
    former = server.workers()
    os.kill(former[0], signal.SIGKILL)

    def anew(now: Figures) -> bool:
        return of(now, workers) == 2 and former[0] not in server.workers()

    found = await until(server, anew)
    assert of(found, workers) == 2
    assert of(found, asked, **health) == 20
