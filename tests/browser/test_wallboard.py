"""A wallboard: made in the settings, shown to who has its link, live, and taken back."""

from __future__ import annotations

import re
from functools import partial

from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_dashboard import chart, figure
from tests.browser.test_tabs import OLDER
from tests.browser.windows import BACK, Window, becomes
from tests.databases import MakeDatabase
from tests.serving import Serve
from tests.teams import Team, sign_up

#: Whether every part of the page is whole to see: nothing scrolls, nothing is cut off.
_FITS = """() => [document.documentElement, ...document.querySelectorAll(".wall, .chart, .chart-body, .tile-figure")]
  .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.className)"""
_SMALLEST = """() => Math.min(...[...document.querySelectorAll(".wall *")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, button")
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""


async def make_wallboard(one: Window, key: str, name: str) -> str:
    """Make a wallboard in the settings of a project; its link."""
    await one.go(f"/p/{key}/settings")
    walls = one.page.get_by_role("region", name="Wallboards")
    await walls.get_by_role("textbox", name="New wallboard").fill(name)
    await walls.get_by_role("button", name="Make a link").click()
    link = walls.get_by_role("textbox", name="Wallboard link")
    await expect(link).to_have_value(re.compile(r"/wall/.{20,}"))
    await expect(walls.locator(".row-name")).to_contain_text([name])
    return await link.input_value()


async def test_without_signing_in_until_it_is_taken_back(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    await team.task("Put up a shelf", state="todo", assignees=[team.member.user["id"]])
    ana = await window(team.owner)
    link = await make_wallboard(ana, team.key, "Kitchen")
    found = await violations(ana.page, "wallboards in the settings")

    # On a screen where nobody is signed in: whole, and large enough to be read from afar.
    screen = await window(None, viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    await screen.page.goto(link)
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text(team.project["name"])
    await expect(figure(screen, "wip")).to_contain_text("0")
    await expect(screen.page).to_have_title(re.compile("wallboard"))
    for width, height in ((390, 844), (1080, 1920), (1280, 720), (1920, 1080)):
        await screen.page.set_viewport_size({"width": width, "height": height})
        await expect(screen.page.locator(".wall")).to_have_css("width", f"{width}px")
        await expect(chart(screen, "flow").locator("svg.plot-drawing")).to_be_visible()
        # The charts are drawn anew once the page has measured them.
        await becomes(partial(screen.page.evaluate, _FITS), [])
        pixel = min(width / 1280, height / 720) if width > height else min(width / 660, height / 1360)
        await becomes(partial(screen.page.evaluate, f"({_SMALLEST})() >= {15 * pixel}"), True)
    found += await violations(screen.page, "light wallboard")
    await screen.page.emulate_media(color_scheme="dark")
    found += await violations(screen.page, "dark wallboard")
    assert not found, "\n".join(found)

    # It is live, and says nothing that it should not.
    await screen.mark()
    ref = (await team.board())["tasks"][0]["ref"]
    assert (await team.move(ref, "doing")).status_code == 200
    await expect(figure(screen, "wip")).to_contain_text("1")
    assert team.member.email not in await screen.page.content()
    for state in ("review", "done"):
        assert (await team.move(ref, state)).status_code == 200
    await expect(figure(screen, "week")).to_have_text("1")
    assert "Put up a shelf" not in await screen.page.content()
    titles = ana.page.get_by_role("switch", name="Show task titles on “Kitchen”")
    await titles.press("Space")
    await expect(screen.page.locator(".lately-title")).to_have_text(["Put up a shelf"])
    await becomes(partial(screen.page.evaluate, _FITS), [])
    await titles.press("Space")
    await expect(screen.page.locator(".lately")).to_have_count(0)
    assert "Put up a shelf" not in await screen.page.content()
    await screen.is_same_document()

    # Taken back, it goes blank at once.
    screen.allow("status of 404")
    walls = ana.page.get_by_role("region", name="Wallboards")
    await walls.get_by_role("button", name="Take back “Kitchen”").click()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(walls.locator(".row")).to_have_count(0)
    await expect(screen.page.get_by_text("This wallboard was taken back")).to_be_visible()
    await expect(figure(screen, "wip")).to_have_count(0)
    await screen.page.reload()
    await expect(screen.page.get_by_text("This wallboard was taken back")).to_be_visible()


async def test_it_outlives_the_server_and_takes_a_new_build(
    window: OpenWindow, serve: Serve, make_database: MakeDatabase
) -> None:
    database = make_database("sqlite")
    server = serve(database)
    owner = await sign_up(server, "Ana Bell", "ana@example.com")
    assert (await owner.post("/api/v1/projects", json={"key": "WEB", "name": "Website"})).status_code == 201
    made = await owner.post("/api/v1/projects/WEB/wallboards", json={"name": "Hall"})
    screen = await window(None, server=server)
    await screen.context.add_init_script(OLDER)
    await screen.go(f"/wall/{made.json()['secret']}")
    await expect(screen.page.locator('[data-following="live"]')).to_be_visible()
    await screen.mark()

    screen.allow_no_line()
    server.stop()
    await expect(screen.page.get_by_role("status")).to_contain_text("No line since")
    await expect(figure(screen, "wip")).to_be_visible()
    await screen.is_same_document()
    # It came from another build: once the server is back it loads itself anew.
    async with screen.page.expect_event("load", timeout=BACK):
        server.start()
    await expect(screen.page.locator('[data-following="live"]')).to_be_visible()
    assert await screen.page.evaluate("document.querySelector('meta[name=taskhub-build]').content") != "older"
