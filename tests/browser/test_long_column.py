"""A column of hundreds of tasks: only some of its cards are drawn, and nobody notices."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import becomes, box_of, is_now
from tests.teams import Team

MANY = 160
_SCROLL_ON = "list => { list.scrollTop += 600 }"
#: Whether what can be seen of the column is drawn.
_DRAWN = """list => {
  const { top, bottom } = list.getBoundingClientRect();
  const boxes = [...list.querySelectorAll("[data-ref]")].map((card) => card.getBoundingClientRect());
  const [first, last] = [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
  return first < top + 60 && last > bottom - 60;
}"""
#: How many cards are drawn, and how many stand there as words alone.
_PARTS = "column => column.querySelectorAll('[data-ref]').length + column.querySelectorAll('[data-words]').length"


@pytest.fixture
async def refs(team: Team) -> list[str]:
    """The references of a long column, from top to bottom."""
    turns = asyncio.Semaphore(8)

    async def make(n: int) -> None:
        title = f"Task {n} with a title that takes two lines of a card" if n % 3 else f"Task {n}"
        async with turns:
            await team.task(title, state="todo", **({"priority": "high"} if n % 4 == 0 else {}))

    await asyncio.gather(*(make(n) for n in range(MANY)))
    return [task["ref"] for task in (await team.board())["tasks"]]


async def test_it_is_walked_scrolled_and_kept_still(window: OpenWindow, team: Team, refs: list[str]) -> None:
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page, column = ana.page, ana.column("todo")
    cards, scroller = column.locator("[data-ref]"), column.locator("[data-list]")
    await expect(column.locator(".column-count")).to_have_text(str(MANY))
    assert await cards.count() < 60
    await expect(cards.first).to_be_visible()
    last = column.locator(f'[data-item="{refs[-1]}"]')

    # By keyboard to the very end, and back up a few.
    await ana.card(refs[0]).focus()
    await page.keyboard.press("End")
    await expect(ana.card(refs[-1])).to_be_focused()
    await expect(ana.card(refs[-1])).to_be_in_viewport()
    await expect(last).to_have_attribute("aria-posinset", str(MANY))
    await expect(last).to_have_attribute("aria-setsize", str(MANY))
    assert await cards.count() < 60
    for _ in range(3):
        await page.keyboard.press("ArrowUp")
    await expect(ana.card(refs[-4])).to_be_focused()

    # The browser's own search finds what is not drawn, and shows it. It lets what it is about to show be revealed; so
    # does a link to it, which a test can follow.
    words = column.locator(f'[data-words="{refs[40]}"]')
    await expect(words).to_have_text(re.compile(refs[40]))
    await expect(words).to_be_hidden()
    await becomes(partial(column.evaluate, _PARTS), MANY)
    await words.evaluate("words => { words.id = 'found'; location.hash = 'found'; }")
    await expect(ana.card(refs[40])).to_be_in_viewport()
    await expect(ana.card(refs[40])).to_be_focused()
    await becomes(partial(column.evaluate, _PARTS), MANY)

    # By the wheel to the middle; then others change much above it.
    await scroller.evaluate("list => { list.scrollTop = list.scrollHeight / 2 }")
    middle = await page.wait_for_function(
        """list => {
          const { top, bottom } = list.getBoundingClientRect();
          const seen = [...list.querySelectorAll("[data-ref]")].find((card) => {
            const box = card.getBoundingClientRect();
            return box.top > top + 40 && box.bottom < bottom;
          });
          return seen?.dataset.ref;
        }""",
        arg=await scroller.element_handle(),
    )
    ref = str(await middle.json_value())
    before = await box_of(ana.card(ref))
    await team.move(refs[1], "done", by="member")
    await ana.ends_in("done", refs[1])
    await team.move(refs[-2], "todo", by="member", before=refs[0])
    await team.member.patch(f"/api/v1/tasks/{refs[2]}", json={"title": "Short", "due": "2099-01-01"})
    moved = await team.move(refs[-1], "doing", by="member")
    assert moved.status_code == 200
    await ana.ends_in("doing", refs[-1])
    assert abs((await box_of(ana.card(ref)))["y"] - before["y"]) < 1, "the column moved under the reader's eyes"

    # A card that is far away is carried to what can be seen here.
    await ana.drag(ref, "done")
    await ana.ends_in("done", ref)
    await is_now(team, ref, state="done")
    # All of it can be seen, in its order.
    await scroller.evaluate("list => { list.scrollTop = 0 }")
    seen: list[str] = []
    while True:
        await becomes(partial(scroller.evaluate, _DRAWN), True)
        seen += [one for one in await ana.refs("todo") if one not in seen]
        if await scroller.evaluate("list => list.scrollTop + list.clientHeight >= list.scrollHeight - 1"):
            break
        await scroller.evaluate(_SCROLL_ON)
    at_once = {task["ref"] for task in (await team.board())["tasks"] if task["state"] == "todo"}
    assert set(seen) == at_once
