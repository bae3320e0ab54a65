"""The board in a real Chromium: `python -m bench.ui [--quick] [--tasks 1000 5000] [--trace FOLDER]`.

A real `taskhub serve` on one core; somebody's board of 1,000 and of 5,000 tasks in Chromium, 1440 by 900. First how
long it takes until something and until the board is painted, and the longest task of the page meanwhile. Then a
colleague changes 20 things a second, moves between states, titles and priorities, while the longest column is scrolled
by the wheel without pause: the longest task, and how many frames of 60 a second were dropped. Last the same while the
page is only looked at. Tasks are those of the renderer's main thread in Chromium's own trace; frames are counted by
`requestAnimationFrame`, so a frame counts as dropped where two calls lie further apart than one and a half frames.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from bench.instance import PASSWORD, STATES, Place, folder, make_place, serving
from taskhub.command import Commands
from taskhub.db import Database
from taskhub.people.commands import create_user
from tests.chromium import ARGUMENTS
from tests.needs import find

HEADS = (
    "tasks",
    "          board",
    "first paint ms",
    "board there ms",
    "longest task ms",
    "over 50 ms",
    "frames",
    "dropped",
    "longest gap ms",
)
READER = "reader@example.com"
EVERY = 1 / 20
FRAME = 1000 / 60
CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing", "__metadata"]
_FRAMES = """() => {
  window.__frames = [];
  const frame = (at) => { window.__frames.push(at); window.__asked = requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""
_STOP = "() => { cancelAnimationFrame(window.__asked); return window.__frames; }"
_WATCH = """
window.__board = null;
new MutationObserver((_, watch) => {
  if (!document.querySelector(".board [data-ref]")) return;
  watch.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.__board = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass
class Tasks:
    """The tasks of the page's main thread, in ms."""

    durations: list[float]

    @property
    def longest(self) -> float:
        return max(self.durations, default=0.0)

    @property
    def long(self) -> int:
        """How many took longer than 50 ms."""
        return sum(one > 50 for one in self.durations)


def tasks_of(trace: Path) -> Tasks:
    """The renderer's main thread is the busiest of those with its name."""
    events = json.loads(trace.read_bytes())["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    found: dict[tuple[int, int], list[float]] = {thread: [] for thread in threads}
    for event in events:
        thread = (event["pid"], event["tid"])
        if thread in found and event["ph"] == "X" and event["name"] in ("RunTask", "ThreadControllerImpl::RunTask"):
            found[thread].append(event["dur"] / 1000)
    return Tasks(max(found.values(), key=sum, default=[]))


def row(*cells: object) -> None:
    print(
        "| " + " | ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, HEADS, strict=False)) + " |", flush=True
    )


def dropped(frames: list[float]) -> tuple[int, int, float]:
    """How many frames should have come, how many did not, and the longest time between two, in ms."""
    gaps = [after - before for before, after in itertools.pairwise(frames)]
    missing = sum(max(0, round(gap / FRAME) - 1) for gap in gaps)
    return len(gaps) + missing, missing, max(gaps, default=0.0)


async def prepare(place: Place, keys: list[str], base: str) -> None:
    """Somebody who reads the boards, beside who changes them."""
    db = Database(place.settings.url)
    await create_user(Commands(db), email=READER, name="Reader", password=PASSWORD)
    await db.close()
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {place.token}"
        for key in keys:
            added = await client.post(f"/api/v1/projects/{key}/members", json={"email": READER, "role": "member"})
            added.raise_for_status()


async def change_often(base: str, place: Place, key: str, count: int) -> int:
    """Change 20 things a second until cancelled: what a team does, always the same course."""
    chance = random.Random(42)
    done = 0
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {place.token}"
        started = time.perf_counter()
        try:
            while True:
                ref = f"{key}-{chance.randint(1, count)}"
                if chance.random() < 0.6:
                    body: dict[str, Any] = {
                        "state": chance.choice(STATES),
                        "before": f"{key}-{chance.randint(1, count)}",
                    }
                    answer = await client.post(f"/tasks/{ref}/move", json=body)
                else:
                    body = {"title": f"Changed {done}, to see it come", "priority": chance.choice(["low", "high"])}
                    answer = await client.patch(f"/tasks/{ref}", json=body)
                answer.raise_for_status()
                done += 1
                await asyncio.sleep(max(0.0, started + done * EVERY - time.perf_counter()))
        except asyncio.CancelledError:
            return done


class Tracing:
    """Chromium's trace of one page, from entry to exit."""

    def __init__(self, browser: Browser, page: Page, path: Path) -> None:
        self.browser, self.page, self.path = browser, page, path

    async def __aenter__(self) -> None:
        await self.browser.start_tracing(page=self.page, path=self.path, categories=CATEGORIES)

    async def __aexit__(self, *_: object) -> None:
        await self.browser.stop_tracing()


async def sign_in(context: BrowserContext, base: str) -> None:
    answer = await context.request.post(
        f"{base}/api/v1/auth/login", data={"email": READER, "password": PASSWORD}, headers={"Origin": base}
    )
    if not answer.ok:
        raise SystemExit(f"Signing in failed: {await answer.text()}")


async def scroll(session: CDPSession, page: Page, seconds: float) -> None:
    """Turn the wheel over the first column, down and up again, without pause."""
    box = await page.locator("[data-list]").first.bounding_box()
    assert box is not None
    until = time.perf_counter() + seconds
    way = -1
    while time.perf_counter() < until:
        await session.send(
            "Input.synthesizeScrollGesture",
            {
                "x": box["x"] + 100,
                "y": box["y"] + 200,
                "yDistance": way * 3_000,
                "speed": 2_000,
                "gestureSourceType": "mouse",
            },
        )
        way = -way


async def look(page: Page, seconds: float) -> None:
    await page.wait_for_timeout(seconds * 1000)


async def measure(browser: Browser, base: str, place: Place, count: int, seconds: float, traces: Path) -> None:
    key = f"T{count}"
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    await sign_in(context, base)
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    # Once before, so that scripts, style and font are where they are for somebody who comes back.
    await page.goto(f"{base}/p/{key}")
    await page.wait_for_function("window.__board")
    path = traces / f"{key}-open.json"
    async with Tracing(browser, page, path):
        await page.goto(f"{base}/p/{key}")
        await page.wait_for_function("window.__board")
    paint, board = await page.evaluate(_PAINT), await page.evaluate("window.__board")
    tasks = tasks_of(path)
    row(count, "opened", f"{paint:.0f}", f"{board:.0f}", f"{tasks.longest:.0f}", str(tasks.long))
    session = await context.new_cdp_session(page)
    for name in ("scrolled", "looked at"):
        path = traces / f"{key}-{name.replace(' ', '-')}.json"
        began = time.perf_counter()
        changing = asyncio.create_task(change_often(base, place, key, count))
        async with Tracing(browser, page, path):
            await page.evaluate(_FRAMES)
            await (scroll(session, page, seconds) if name == "scrolled" else look(page, seconds))
            frames = await page.evaluate(_STOP)
        changing.cancel()
        rate = await changing / (time.perf_counter() - began)
        tasks, (all_frames, missing, gap) = tasks_of(path), dropped(frames)
        share = f"{100 * missing / all_frames:.1f} %"
        figures = (f"{tasks.longest:.0f}", str(tasks.long), str(all_frames), share, f"{gap:.0f}")
        row(count, f"{name}, {rate:.0f}/s", "", "", *figures)
    await context.close()


async def run(base: str, place: Place, counts: list[int], seconds: float, traces: Path) -> None:
    await prepare(place, [f"T{count}" for count in counts], base)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find("chromium"), args=ARGUMENTS)
        for count in counts:
            await measure(browser, base, place, count, seconds, traces)
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--tasks", type=int, nargs="+", default=[1_000, 5_000], help="sizes of the board")
    parser.add_argument("--trace", type=Path, help="keep the traces in this folder, for chrome://tracing")
    options = parser.parse_args()
    if find("chromium") is None:
        raise SystemExit("Chromium is not installed (Debian: apt install chromium).")
    seconds = 5.0 if options.quick else 20.0
    with folder(None) as environment, tempfile.TemporaryDirectory() as scratch:
        traces = options.trace or Path(scratch)
        traces.mkdir(parents=True, exist_ok=True)
        place = asyncio.run(make_place(environment, {f"T{count}": count for count in options.tasks}))
        with serving(place) as server:
            print(f"The board in Chromium, {len(os.sched_getaffinity(0))} cores, {seconds:g} s a row")
            row(*HEADS)
            print("|" + "|".join(f"{'-' * (len(head) + 1)}:" for head in HEADS) + "|")
            asyncio.run(run(f"http://127.0.0.1:{server.port}", place, options.tasks, seconds, traces))


if __name__ == "__main__":
    main()
