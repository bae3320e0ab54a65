"""A phone: one column at a time, a finger that drags after a rest, and targets that a thumb hits."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

from playwright.async_api import CDPSession, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, PHONE, Window, becomes, box_of, centre
from tests.teams import Team

PHONE_CONTEXT: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}

#: Controls whose middle 42 px, up and down, left and right, do not all lead to them. What scrolled out is left out.
_SMALL = """() => {
  const controls = document.querySelectorAll("a[href], button, input, textarea, select, [role^=menuitem]");
  const small = [];
  for (const control of controls) {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.disabled) continue;
    const label = /^(checkbox|radio)$/.test(control.type) ? control.closest("label") : null;
    const box = (label ?? control).getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    if (x < 22 || y < 22 || x > innerWidth - 22 || y > innerHeight - 22) continue;
    // A control inside another, or under something else, is not to be hit there.
    const leads = (hit) => control.contains(hit) || label?.contains(hit);
    if (!leads(document.elementFromPoint(x, y))) continue;
    if (control.closest(".prose")) continue;
    const around = [[-21, 0], [21, 0], [0, -21], [0, 21]];
    const reach = around.map(([dx, dy]) => leads(document.elementFromPoint(x + dx, y + dy)));
    const name = `${control.className || control.tagName} "${control.ariaLabel ?? control.textContent.trim()}"`;
    if (!reach.every(Boolean)) small.push(`${name} ${box.width}×${box.height} ${reach}`);
  }
  return small;
}"""


class Finger:
    """One finger on the glass, by the browser's own events."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        self._x = self._y = 0.0

    async def down(self, x: float, y: float) -> None:
        """Touch."""
        self._x, self._y = x, y
        await self._send("touchStart", [{"x": x, "y": y}])

    async def to(self, x: float, y: float, steps: int = 8) -> None:
        """Move, still touching."""
        from_x, from_y = self._x, self._y
        for n in range(1, steps + 1):
            self._x, self._y = from_x + (x - from_x) * n / steps, from_y + (y - from_y) * n / steps
            await self._send("touchMove", [{"x": self._x, "y": self._y}])

    async def swipe(self, x: float, y: float, to_x: float, to_y: float, steps: int = 8) -> None:
        """Touch, move and leave in one go: a finger that rests takes the card."""
        async with asyncio.TaskGroup() as sent:
            sent.create_task(self.down(x, y))
            for n in range(1, steps + 1):
                point = {"x": x + (to_x - x) * n / steps, "y": y + (to_y - y) * n / steps}
                sent.create_task(self._send("touchMove", [point]))
            sent.create_task(self.up())

    async def up(self) -> None:
        """Leave the glass."""
        await self._send("touchEnd", [])

    async def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        await self._cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


async def finger(one: Window) -> Finger:
    """A finger for this window."""
    return Finger(await one.context.new_cdp_session(one.page))


async def in_view(one: Window, state: str) -> None:
    """Wait until the phone shows this column, and no other."""
    columns = one.page.locator("[data-state]")
    await becomes(
        lambda: columns.evaluate_all(
            """columns => columns.filter((column) => {
              const { left, right } = column.getBoundingClientRect();
              return right > 1 && left < innerWidth - 1;
            }).map((column) => column.dataset.state)"""
        ),
        [state],
    )
    await expect(one.column(state)).to_be_in_viewport(ratio=0.99)


async def test_one_column_at_a_time(window: OpenWindow, team: Team) -> None:
    await team.task("To be done", state="todo")
    ref = (await team.task("Being done", state="doing"))["ref"]
    ana = await window(team.owner, **PHONE_CONTEXT)
    await ana.open_board(team.key)
    await in_view(ana, "backlog")
    tabs = ana.page.locator(".tab")
    await expect(tabs.first).to_have_attribute("aria-current", "true")
    await expect(tabs).to_have_text(["Backlog 0", "To do 1", "In progress 1", "Done 0"])

    await tabs.nth(2).tap()
    await expect(tabs.nth(2)).to_have_attribute("aria-current", "true")
    await in_view(ana, "doing")

    # A swipe goes one further, and drags no card along.
    hand = await finger(ana)
    x, y = await centre(ana.card(ref))
    await hand.swipe(x + 120, y, x - 120, y)
    await expect(tabs.nth(3)).to_have_attribute("aria-current", "true")
    await in_view(ana, "done")
    assert await team.column("doing") == ["Being done"]
    # What is done has its menu here too.
    await ana.column("done").get_by_role("button", name="Done").tap()
    await ana.page.get_by_role("menuitem", name="Archived tasks").tap()
    await expect(ana.page.get_by_role("dialog", name="Archived tasks")).to_be_visible()
    await ana.page.keyboard.press("Escape")

    # Nothing is wider than the phone.
    assert await ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(ana.page.locator(".rail")).to_be_hidden()
    await expect(ana.page.locator(".bottom-bar")).to_be_visible()

    await tabs.nth(2).tap()
    await ana.card(ref).tap()
    await expect(ana.panel).to_be_visible()
    await expect(ana.panel).to_be_in_viewport(ratio=1)
    await becomes(partial(box_of, ana.panel), {"x": 0, "y": 0, **PHONE})


