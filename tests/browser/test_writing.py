"""Writing in a task by keyboard alone: completion, links, previews, and from one task to the next."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_edits_that_meet import description, press
from tests.teams import Team


async def test_completion_links_and_preview(window: OpenWindow, team: Team) -> None:
    await team.task("Checkout form")
    other = (await team.task("Check the fonts"))["ref"]
    ref = (await team.task("Written"))["ref"]
    ana = await window(team.owner)
    await ana.open_task(ref)
    keys = ana.page.keyboard
    box = ana.panel.get_by_role("textbox", name="Write a comment")
    offers = ana.page.get_by_role("listbox")
    await box.focus()

    await keys.type("Ask @be")
    await expect(offers.get_by_role("option", selected=True)).to_have_text(re.compile("Ben"))
    await expect(box).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    await expect(ana.said).to_contain_text("2 suggestions")
    await keys.press("Enter")
    await expect(box).to_have_value("Ask @Ben Okafor ")
    await keys.type(f"of {team.key.lower()}-che")
    await expect(offers.get_by_role("option")).to_have_count(2)
    await keys.press("ArrowDown")
    await keys.press("ArrowUp")
    await keys.press("Tab")
    await expect(box).to_have_value(f"Ask @Ben Okafor of {other} ")
    await expect(box).to_be_focused()

    # Esc closes what is offered, and what was typed stays; the mouse chooses, too.
    await keys.type("@v")
    await expect(offers).to_be_visible()
    await keys.press("Escape")
    await expect(offers).to_have_count(0)
    await expect(ana.panel).to_be_visible()
    await keys.type("e")
    await offers.get_by_role("option").first.click()
    await expect(box).to_have_value(f"Ask @Ben Okafor of {other} @Vera Lind ")
    # The browser's own undo takes a completion back.
    await keys.press("Control+z")
    await expect(box).to_have_value(f"Ask @Ben Okafor of {other} @ve")
    await box.press("Control+Enter")
    said = ana.panel.locator(".comment .prose")
    await expect(said.locator(".mention")).to_have_text("@Ben Okafor")

    # An address over a selection makes it a link, in the preview as it will be saved.
    await press(ana, "Add a description").click()
    await description(ana).fill("Read the docs first")
    await description(ana).evaluate(
        """box => {
          box.setSelectionRange(5, 13);
          const data = new DataTransfer();
          data.setData("text/plain", "https://example.com/docs");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(description(ana)).to_have_value("Read [the docs](https://example.com/docs) first")
    await press(ana, "Preview").click()
    shown = ana.panel.locator(".preview .prose")
    await expect(shown.get_by_role("link", name="the docs")).to_have_attribute("href", "https://example.com/docs")
    preview = await shown.inner_html()
    await ana.panel.locator(".preview").press("Control+Enter")
    saved = ana.panel.locator(".description .prose")
    await expect(saved.get_by_role("link", name="the docs")).to_be_visible()
    assert await saved.inner_html() == preview

    # A reference leads to its task, and Back to this one.
    await said.get_by_role("link", name=other).click()
    await expect(ana.page.locator(f'[data-panel="{other}"]')).to_be_visible()
    await ana.page.go_back()
    await expect(ana.page.locator(f'[data-panel="{ref}"]')).to_be_visible()


async def test_to_the_next_task(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}"))["ref"] for n in range(3)]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.card(refs[0]).click()
    keys = ana.page.keyboard

    async def is_at(ref: str) -> None:
        await expect(ana.panel).to_have_attribute("data-panel", ref)
        await expect(ana.page).to_have_url(re.compile(f"/t/{ref.split('-')[1]}$"))

    await is_at(refs[0])
    await keys.press("k")
    await expect(ana.said).to_contain_text("first task of the column")
    await keys.press("j")
    await is_at(refs[1])
    await keys.press("J")
    await is_at(refs[2])
    await keys.press("j")
    await expect(ana.said).to_contain_text("last task of the column")
    await keys.press("k")
    await is_at(refs[1])
    # Not while one types.
    await ana.panel.get_by_role("textbox", name="Write a comment").press_sequentially("jk")
    await is_at(refs[1])
    await keys.press("Escape")
    await ana.panel.get_by_role("button", name="Previous task").click()
    await is_at(refs[0])
    # Back closes the panel, however many were walked through.
    await ana.page.go_back()
    await expect(ana.panel).to_have_count(0)
    await ana.page.go_forward()
    await is_at(refs[0])
    await keys.press("Escape")
    await expect(ana.card(refs[0])).to_be_focused()
