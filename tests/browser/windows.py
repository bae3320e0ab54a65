"""A window of the browser with one person in it, and what tests do and see there."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.uneven import Holds, make_uneven
from tests.clients import Client
from tests.teams import Team

#: Milliseconds after which a test gives up on what it waits for.
PATIENCE = 20_000
#: How long the page may take to find its line again: it waits up to 15 s between two tries.
BACK = 40_000

#: Seconds in which a server that is there answers.
LONG_FOR_AN_ANSWER = 3.0

expect.set_options(timeout=PATIENCE)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

#: A document that was loaded anew has lost this.
_MARK = "window.__mark = (window.__mark ?? 0) + 1"
_STREAM = re.compile(r"/stream(\?|$)")
#: Beside the console, which names only the first violation of a kind.
_REPORT_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


_TOLD = """words => [...document.querySelectorAll(".toast")]
  .some((toast) => words.every((word) => toast.textContent.includes(word)))"""


class Place(Protocol):
    """Where TaskHub is: a server, or a proxy before one."""

    url: str


class Window:
    """`page` in a `context` of its own. Console errors, CSP violations and dialogs are its `troubles`."""

    def __init__(self, server: Place, context: BrowserContext, page: Page) -> None:
        self.server = server
        self.context = context
        self.page = page
        self._seen: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        self._asked: set[Request] = set()
        page.on("request", self._on_request)
        page.on("requestfinished", lambda request: self._asked.discard(request))
        page.on("requestfailed", lambda request: self._asked.discard(request))
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._seen.append(f"uncaught: {error}"))
        page.on("dialog", self._on_dialog)

    def _on_request(self, request: Request) -> None:
        if "/api/v1/" in request.url and not _STREAM.search(request.url):
            self._asked.add(request)

    async def _on_dialog(self, dialog: Any) -> None:
        self._seen.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    @property
    def troubles(self) -> list[str]:
        """What went wrong on the page so far, without what was allowed."""
        return [line for line in self._seen if not any(one.search(line) for one in self._allowed)]

    def allow(self, pattern: str) -> None:
        """Expect lines like these: the browser's own about a line that is down, or about a 4xx answer."""
        self._allowed.append(re.compile(pattern))

    def allow_no_line(self) -> None:
        """Expect what Chromium says of a server that is not there."""
        self.allow(r"WebSocket connection to .* failed|net::ERR_|error occurred when fetching the script")

    async def go(self, path: str) -> None:
        """Load an address of the server."""
        await self.page.goto(f"{self.server.url}{path}")

    async def open_board(self, key: str) -> None:
        """Load a project's board and wait until it is live."""
        await self.go(f"/p/{key}")
        await expect(self.page.locator(".board [data-state]").first).to_be_visible()
        await self.is_live()

    async def mark(self) -> None:
        """Remember this document."""
        await self.page.evaluate(_MARK)

    async def is_same_document(self) -> None:
        """The document is still the one that was marked."""
        assert await self.page.evaluate("window.__mark") == 1, "the page was loaded anew"

    async def in_time(self, ms: int, found: Callable[[], Awaitable[Any]], wanted: Any) -> None:
        """Let so much time pass by the page's installed clock, as often as it takes until the answer is this.

        Once may be too little: a clock that runs on by itself meanwhile may fall back by what it was set forward.
        What the page asks meanwhile gets a while of ours for its answer: by the page's clock it is late at once.
        """
        last = -LONG_FOR_AN_ANSWER

        async def later() -> Any:
            nonlocal last
            if not self._asked or time.monotonic() - last > LONG_FOR_AN_ANSWER:
                await self.page.clock.run_for(ms)
                last = time.monotonic()
            return await found()

        await becomes(later, wanted)

    async def is_answered(self) -> None:
        """Wait until everything that the page asked has its answer."""

        async def open_ones() -> list[str]:
            return [request.url for request in self._asked]

        await becomes(open_ones, [])

    # What is on it

    @property
    def chip(self) -> Locator:
        """The state of the connection; `data-status` says it for programs."""
        return self.page.locator(".rail [data-status]")

    async def is_live(self, timeout: float | None = None) -> None:
        """Wait until the chip says Live."""
        await expect(self.chip).to_have_attribute("data-status", "live", timeout=timeout)

    async def open_task(self, ref: str) -> None:
        """Load a task by its own address, and wait until it is live."""
        key, _, number = ref.partition("-")
        await self.go(f"/p/{key}/t/{number}")
        await expect(self.field("title")).to_be_visible()
        await self.is_live()

    def card(self, ref: str) -> Locator:
        """The card of a task on the board."""
        return self.page.locator(f'.board [data-ref="{ref}"]')

    def column(self, state: str) -> Locator:
        """The column of a state."""
        return self.page.locator(f'[data-state="{state}"]')

    def in_column(self, state: str, ref: str) -> Locator:
        """The card of a task, where it stands in that column."""
        return self.column(state).locator(f'[data-ref="{ref}"]')

    async def refs(self, state: str) -> list[str]:
        """The references in a column, from top to bottom."""
        found: list[str] = (
            await self.column(state)
            .locator("[data-ref]")
            .evaluate_all("cards => cards.filter(c => c.checkVisibility()).map(c => c.dataset.ref)")
        )
        return found

    async def has_refs(self, state: str, refs: Sequence[str]) -> None:
        """Wait until these cards, and no others, are in a column, in this order from top to bottom."""
        await becomes(lambda: self.refs(state), list(refs))

    @property
    def panel(self) -> Locator:
        """The open task."""
        return self.page.locator("[data-panel]")

    @property
    def toast(self) -> Locator:
        """What the page says of the person's own doing; the newest."""
        return self.page.locator(".toast").last

    async def told(self, *words: str) -> None:
        """Wait until one toast has all of these words: at one look, as it goes after a few seconds."""
        await self.page.wait_for_function(
            _TOLD,
            arg=words,
            timeout=PATIENCE,
        )

    @property
    def comment_box(self) -> Locator:
        """Where a comment on the open task is written."""
        return self.panel.get_by_role("textbox", name="Write a comment")

    async def comment(self, text: str) -> None:
        """Write a comment on the open task, and send it."""
        await self.comment_box.fill(text)
        await self.comment_box.press("Control+Enter")

    async def keep_toast(self) -> None:
        """Put the mouse on the newest toast: it does not go before the mouse does."""
        await self.toast.hover()

    @property
    def said(self) -> Locator:
        """What a screen reader hears of the person's own doing."""
        return self.page.locator('[data-live="own"]')

    def field(self, name: str) -> Locator:
        """A property in the open task."""
        return self.panel.locator(f'[data-field="{name}"]')

    async def choose(self, field: str, choice: str) -> None:
        """Open a property's menu and choose; menus with several choices stay open until Escape."""
        menu = self.page.get_by_role("menu")
        await self.field(field).locator("button").first.click()
        item = menu.locator(f'[data-choice="{choice}"]')
        several = await item.get_attribute("role") == "menuitemcheckbox"
        await item.click()
        if several:
            await self.page.keyboard.press("Escape")
        await expect(menu).to_have_count(0)

    # The mouse

    async def take(self, ref: str) -> None:
        """Press the mouse on a card and pull, until it is in the hand."""
        card = self.card(ref)
        await card.scroll_into_view_if_needed()
        x, y = await centre(card)
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x + 12, y + 6, steps=3)
        await expect(self.page.locator(".ghost")).to_be_visible()

    async def hold_over(self, state: str, above: str | None = None) -> None:
        """Carry what is in the hand over a column (the end of it, or above a card)."""
        if above:
            x, y = await centre(self.card(above))
            box = await box_of(self.card(above))
            y = box["y"] + 4
        else:
            x, y = await self._end_of(state)
        await self.page.mouse.move(x, y, steps=8)

    async def _end_of(self, state: str) -> tuple[float, float]:
        column = self.column(state)
        box = await box_of(column.locator("[data-list]"))
        cards = column.locator("[data-ref]:visible")
        if not await cards.count():
            return box["x"] + box["width"] / 2, box["y"] + 80
        last = await box_of(cards.last)
        low = min(last["y"] + last["height"] + 30, box["y"] + box["height"] - 8)
        return box["x"] + box["width"] / 2, low

    async def drag(self, ref: str, state: str, above: str | None = None) -> None:
        """Drag a card by mouse to a column that takes it."""
        await self.take(ref)
        await self.hold_over(state, above)
        await expect(self.column(state).locator(".slot")).to_be_visible()
        await self.page.mouse.up()
        await expect(self.page.locator(".ghost")).to_have_count(0)

    async def ends_in(self, state: str, ref: str) -> None:
        """Wait until the card lies still in a column."""
        card = self.in_column(state, ref)
        await expect(card).to_be_visible()
        await expect(card).to_have_css("opacity", "1")
        await expect(self.page.locator(".card-flying")).to_have_count(0)


