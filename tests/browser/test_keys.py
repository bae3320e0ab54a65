"""The keys: one table of them, what each does on the board, and that none fires while somebody types."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window, is_now
from tests.teams import Team

#: As the browser tells of a key.
PRESS = "init => dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true }))"


async def choose(one: Window, key: str, name: str) -> None:
    """Press a key on the card that has the focus, and choose from what opens, by keyboard."""
    await one.page.keyboard.press(key)
    await expect(one.page.get_by_role("menu")).to_be_visible()
    await one.page.keyboard.type(name[:2])
    item = one.page.locator("[role^=menuitem]", has_text=name).first
    several = await item.get_attribute("role") == "menuitemcheckbox"
    for _ in range(8):
        if await item.evaluate("item => item === document.activeElement"):
            break
        await one.page.keyboard.press("ArrowDown")
    await expect(item).to_be_focused()
    await one.page.keyboard.press("Enter")
    if several:
        await one.page.keyboard.press("Escape")
    await expect(one.page.get_by_role("menu")).to_have_count(0)


async def test_a_task_from_first_to_last_without_a_mouse(window: OpenWindow, labelled: Team) -> None:
    team = labelled
    label = (await team.board())["labels"][0]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page, press = ana.page, ana.page.keyboard.press
    made = page.locator(".card:not(.card-new)", has_text="Written by keys alone")

    await press("c")
    await expect(page.locator(".composer-text")).to_be_focused()
    await page.keyboard.type("Written by keys alone")
    await press("Enter")
    await expect(made).to_have_attribute("href", re.compile(f"/p/{team.key}/t/"))
    await press("Escape")
    ref = (await newest(team))["ref"]
    await page.evaluate("ref => document.querySelector(`[data-ref='${ref}']`).focus()", ref)

    await choose(ana, "a", "Ana")
    await expect(made.locator(".people")).to_contain_text("Ana Bell")
    await expect(ana.card(ref)).to_be_focused()
    await choose(ana, "p", "High")
    await expect(made).to_contain_text("priority High")
    await choose(ana, "l", label["name"])
    await expect(made.locator(".label")).to_have_text(label["name"])
    await choose(ana, "d", "Tomorrow")
    await expect(made.locator(".fact").first).to_contain_text("due")
    states = (await team.board())["workflow"]["states"]
    here = (await newest(team))["state"]
    to = next(one for one in states if one["id"] != here)
    await choose(ana, "m", to["name"])
    await ana.ends_in(to["id"], ref)
    await expect(ana.card(ref)).to_be_focused()

    await press("e")
    await expect(page.locator(".title-input")).to_be_focused()
    await press("Control+A")
    await page.keyboard.type("Named: camel, a plea? / Mend")  # every letter of which is a key elsewhere
    await press("Enter")
    await expect(ana.field("title")).to_have_text("Named: camel, a plea? / Mend")
    await press("Escape")
    await expect(ana.panel).to_have_count(0)
    await expect(ana.card(ref)).to_be_focused()

    await press("/")
    await expect(page.get_by_label("Filter by text")).to_be_focused()
    await page.keyboard.type("camel")
    await expect(page.locator(".board [data-ref]")).to_have_count(1)
    await press("Escape")
    await expect(page.get_by_label("Filter by text")).to_have_value("")
    await is_now(team, ref, priority="high", state=to["id"], assignees=[team.owner.user["id"]])


async def newest(team: Team) -> dict[str, Any]:
    """The task that was made last."""
    task: dict[str, Any] = max((await team.board())["tasks"], key=lambda one: one["number"])
    return task


async def test_the_list_of_keys(window: OpenWindow, team: Team) -> None:
    await team.task("A task", state="todo")
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page = ana.page
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    await expect(keys.get_by_text("Assign", exact=True)).to_be_visible()
    assert await violations(page, "over the board") == []
    # Nothing under it hears them.
    await page.keyboard.press("c")
    await expect(page.locator(".composer")).to_have_count(0)
    await keys.get_by_label("Keys without Ctrl").uncheck()
    await page.keyboard.press("Escape")
    await expect(keys).to_have_count(0)

    await page.keyboard.press("c")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Find or do something")).to_be_focused()
    await expect(page.locator(".composer")).to_have_count(0)
    await page.keyboard.press("Escape")
    new = page.get_by_role("button", name="New task")
    await expect(new).to_have_attribute("aria-keyshortcuts", "C")
    await expect(new).to_have_attribute("title", "New task (C)")
    # A composing input method has its keys for itself.
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Escape")
    await page.evaluate("localStorage.removeItem('taskhub.letters')")
    await page.reload()
    await ana.is_live()
    for pressed in (
        {"key": "c", "code": "KeyC", "isComposing": True},
        {"key": "Process", "code": "KeyC"},
        {"key": "c", "code": "KeyC", "altKey": True},
        {"key": "c", "code": "KeyC", "metaKey": True},
        {"key": "¢", "code": "KeyC", "modifierAltGraph": True},
    ):
        await page.evaluate(PRESS, pressed)
    await page.keyboard.press("Shift+M")
    await expect(page.locator(".pill").first).to_contain_text("assignee is me")
    await expect(page.locator(".composer")).to_have_count(0)
    # On a Russian keyboard the letter is the one beside its own.
    await page.evaluate(PRESS, {"key": "Ь", "code": "KeyM", "shiftKey": True})
    await expect(page.locator(".pill:not(.pill-add)")).to_have_count(0)
    await page.evaluate(PRESS, {"key": "с", "code": "KeyC"})
    await expect(page.locator(".composer")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.evaluate(PRESS, {"key": "л", "code": "KeyK", "ctrlKey": True})
    await expect(page.get_by_role("combobox", name="Find or do something")).to_be_focused()


async def test_who_only_reads_is_told_so(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="todo"))["ref"]
    vera = await window(team.viewer)
    await vera.open_board(team.key)
    await vera.card(ref).focus()
    for key in ("a", "c"):
        await vera.page.keyboard.press(key)
        await expect(vera.toast).to_contain_text("You may read this project, not change it.")
    await expect(vera.page.get_by_role("menu")).to_have_count(0)
