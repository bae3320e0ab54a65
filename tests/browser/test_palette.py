"""Ctrl+K: every action, project and task."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, Window
from tests.clients import Client
from tests.serving import Server
from tests.teams import Team, make_team


async def ask(one: Window, query: str) -> Locator:
    """Open the palette and type; the place of its results."""
    await one.page.keyboard.press("Control+k")
    box = one.page.get_by_role("combobox", name="Find or do something")
    await expect(box).to_be_focused()
    await one.page.keyboard.type(query)
    return one.page.get_by_role("listbox", name="Find or do something").get_by_role("option")


async def test_it_reaches_tasks_projects_and_actions(
    window: OpenWindow, team: Team, people: dict[str, Client], house: Server
) -> None:
    other = await make_team(people, house, "simple")
    here: dict[str, Any] = await team.task("Carrot soup", state="todo")
    there = await other.task("Paint the zebra crossing at the school", state="todo")
    await team.task("Draw the zebras", state="todo")
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page = ana.page

    found = await ask(ana, "soup of zebras")
    await expect(found).to_have_count(0)
    await page.keyboard.press("Control+A")
    await page.keyboard.type("crt sp")
    await expect(found.first).to_contain_text("Carrot soup")
    await expect(found.first.locator("b").first).to_be_visible()
    assert await violations(page, "over the board") == []
    await page.keyboard.press("Enter")
    await expect(ana.panel).to_have_attribute("data-panel", here["ref"])

    # Of the open task, without leaving it.
    found = await ask(ana, "move to done")
    await expect(found.first).to_have_text(f"Do{here['ref']}: Move to Done")
    await page.keyboard.press("Enter")
    await expect(ana.field("state")).to_contain_text("Done")
    await page.keyboard.press("Escape")

    # A word that begins so here comes before that very word further on elsewhere.
    found = await ask(ana, "zebra")
    await expect(found).to_have_count(2)
    await expect(found.first).to_contain_text("Draw the zebras")
    await page.keyboard.press("Escape")

    # A task of another project, and back by its key.
    found = await ask(ana, "zebra school")
    await expect(found.first).to_contain_text(there["ref"])
    await page.keyboard.press("Enter")
    await expect(ana.panel).to_have_attribute("data-panel", there["ref"])
    await expect(ana.field("title")).to_contain_text("Paint the zebra crossing")
    await ask(ana, team.key)
    await expect(page.locator(f'[data-entry="project:{team.key}"]')).to_be_visible()
    await page.locator(f'[data-entry="project:{team.key}"]').click()
    await expect(ana.card(here["ref"])).to_be_visible()

    # Without a line what is here is found, and the list says what was not searched.
    await ana.context.set_offline(True)
    ana.allow_no_line()
    await ask(ana, "zebra")
    await expect(page.get_by_text("only this board was searched")).to_be_visible()
    await expect(page.get_by_role("option", name="Draw the zebras")).to_be_visible()
    await ana.context.set_offline(False)
    await ana.is_live(timeout=BACK)
    await expect(found).to_have_count(2)
    await expect(page.get_by_text("only this board was searched")).to_have_count(0)
    await page.keyboard.press("Escape")

    # Before anything is typed: the tasks that were opened last, what can be done here, projects, the rest.
    found = await ask(ana, "")
    groups = page.get_by_role("listbox", name="Find or do something").get_by_role("group")
    await expect(groups).to_have_count(4)
    names = await groups.evaluate_all("groups => groups.map((group) => group.ariaLabel)")
    assert names == ["Recent tasks", "Here", "Projects", "Anywhere"]
    recent = [f"{there['ref']} {there['title']}Project {other.key}", f"{here['ref']} {here['title']}"]
    await expect(groups.first.get_by_role("option")).to_have_text(recent)
    await expect(groups.nth(1)).to_contain_text("New task")
    await expect(found.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await expect(groups.last.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    assert await violations(page, "in groups") == []
    await page.keyboard.type("new task")
    await page.keyboard.press("Enter")
    await expect(page.locator(".composer-text")).to_be_focused()
