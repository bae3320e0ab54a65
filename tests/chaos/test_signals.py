"""What one person does is on another's board, in every chart and in the inbox, behind nginx; also where the process
that wrote it dies before it told anybody.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.windows import BACK, Window, open_window
from tests.chromium import NewContext
from tests.clients import Client
from tests.command_line import call_taskhub
from tests.databases import Database
from tests.figures import Report
from tests.live.deadlines import soon
from tests.nginx import NAME, Nginx, run_nginx
from tests.ports import free_port
from tests.serving import Serve, Server

pytestmark = [pytest.mark.chaos, pytest.mark.browser]

PASSWORD = "six bikes and a kettle"

#: `taskhub`, whose process dies by SIGKILL after the first commit that is made while the file is there: after the
#: commit, and before anybody is told.
MORTAL = """
import os, signal, sys
from taskhub.cli import main
from taskhub.live.hub import Hub

woken = Hub.woken

def die(*arguments):
    try:
        os.unlink(os.environ["DIES_BY"])
    except FileNotFoundError:
        return woken(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

Hub.woken = die
sys.argv[0] = "taskhub"
sys.exit(main())
"""

#: What each chart shows, by its name.
_SHOWN = "charts => Object.fromEntries(charts.map(chart => [chart.dataset.chart, chart.textContent]))"
_CHANGED = """before => [...document.querySelectorAll("[data-chart]")]
  .every(chart => chart.textContent !== before[chart.dataset.chart])"""
_CARD = """() => document.querySelector('[data-state="done"] [data-ref="WEB-37"]')?.checkVisibility()"""
_TITLE = "Website relaunch · TaskHub"
_COUNTED = "title => document.title === `(1) ${title}`"
#: All columns side by side.
WIDE = {"width": 1900, "height": 900}
CHARTS = {"cycle", "flow", "forecast", "states", "throughput", "workload"}


async def sign_in(nginx: Nginx, email: str) -> Client:
    """A client of the demo's person."""
    client = Client(
        base_url=nginx.url, headers={"Origin": nginx.url}, verify=nginx.tls, timeout=BACK / 1000, trust_env=False
    )
    answer = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


async def took(since: float, shown: Awaitable[object]) -> float:
    """Seconds from `since` until it shows."""
    await shown
    return time.monotonic() - since


@pytest.mark.parametrize(
    ("database_kind", "dies"),
    [("sqlite", False), ("postgresql", True)],
    ids=["sqlite-at once", "postgresql-killed between commit and delivery"],
    indirect=["database_kind"],
)
async def test_card_charts_and_inbox_move(
    dies: bool,
    serve: Serve,
    fresh_database: Database,
    new_context: NewContext,
    tmp_path: Path,
    report: Report,
) -> None:
    call_taskhub("demo", env=fresh_database.environment)
    port, fuse = free_port(), tmp_path / "dies"
    server: Server = serve(
        fresh_database,
        "--workers",
        "2",
        env={"TASKHUB_BASE_URL": f"https://{NAME}:{port}", "DIES_BY": str(fuse)},
        command=(sys.executable, "-c", MORTAL),
    )
    folder = tmp_path / "nginx"
    folder.mkdir()
    with run_nginx(folder, f"127.0.0.1:{server.port}", https=port) as nginx:
        people = [await sign_in(nginx, email) for email in ("ana@example.com", "ben@example.com", "ben@example.com")]
        # What the demo has in Ben's inbox would take in what is new.
        seq = (await people[1].get("/api/v1/inbox")).json()["seq"]
        assert (await people[1].post("/api/v1/inbox/read", json={"up_to": seq})).status_code == 200
        windows: list[Window] = []
        for client in people:
            window = await open_window(nginx, await new_context(ignore_https_errors=True, viewport=WIDE), client)
            window.allow(r"SSL certificate error|ServiceWorker")
            windows.append(window)
        ana, board, dashboard = windows
        await ana.open_board("WEB")
        await board.open_board("WEB")
        await dashboard.go("/p/WEB/dashboard")
        await expect(dashboard.page.locator("[data-following]")).to_have_attribute("data-following", "live")
        charts = dashboard.page.locator("[data-chart]")
        before = await charts.evaluate_all(_SHOWN)
        assert set(before) == CHARTS
        await expect(board.page).to_have_title(_TITLE)
        for window in windows:
            await window.mark()
            if dies:
                window.allow_no_line()
                window.allow(r"status of 50[234]|net::ERR|EventSource")
                fuse.touch()

        await ana.take("WEB-37")
        await ana.hold_over("done", None)
        await expect(ana.column("done").locator(".slot")).to_be_visible()
        await ana.page.mouse.up()
        patience = float(BACK)
        with soon():
            dropped = time.monotonic()
            card, chart, inbox = await asyncio.gather(
                took(dropped, board.page.wait_for_function(_CARD, timeout=patience)),
                took(dropped, dashboard.page.wait_for_function(_CHANGED, arg=before, timeout=patience)),
                took(dropped, board.page.wait_for_function(_COUNTED, arg=_TITLE, timeout=patience)),
            )
            report(
                f"{'killed' if dies else 'moved'}: "
                f"card after {card:.2f} s, every chart {chart:.2f} s, inbox {inbox:.2f} s"
            )
        assert not fuse.exists()
        for window in windows:
            await window.is_same_document()
            await window.is_live(BACK)
        first = (await people[1].get("/api/v1/inbox")).json()["items"][0]
        assert (first["task"], first["actor"]["name"], first["state"]) == ("WEB-37", "Ana", "Done")
        if dies:
            # The browser asked again under the same key: it is done once.
            await ana.ends_in("done", "WEB-37")
            events = (await people[0].get("/api/v1/tasks/WEB-37/events")).json()["events"]
            assert [event["changes"].get("state") for event in events].count(["review", "done"]) == 1
            assert "was ended by SIGKILL" in server.log_file.read_text()
        for window in windows:
            assert window.troubles == []
        for client in people:
            await client.aclose()
