"""Pictures of the main screens, with the demo's projects, for a person to look at.

They go to the folder that PICTURES names, else to one that pytest keeps for a while. Those in docs/pictures are
from here: board and board-dark are drag and drag-dark, phone is phone-offline.
"""

from __future__ import annotations

import os
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from taskhub.demo.story import PASSWORD
from tests.browser.conftest import OpenWindow
from tests.browser.test_offline import go_offline
from tests.browser.windows import PHONE, Window
from tests.clients import Client, anonymous_client
from tests.command_line import call_taskhub
from tests.databases import MakeDatabase
from tests.serving import Serve, Server

DARK: dict[str, Any] = {"color_scheme": "dark"}
ON_PHONE: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
#: Where each is, and what stands there when it is whole.
SCREENS = {
    "overview": ("/", "main", "29 done"),
    "my-work": ("/mine", "main", "Rate limit for the contact form"),
    "board": ("/p/WEB", "main", "Collect quotes"),
    "task": ("/p/WEB/t/42", '[role="dialog"]', "Dee"),
    "dashboard": ("/p/WEB/dashboard", ".charts", "open tasks"),
    "settings": ("/p/WEB/settings/workflow", "main", "Cancelled"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    named = os.environ.get("PICTURES")
    return Path(named) if named else tmp_path


@pytest.fixture(scope="module")
def demo(serve: Serve, make_database: MakeDatabase) -> Server:
    """A server with the demo's projects."""
    database = make_database("sqlite")
    call_taskhub("demo", env=database.environment)
    return serve(database)


async def signed_in(server: Server, email: str) -> Client:
    client = anonymous_client(server)
    answer = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


async def take(one: Window, screen: str, picture: Path) -> None:
    """A picture of a screen, when it is live and shows what it has."""
    path, part, text = SCREENS[screen]
    await one.go(path)
    await one.is_live()
    await expect(one.page.locator(part).first).to_contain_text(text)
    await one.page.evaluate("document.fonts.ready")
    await one.page.screenshot(path=picture, animations="disabled")
    assert picture.stat().st_size > 10_000


async def test_the_main_screens(window: OpenWindow, demo: Server, folder: Path) -> None:
    async with aclosing(await signed_in(demo, "ana@example.com")) as ana:
        for name, options in {"": {}, "-dark": DARK, "-phone": ON_PHONE}.items():
            one = await window(ana, server=demo, **options)
            for screen in SCREENS:
                await take(one, screen, folder / f"{screen}{name}.png")
            await one.context.close()
        link = (await ana.post("/api/v1/projects/WEB/wallboards", json={"name": "Hall"})).json()["url"]
        wall = await window(server=demo, viewport={"width": 1920, "height": 1080}, color_scheme="dark")
        await wall.page.goto(link)
        await expect(wall.page.locator(".wall-charts")).to_contain_text("Tasks by state")
        await wall.page.evaluate("document.fonts.ready")
        await wall.page.screenshot(path=folder / "wallboard.png", animations="disabled")


async def test_an_edit_that_meets_another(window: OpenWindow, demo: Server, folder: Path) -> None:
    async with (
        aclosing(await signed_in(demo, "ana@example.com")) as ana,
        aclosing(await signed_in(demo, "ben@example.com")) as ben,
    ):
        one = await window(ana, server=demo)
        await one.go("/p/WEB/t/42")
        await one.is_live()
        task = (await ana.get("/api/v1/tasks/WEB-42")).json()
        await one.panel.get_by_role("button", name="Edit", exact=True).click()
        box = one.panel.get_by_role("textbox", name="Description", exact=True)
        await box.fill(task["description"].replace("8 s", "5 s on a train"))
        body = {"description": task["description"].replace("8 s", "10 s"), "base_version": task["version"]}
        assert (await ben.patch("/api/v1/tasks/WEB-42", json=body)).status_code == 200
        compare = one.panel.get_by_role("button", name="Compare and merge", exact=True)
        await compare.click()
        await expect(one.panel.locator("ins, del").first).to_be_visible()
        await one.page.screenshot(path=folder / "conflict.png", animations="disabled")


async def test_a_card_in_the_hand(window: OpenWindow, demo: Server, folder: Path) -> None:
    async with (
        aclosing(await signed_in(demo, "ana@example.com")) as ana,
        aclosing(await signed_in(demo, "ben@example.com")) as ben,
        aclosing(await signed_in(demo, "chen@example.com")) as chen,
    ):
        other = await window(ben, server=demo)
        await other.go("/p/WEB/t/40")
        await other.panel.get_by_role("button", name="Edit", exact=True).click()
        for name, options in {"": {}, "-dark": DARK}.items():
            one = await window(ana, server=demo, **options)
            await one.open_board("WEB")
            await expect(one.card("WEB-40").locator("[data-here]")).to_be_visible()
            await one.take("WEB-42")
            await one.hold_over("review")
            await expect(one.column("review").locator(".slot")).to_be_visible()
            task = (await chen.get("/api/v1/tasks/WEB-37")).json()
            body = {"priority": "high" if task["priority"] != "high" else "low", "base_version": task["version"]}
            assert (await chen.patch("/api/v1/tasks/WEB-37", json=body)).status_code == 200
            await expect(one.card("WEB-37").locator(".card-tag")).to_be_visible()
            await one.page.screenshot(path=folder / f"drag{name}.png", animations="disabled")
            await one.page.keyboard.press("Escape")
            await one.page.mouse.up()


async def test_a_phone_without_a_line(window: OpenWindow, demo: Server, folder: Path) -> None:
    async with aclosing(await signed_in(demo, "ana@example.com")) as ana:
        one = await window(ana, server=demo, **ON_PHONE)
        await one.open_board("WEB")
        await one.page.locator(".tab", has_text="In progress").tap()
        await expect(one.card("WEB-40")).to_be_in_viewport()
        await go_offline(one)
        await one.card("WEB-40").press("p")
        await one.page.get_by_role("menu").locator('[data-choice="high"]').tap()
        await expect(one.card("WEB-40").locator(".card-wait")).to_be_visible()
        await expect(one.toast).to_have_count(0)
        await one.page.screenshot(path=folder / "phone-offline.png", animations="disabled")


async def test_an_inbox(window: OpenWindow, demo: Server, folder: Path) -> None:
    async with (
        aclosing(await signed_in(demo, "ana@example.com")) as ana,
        aclosing(await signed_in(demo, "ben@example.com")) as ben,
    ):
        me = (await ana.get("/api/v1/me")).json()["id"]
        await ben.patch("/api/v1/tasks/WEB-61", json={"assignees": [me]})
        await ana.post("/api/v1/inbox/read", json={"task": "WEB-61"})
        await ben.post("/api/v1/projects", json={"key": "OPS", "name": "Operations"})
        await ben.post("/api/v1/projects/OPS/members", json={"email": "ana@example.com"})
        for name, options in {"": {}, "-dark": DARK, "-phone": ON_PHONE}.items():
            one = await window(ana, server=demo, **options)
            await one.go("/inbox")
            await one.is_live()
            await expect(one.page.locator(".inbox-row")).to_have_count(6)
            await one.page.evaluate("document.fonts.ready")
            await one.page.screenshot(path=folder / f"inbox{name}.png", animations="disabled")
            await one.context.close()
