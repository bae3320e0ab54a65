"""What two people, or one in two windows, write at the same time: nothing is lost or written over unseen."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window, box_of, is_now
from tests.teams import Team


def description(one: Window) -> Locator:
    """The box in which the description is edited."""
    return one.panel.get_by_role("textbox", name="Description", exact=True)


async def edit_description(one: Window, text: str) -> None:
    """Open the description's editor and write, without saving."""
    await press(one, "Edit").click()
    await description(one).fill(text)


def press(one: Window, name: str) -> Locator:
    """A button of the panel."""
    return one.panel.get_by_role("button", name=name, exact=True)


async def test_two_people_write_the_same(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Both of us", description="One line.\n\nAnother line.\n"))["ref"]
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_task(ref)
    await ben.open_task(ref)

    # Each sees the other, and where they type.
    await expect(ana.panel.locator(".panel-others")).to_contain_text("Ben is here")
    await edit_description(ana, "One line of mine.\n\nAnother line.\n")
    await expect(ben.panel.locator('[data-typing="description"]')).to_contain_text("Ana is typing")

    at = await box_of(description(ana))
    await edit_description(ben, "One line.\n\nAnother line of his.\n")
    await press(ben, "Save").click()
    await expect(ben.panel.locator(".description .prose")).to_contain_text("of his")
    await expect(ana.panel.get_by_text("Ben changed the description while you typed.")).to_be_visible()
    await expect(description(ana)).to_have_value("One line of mine.\n\nAnother line.\n")
    await expect(description(ana)).to_be_focused()
    await expect(press(ana, "Save")).to_be_disabled()
    # What is typed in does not move, though a note came above it.
    assert (await box_of(description(ana)))["y"] == pytest.approx(at["y"], abs=1)

    # Side by side, with what each changed; what both changed is in the text that is offered.
    await press(ana, "Compare and merge").click()
    sides = ana.panel.locator(".merge-text")
    await expect(sides.nth(0).locator("ins")).to_have_text(re.compile("of mine"))
    await expect(sides.nth(1).locator("ins")).to_have_text(re.compile("of his"))
    merged = ana.panel.get_by_role("textbox", name="Description, merged")
    await expect(merged).to_have_value("One line of mine.\n\nAnother line of his.\n")
    await press(ana, "Save merged").click()
    for one in (ana, ben):
        await expect(one.panel.locator(".description .prose")).to_contain_text("Another line of his.")
        await expect(one.panel.locator(".description .prose")).to_contain_text("One line of mine.")
    assert (await team.now(ref))["description"] == "One line of mine.\n\nAnother line of his.\n"

    # The title: theirs, then mine brought back, then mine.
    await ana.field("title").click()
    title = ana.panel.get_by_role("textbox", name="Title")
    await title.fill("Ana's title")
    await ben.field("title").click()
    await ben.panel.get_by_role("textbox", name="Title").fill("Ben's title")
    await ben.page.keyboard.press("Enter")
    await expect(ana.panel.get_by_text("Ben changed the title while you typed.")).to_be_visible()
    await expect(title).to_have_value("Ana's title")
    await press(ana, "Take Ben’s").click()
    await expect(ana.field("title")).to_have_text("Ben's title")
    await ana.toast.get_by_role("button", name="Bring mine back").click()
    await expect(ana.panel.locator(".leftover-text")).to_have_text("Ana's title")
    await press(ana, "Go on").click()
    await expect(title).to_have_value("Ana's title")
    again = await team.member.patch(f"/api/v1/tasks/{ref}", json={"title": "Ben's other title"})
    assert again.status_code == 200
    await expect(ana.panel.get_by_text("Ben changed the title while you typed.")).to_be_visible()
    await press(ana, "Keep mine").click()
    await expect(ana.panel.locator(".met")).to_have_count(0)
    await title.press("Enter")
    await expect(ben.field("title")).to_have_text("Ana's title")


async def test_the_server_says_that_edits_met(window: OpenWindow, team: Team) -> None:
    """Where no event comes in time: the answer to the save is what says it."""
    ref = (await team.task("Deaf", description="Old"))["ref"]
    ana = await window(team.owner)
    ana.allow("status of 409")
    ana.allow_no_line()
    await ana.page.route(re.compile(r"/stream(\?|$)"), lambda route: route.abort())
    await ana.page.route_web_socket(re.compile("/api/v1/live"), lambda _socket: None)
    await ana.go(f"/p/{team.key}/t/{ref.split('-')[1]}")
    await edit_description(ana, "Mine")
    theirs = await team.member.patch(f"/api/v1/tasks/{ref}", json={"description": "Theirs", "priority": "high"})
    assert theirs.status_code == 200
    await description(ana).press("Control+Enter")
    note = ana.panel.locator(".met")
    await expect(note).to_contain_text("changed the description while you typed.")
    await expect(description(ana)).to_have_value("Mine")
    assert (await team.now(ref))["description"] == "Theirs"
    await press(ana, "Keep mine").click()
    await expect(ana.panel.locator(".description .prose")).to_have_text("Mine")
    await is_now(team, ref, description="Mine", priority="high")


async def test_a_draft_outlives_its_tab(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Drafted", description="As it was"))["ref"]
    ana = await window(team.owner)
    await ana.open_task(ref)
    await edit_description(ana, "Half a thought")
    await ana.panel.get_by_role("textbox", name="Write a comment").fill("And a wor")
    first = ana.page
    ana.page = await ana.context.new_page()
    await first.close()
    theirs = await team.member.patch(f"/api/v1/tasks/{ref}", json={"description": "As it became"})
    assert theirs.status_code == 200

    await ana.open_task(ref)
    await expect(ana.panel.get_by_role("textbox", name="Write a comment")).to_have_value("And a wor")
    await expect(ana.panel.locator(".description .prose")).to_have_text("As it became")
    await expect(ana.panel.locator(".leftover-text")).to_have_text("Half a thought")
    await press(ana, "Go on").click()
    await expect(description(ana)).to_have_value("Half a thought")
    # It knows what it was made from: that somebody was faster is said, though nobody was here to hear it.
    await expect(ana.panel.get_by_text("Ben changed the description while you typed.")).to_be_visible()
    await press(ana, "Keep mine").click()
    await press(ana, "Save").click()
    await expect(ana.panel.locator(".description .prose")).to_have_text("Half a thought")
    await ana.panel.get_by_role("textbox", name="Write a comment").press("Control+Enter")
    await expect(ana.panel.locator(".comment")).to_contain_text("And a wor")

    # What was sent is no draft any more, and one that is discarded is gone.
    await edit_description(ana, "Not this")
    await description(ana).press("Escape")
    await press(ana, "Discard").click()
    await ana.page.reload()
    await expect(ana.panel.locator(".description .prose")).to_have_text("Half a thought")
    await expect(ana.panel.locator(".leftover")).to_have_count(0)
    await expect(ana.panel.get_by_role("textbox", name="Write a comment")).to_have_value("")
