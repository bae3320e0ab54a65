"""The keyboard alone: from sign-in to a comment, and a card from one state to another."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window, becomes, is_now
from tests.clients import PASSWORD
from tests.teams import Team

_FOCUSED = "selector => document.activeElement?.matches(selector) ?? false"


async def tab_to(page: Page, selector: str, most: int = 40) -> None:
    """Press Tab until the focus is on an element like this."""
    for _ in range(most):
        if await page.evaluate(_FOCUSED, selector):
            return
        await page.keyboard.press("Tab")
    here = await page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
    raise AssertionError(f"Tab does not reach {selector}; after {most} times it is at {here}")


async def focused_ref(page: Page) -> str | None:
    """The reference of the card that has the focus."""
    ref: str | None = await page.evaluate("document.activeElement?.dataset.ref ?? null")
    return ref


async def on_card(one: Window, ref: str) -> None:
    """Wait until the card has the focus, and can be seen."""
    await expect(one.card(ref)).to_be_focused()
    await expect(one.card(ref)).to_be_in_viewport()


@pytest.fixture
async def tasks(team: Team) -> dict[str, dict[str, Any]]:
    """Three to do and two in progress, by title."""
    made = {}
    for title, state in (("a", "todo"), ("b", "todo"), ("c", "todo"), ("x", "doing"), ("y", "doing")):
        made[title] = await team.task(title, state=state)
    return made


async def test_from_sign_in_to_a_comment(window: OpenWindow, team: Team, tasks: dict[str, dict[str, Any]]) -> None:
    one = await window()
    page, press = one.page, one.page.keyboard.press
    await one.go("/")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await page.keyboard.type(team.member.email)
    await press("Tab")
    await page.keyboard.type(PASSWORD)
    await press("Enter")

    await expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    await expect(page.locator(f'.project[href="/p/{team.key}"]')).to_be_visible()
    await tab_to(page, f'.project[href="/p/{team.key}"]', most=150)
    await press("Enter")
    await one.is_live()
    await expect(one.card(tasks["a"]["ref"])).to_be_visible()

    await tab_to(page, "[data-ref]", most=150)
    await on_card(one, tasks["a"]["ref"])
    await press("ArrowDown")
    await on_card(one, tasks["b"]["ref"])
    await press("ArrowRight")
    await on_card(one, tasks["y"]["ref"])
    await press("Home")
    await on_card(one, tasks["x"]["ref"])
    await press("Space")
    await press("ArrowLeft")
    await press("Space")
    await one.ends_in("todo", tasks["x"]["ref"])
    await on_card(one, tasks["x"]["ref"])
    await expect(one.said).to_contain_text(f"{tasks['x']['ref']} moved to To do")

    await press("Enter")
    await expect(one.panel).to_have_attribute("data-panel", tasks["x"]["ref"])
    await tab_to(page, ".title-button")
    await press("Enter")
    await press("Control+A")
    await page.keyboard.type("Named by keyboard")
    await press("Enter")
    await expect(one.field("title")).to_have_text("Named by keyboard")
    await tab_to(page, ".comment-input")
    await page.keyboard.type("Said by keyboard")
    await press("Control+Enter")
    await expect(one.panel.locator(".comment")).to_contain_text("Said by keyboard")
    await expect(one.panel.get_by_role("textbox", name="Write a comment")).to_have_value("")

    await press("Escape")
    await expect(one.panel).to_have_count(0)
    await on_card(one, tasks["x"]["ref"])
    await is_now(team, tasks["x"]["ref"], title="Named by keyboard")


async def test_a_card_is_carried_and_announced(
    window: OpenWindow, team: Team, tasks: dict[str, dict[str, Any]]
) -> None:
    one = await window(team.owner)
    await one.open_board(team.key)
    press = one.page.keyboard.press
    ref = tasks["b"]["ref"]
    await one.card(ref).focus()
    await press("Space")
    await expect(one.said).to_contain_text(f"{ref} lifted.")
    await expect(one.page.locator(".card-lifted")).to_have_attribute("data-ref", ref)

    await press("ArrowUp")
    await expect(one.said).to_contain_text("To do, 1 of 3")
    await one.has_refs("todo", [ref, tasks["a"]["ref"], tasks["c"]["ref"]])
    await press("ArrowRight")
    await expect(one.said).to_contain_text("In progress, 1 of 3")
    await press("ArrowDown")
    await expect(one.said).to_contain_text("In progress, 2 of 3")
    await on_card(one, ref)
    # Nothing has happened for others yet.
    assert await team.column("doing") == ["x", "y"]

    await press("Space")
    await expect(one.said).to_contain_text(f"{ref} moved to In progress")
    await one.ends_in("doing", ref)
    await on_card(one, ref)
    await one.has_refs("doing", [tasks["x"]["ref"], ref, tasks["y"]["ref"]])
    await becomes(lambda: team.column("doing"), ["x", "b", "y"])


async def test_escape_puts_it_back(window: OpenWindow, team: Team, tasks: dict[str, dict[str, Any]]) -> None:
    one = await window(team.owner)
    await one.open_board(team.key)
    press = one.page.keyboard.press
    ref = tasks["b"]["ref"]
    head = (await team.board())["seq"]
    await one.card(ref).focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowDown"):
        await press(key)
    await one.ends_in("done", ref)
    await press("Escape")
    await expect(one.said).to_contain_text(f"{ref} is back where it was.")
    await on_card(one, ref)
    await one.has_refs("todo", [tasks[title]["ref"] for title in "abc"])
    assert (await team.board())["seq"] == head


async def test_states_that_refuse_are_passed_with_the_reason(window: OpenWindow, strict_team: Team) -> None:
    task = await strict_team.task("Steps only", state="backlog")
    one = await window(strict_team.owner)
    await one.open_board(strict_team.key)
    await one.card(task["ref"]).focus()
    await one.page.keyboard.press("Space")
    await one.page.keyboard.press("ArrowRight")
    await expect(one.said).to_contain_text("To do, 1 of 1")
    # The next that takes it from the backlog is far to the right.
    await one.page.keyboard.press("ArrowRight")
    await expect(one.said).to_contain_text("From Backlog to In progress is not allowed.")
    await expect(one.said).to_contain_text("Cancelled, 1 of 1")
    await one.page.keyboard.press("ArrowRight")
    await expect(one.said).to_contain_text("No state further on takes it.")
    await one.page.keyboard.press("Escape")
    await one.ends_in("backlog", task["ref"])


async def test_who_only_reads_cannot_lift(window: OpenWindow, team: Team, tasks: dict[str, dict[str, Any]]) -> None:
    one = await window(team.viewer)
    await one.open_board(team.key)
    await one.card(tasks["a"]["ref"]).focus()
    await one.page.keyboard.press("Space")
    await expect(one.said).to_contain_text("You may read this project, not change it.")
    await expect(one.page.locator(".card-lifted")).to_have_count(0)
