"""Who is here, who has which task open, who types: in two windows."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import box_of
from tests.teams import Team


async def test_faces_and_what_they_do(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(30)]
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_board(team.key)
    faces = ana.page.locator(".bar-people")
    await expect(faces).to_have_count(0)
    await ben.open_board(team.key)
    await expect(faces).to_have_attribute("data-present", team.member.user["id"])
    await expect(faces).to_contain_text("1 other person is here now")

    foot = ana.card(refs[3]).locator(".card-foot")
    await ana.column("todo").locator("[data-list]").evaluate("list => { list.scrollTop = 600 }")
    seen = ana.card(refs[12])
    await expect(seen).to_be_in_viewport()
    before = await box_of(seen)
    await ben.card(refs[3]).click()
    await expect(foot).to_contain_text("Ben has this open")
    # It made a card above larger; what Ana reads stays where it was.
    assert abs((await box_of(seen))["y"] - before["y"]) < 1

    await ben.panel.get_by_role("textbox", name="Write a comment").press_sequentially("Well")
    await expect(foot).to_contain_text("Ben is writing a comment")
    await ben.page.keyboard.press("Escape")
    await ben.page.keyboard.press("Escape")
    await expect(foot).to_have_count(0)
    await ben.page.close()
    await expect(faces).to_have_count(0)
