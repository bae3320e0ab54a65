"""What carries the line: one for all windows, streams where sockets are blocked, nothing where nobody looks."""

from __future__ import annotations

import re

from playwright.async_api import Page, WebSocket, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, Window
from tests.teams import Team

#: WebSockets as in a network that does not let them through.
BLOCKED = """
window.WebSocket = class extends EventTarget {
  readyState = 0;
  constructor() { super(); setTimeout(() => { this.readyState = 3; this.onclose?.({ code: 1006 }); }); }
  send() {}
  close() { this.readyState = 3; }
};
"""
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


async def test_where_sockets_are_blocked_streams_carry_the_line(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="todo"))["ref"]
    ana = await window(team.owner)
    await ana.context.add_init_script(BLOCKED)
    await ana.open_board(team.key)
    await expect(ana.chip).to_have_attribute("data-via", "stream")
    await expect(ana.chip).to_have_attribute("title", re.compile("who else is here"))
    await team.move(ref, "doing", by="member")
    await ana.ends_in("doing", ref)
    ben = await window(team.member)
    await ben.open_board(team.key)
    await ana.drag(ref, "done")
    await ben.ends_in("done", ref)


async def test_a_window_that_nobody_looks_at_gives_its_line_up(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="todo"))["ref"]
    ana = await window(team.owner)
    # The leap of the clock looks like a machine that slept: a new line is begun, and given up at once.
    ana.allow("closed before the connection is established")
    opened = sockets(ana.page)
    await ana.page.clock.install()
    await ana.open_board(team.key)
    await ana.page.evaluate(HIDE, True)
    line = opened[-1]
    async with line.expect_event("close"):
        await ana.page.clock.fast_forward(61_000)
    await team.move(ref, "done", by="member")
    await ana.page.clock.fast_forward(120_000)
    await expect(ana.in_column("todo", ref)).to_be_attached()
    assert all(one.is_closed() for one in opened)
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
