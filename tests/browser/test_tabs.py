"""What carries the line: one for all windows, streams where sockets are blocked, nothing where nobody looks."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from playwright.async_api import BrowserContext, Page, Request, WebSocket, WebSocketRoute, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, Window, becomes
from tests.clients import MakeClientOn
from tests.serving import Server
from tests.teams import Team

#: The first page comes from another build.
OLDER = """
if (!sessionStorage.getItem("older")) {
  sessionStorage.setItem("older", "1");
  new MutationObserver((_, observer) => {
    const build = document.querySelector('meta[name="taskhub-build"]');
    if (!build) return;
    build.content = "older";
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}
"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def sockets(page: Page) -> list[WebSocket]:
    """The sockets that this page opens from now on."""
    found: list[WebSocket] = []
    page.on("websocket", lambda socket: found.append(socket))
    return found


async def test_two_tabs_share_a_line_and_one_takes_it_over(window: OpenWindow, team: Team) -> None:
    first, second, third = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(3)]
    left = await window(team.owner)
    lefts = sockets(left.page)
    await left.open_board(team.key)
    right = Window(left.server, left.context, await left.context.new_page())
    rights = sockets(right.page)
    await right.open_board(team.key)
    assert (len(lefts), len(rights)) == (1, 0)

    # Both hear of others, and of each other.
    await team.move(first, "doing", by="member")
    for one in (left, right):
        await one.ends_in("doing", first)
    await right.drag(second, "done")
    await left.ends_in("done", second)
    assert (len(lefts), len(rights)) == (1, 0)

    # The one that has the line is closed while a change comes: the other goes on from where it was.
    await right.mark()
    await left.page.close()
    await team.move(third, "doing", by="member")
    await right.ends_in("doing", third)
    await right.is_live(BACK)
    assert len(rights) == 1
    await right.is_same_document()
    assert right.troubles == []


async def gets(one: Window, carrier: str) -> bool:
    """Whether the line is carried by this within the ten seconds that a try has by the page's clock."""
    try:
        await expect(one.chip).to_have_attribute("data-via", carrier, timeout=8_000)
    except AssertionError:
        return False
    return True


class Way:
    """The way of WebSockets from a context to its server, and the event streams that are open meanwhile."""

    def __init__(self) -> None:
        self.blocked = True
        self.streams: set[Request] = set()
        self.most = 0

    async def begin(self, context: BrowserContext) -> None:
        """Watch; blocked until `blocked` is False."""
        await context.route_web_socket(re.compile("/api/v1/live$"), self._socket)
        context.on("request", self._opened)
        context.on("requestfailed", self._closed)
        context.on("requestfinished", self._closed)

    async def _socket(self, socket: WebSocketRoute) -> None:
        if self.blocked:
            await socket.close()
        else:
            socket.connect_to_server()

    def _opened(self, request: Request) -> None:
        if "/stream" in request.url:
            self.streams.add(request)
            self.most = max(self.most, len(self.streams))

    def _closed(self, request: Request) -> None:
        self.streams.discard(request)

    async def closed(self) -> bool:
        """Whether no stream is open."""
        return not self.streams


async def test_where_sockets_are_blocked_streams_carry_the_line(
    window: OpenWindow, house: Server, make_client_on: MakeClientOn
) -> None:
    """More projects than a browser has connections over HTTP/1.1, in two windows; then sockets get through."""
    zoe = await make_client_on(house, name="Zoe Wire")
    tag = zoe.user["id"][:4].upper().translate(str.maketrans("-_", "XX"))
    keys = [f"S{tag}{n}" for n in range(6)]
    refs = {}
    for key in keys:
        assert (await zoe.post("/api/v1/projects", json={"key": key, "name": key})).status_code == 201
        made = await zoe.post(f"/api/v1/projects/{key}/tasks", json={"title": f"Of {key}", "state": "todo"})
        refs[key] = made.json()["ref"]

    async def change(ref: str, **fields: Any) -> None:
        answer = await zoe.patch(f"/api/v1/tasks/{ref}", json=fields)
        assert answer.status_code == 200, answer.text

    one = await window(zoe)
    one.allow("closed before the connection is established")
    way = Way()
    await way.begin(one.context)
    await one.page.clock.install()
    await one.go("/mine")
    await expect(one.chip).to_have_attribute("data-via", "stream")
    await one.is_live()
    for ref in refs.values():
        await change(ref, assignees=[zoe.user["id"]])
    rows = one.page.locator(".mine-row")
    # Those without a stream of their own are asked now and then.
    await one.in_time(11_000, rows.count, 6)

    # A second window shares them, and there is room for what is done and asked.
    board = Window(one.server, one.context, await one.context.new_page())
    await board.open_board(keys[0])
    await expect(board.chip).to_have_attribute("data-via", "stream")
    await expect(board.chip).to_have_attribute("title", re.compile("who else is here"))
    await board.drag(refs[keys[0]], "done")
    await expect(rows).to_have_count(5)
    await change(refs[keys[0]], title="Renamed elsewhere")
    await expect(board.card(refs[keys[0]])).to_contain_text("Renamed elsewhere")
    # The inbox is a stream too.
    yan = await make_client_on(house, name="Yan Wire")
    assert (await zoe.post(f"/api/v1/projects/{keys[0]}/members", json={"email": yan.email})).status_code == 201
    assert (await yan.post(f"/api/v1/tasks/{refs[keys[0]]}/comments", json={"body": "Hm"})).status_code == 201
    for each in (one, board):
        await expect(each.page.locator(".rail .badge")).to_have_text(re.compile("1"))
    # Some may still be closing while those in their places open; of the browser's six connections one is always free.
    assert 3 <= way.most <= 5
    assert board.troubles == []
    await board.page.close()

    # Hidden it gives them up; shown again it catches up, and takes a socket as soon as one gets through.
    await one.page.evaluate(HIDE, True)
    await one.in_time(61_000, way.closed, True)
    await change(refs[keys[1]], title="While nobody looked")
    way.blocked = False
    await one.page.evaluate(HIDE, False)
    await expect(one.page.get_by_text("While nobody looked")).to_be_visible()
    await expect(one.chip).to_have_attribute("data-via", "stream")
    await one.in_time(16_000, partial(gets, one, "socket"), True)
    await becomes(way.closed, True)
    await change(refs[keys[5]], title="Over a socket")
    await expect(one.page.get_by_text("Over a socket")).to_be_visible()
    await one.is_live()


async def test_a_window_that_nobody_looks_at_gives_its_line_up(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="todo"))["ref"]
    ana = await window(team.owner)
    # The leap of the clock looks like a machine that slept: a new line is begun, and given up at once.
    ana.allow("closed before the connection is established")
    opened = sockets(ana.page)

    async def closed() -> bool:
        return all(one.is_closed() for one in opened)

    await ana.page.clock.install()
    await ana.open_board(team.key)
    await ana.page.evaluate(HIDE, True)
    line = opened[-1]

    async def given_up() -> bool:
        await ana.page.clock.fast_forward(61_000)
        return line.is_closed()

    await becomes(given_up, True)
    await team.move(ref, "done", by="member")
    await ana.page.clock.fast_forward(120_000)
    await expect(ana.in_column("todo", ref)).to_be_attached()
    # The one that was begun, too.
    await becomes(closed, True)
    await ana.page.evaluate(HIDE, False)
    await ana.ends_in("done", ref)
    await ana.is_live()


async def test_a_new_build_offers_to_reload(window: OpenWindow, team: Team) -> None:
    ana = await window(team.owner)
    await ana.context.add_init_script(OLDER)
    await ana.open_board(team.key)
    reload = ana.chip.get_by_role("button", name="Reload")
    await expect(reload).to_be_visible()
    await reload.click()
    await expect(ana.chip).to_have_text("Live")