async def becomes(found: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Ask until the answer is this; what it is instead is said at the end of `PATIENCE`."""
    end = time.monotonic() + PATIENCE / 1000
    while (answer := await found()) != wanted and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert answer == wanted


async def is_now(team: Team, ref: str, **fields: Any) -> None:
    """Wait until the server has the task so: what a window shows may still be on its way to it."""

    async def found() -> dict[str, Any]:
        task = await team.now(ref)
        return {name: task[name] for name in fields}

    await becomes(found, fields)


async def box_of(locator: Locator) -> Any:
    """Where an element is, in pixels of the window."""
    box = await locator.bounding_box()
    assert box is not None, f"{locator} is not to be seen"
    return box


async def centre(locator: Locator) -> tuple[float, float]:
    """The middle of an element."""
    box = await box_of(locator)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def open_window(
    server: Place,
    context: BrowserContext,
    client: Client | None = None,
    *,
    slower: float = 1,
    holds: Holds | None = None,
) -> Window:
    """A new window in a context; signed in as the client, with its session.

    Its page is `slower` times slower, and what goes between it and the server is held so long.
    """
    await context.add_init_script(_REPORT_CSP)
    if client is not None:
        cookies = [
            {"name": cookie.name, "value": cookie.value or "", "url": server.url, "httpOnly": True}
            for cookie in client.cookies.jar
        ]
        await context.add_cookies(cookies)  # type: ignore[arg-type] # a SetCookieParam is such a dict
    page = await context.new_page()
    if slower > 1:
        await (await context.new_cdp_session(page)).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if holds:
        await make_uneven(context, page, holds)
    window = Window(server, context, page)
    if holds:
        # It closed while its end was still held back.
        window.allow("WebSocket is already in CLOSING or CLOSED state")
    return window