async def test_a_finger_drags_after_a_rest(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(title, state="backlog"))["ref"] for title in "abc"]
    ana, ben = await window(team.owner, **PHONE_CONTEXT), await window(team.member)
    for one in (ana, ben):
        await one.open_board(team.key)
    hand = await finger(ana)
    ghost = ana.page.locator(".ghost")
    await hand.down(*await centre(ana.card(refs[0])))
    await expect(ghost).to_be_visible()
    await hand.to(200, 420)
    await expect(ana.column("backlog").locator(".slot")).to_be_visible()
    # To the edge: the board goes on to the next column under it, and to the one after that for who rests there.
    await hand.to(384, 420)
    await expect(ana.column("backlog").locator(".slot")).to_have_count(0)
    await expect(ana.page.locator(".slot")).to_be_in_viewport()
    await hand.to(200, 420, steps=1)
    await hand.up()
    await expect(ghost).to_have_count(0)
    state = await ana.card(refs[0]).evaluate("card => card.closest('[data-state]').dataset.state")
    assert state in ("todo", "doing", "done")
    await ana.ends_in(state, refs[0])
    await ben.ends_in(state, refs[0])
    await in_view(ana, state)
    await becomes(lambda: team.column("backlog"), ["b", "c"])
    await expect(ana.panel).to_have_count(0)


async def test_a_finger_that_moves_at_once_scrolls(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}", state="backlog"))["ref"] for n in range(16)]
    head = (await team.board())["seq"]
    ana = await window(team.owner, **PHONE_CONTEXT)
    await ana.open_board(team.key)
    hand = await finger(ana)
    x, y = await centre(ana.card(refs[4]))
    await hand.swipe(x, y, x, y - 300)
    await expect(ana.card(refs[0])).not_to_be_in_viewport()
    await expect(ana.page.locator(".ghost")).to_have_count(0)
    assert (await team.board())["seq"] == head


async def test_targets_are_large_enough(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="backlog", due="2099-01-01", assignees=[team.owner.user["id"]]))["ref"]
    await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "A comment"})
    small: dict[str, list[str]] = {}
    out = await window(**PHONE_CONTEXT)
    for path in ("/sign-in", "/register"):
        await out.go(path)
        small[path] = await out.page.evaluate(_SMALL)

    ana = await window(team.owner, **PHONE_CONTEXT)
    await ana.open_board(team.key)
    small["board"] = await ana.page.evaluate(_SMALL)
    await ana.page.get_by_label("Filter by text").fill("task")
    await expect(ana.page.get_by_text("0 tasks hidden")).to_be_attached()
    small["filter"] = await ana.page.evaluate(_SMALL)
    # However much is on: what adds and what clears is in sight.
    await ana.go(f"/p/{team.key}?q=task&person=me&due=none")
    for name in ("Filter", "Clear", "Remove: assignee is me"):
        button = ana.page.locator(".filter").get_by_role("button", name=name, exact=True)
        await expect(button).to_be_in_viewport(ratio=1)
    small["pills"] = await ana.page.evaluate(_SMALL)
    await ana.page.locator(".filter").get_by_role("button", name="Clear").tap()
    await ana.card(ref).tap()
    await expect(ana.panel.locator(".comment .prose")).to_be_visible()
    await expect(ana.panel).to_be_in_viewport(ratio=1)
    small["panel"] = await ana.page.evaluate(_SMALL)
    await ana.field("priority").get_by_role("button").tap()
    await expect(ana.page.get_by_role("menu")).to_be_visible()
    small["menu"] = await ana.page.evaluate(_SMALL)
    await ana.page.get_by_role("menuitemradio").first.tap()
    await ana.go("/")
    await expect(ana.page.locator(f'.project[href="/p/{team.key}"]')).to_be_visible()
    small["projects"] = await ana.page.evaluate(_SMALL)
    await ana.page.locator(".bar").get_by_role("button", name="New project").tap()
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    small["new project"] = await ana.page.evaluate(_SMALL)
    assert not any(small.values()), {what: found for what, found in small.items() if found}


async def test_being_offline_is_said_across_the_page_and_in_an_open_task(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="backlog"))["ref"]
    ana = await window(team.owner, **PHONE_CONTEXT)
    ana.allow_no_line()
    await ana.open_board(team.key)
    await ana.context.set_offline(True)
    await expect(ana.page.locator(".banner")).to_contain_text("Offline since")
    await ana.context.set_offline(False)
    await expect(ana.page.locator(".banner")).to_have_count(0, timeout=BACK)

    await ana.card(ref).tap()
    line = ana.panel.locator(".panel-line")
    await expect(line).to_have_text("Live")
    await expect(ana.panel).to_be_in_viewport(ratio=1)
    at = await box_of(ana.field("title"))
    await ana.context.set_offline(True)
    await expect(line).to_have_text(re.compile(r"^Offline since \d\d:\d\d$"))
    # What it says moves nothing of what is read.
    assert await box_of(ana.field("title")) == at
    await ana.comment("On the train")
    await expect(line).to_contain_text("1 change waits")
    await expect(line).to_be_in_viewport(ratio=1)
    await ana.context.set_offline(False)
    await expect(line).to_have_text("Live", timeout=BACK)
