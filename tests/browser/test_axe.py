"""axe finds nothing: on no page, in no state, light or dark, wide or on a phone."""

from __future__ import annotations

from typing import Literal

from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import PHONE, Window
from tests.teams import Team

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESCRIPTION = """\
When `POST /orders` takes over 8 s, the browser sends it again. See [the log](https://example.com/log).

- [x] Reproduce with a throttled connection
- [ ] Message while it waits

> Seen by three customers.

| what | how often |
| --- | --- |
| lost | 3 |
"""


async def look(one: Window, *sights: str) -> list[str]:
    """What axe finds in this window now, light and dark."""
    found = []
    for scheme in SCHEMES:
        await one.page.emulate_media(color_scheme=scheme)
        found += await violations(one.page, " ".join((scheme, *sights)))
    return found


async def fill(team: Team) -> str:
    """A board with something of everything; the reference of its fullest task."""
    await team.task("Collect quotes", state="backlog", priority="low")
    late = await team.task(
        "Checkout form loses the address 中文联系页面",
        state="todo",
        priority="urgent",
        due="2020-01-20",
        assignees=[team.owner.user["id"], team.member.user["id"]],
        description=DESCRIPTION,
    )
    await team.task(
        "Price table", state="todo", priority="medium", due="2099-11-24", assignees=[team.viewer.user["id"]]
    )
    ref: str = late["ref"]
    assert (await team.move(ref, "doing")).status_code == 200
    said = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "The retry is *ours*: `fetch`."})
    assert said.status_code == 201
    return ref


async def test_pages(window: OpenWindow, team: Team) -> None:
    found = []
    out = await window(reduced_motion="reduce")
    for path in ("/sign-in", "/register"):
        await out.go(path)
        await expect(out.page.locator("form")).to_be_visible()
        found += await look(out, path)
    out.allow("status of 401")
    await out.page.get_by_label("E-mail").fill("nobody@example.com")
    await out.go("/sign-in")
    await out.page.get_by_label("E-mail").fill("nobody@example.com")
    await out.page.get_by_label("Password").fill("a wrong password")
    await out.page.get_by_role("button", name="Sign in").click()
    await expect(out.page.get_by_role("alert")).to_be_visible()
    found += await look(out, "refused sign-in")

    out.allow("status of 404")
    for path in ("/nothing/here", "/api/v1/docs"):
        await out.go(path)
        await expect(out.page.locator("h1").first).to_be_visible()
        found += await look(out, path)

    sam = await window(team.stranger, reduced_motion="reduce")
    await sam.go("/")
    await expect(sam.page.get_by_role("button", name="New project").last).to_be_visible()
    await sam.is_live()
    found += await look(sam, "no project yet")
    await sam.page.locator(".rail").get_by_role("button", name="New project").click()
    await expect(sam.page.get_by_role("dialog")).to_be_visible()
    found += await look(sam, "new project")

    ana = await window(team.owner, reduced_motion="reduce")
    await ana.go("/")
    await expect(ana.page.locator(f'.project[href="/p/{team.key}"]')).to_be_visible()
    found += await look(ana, "projects")
    await team.task("Mine", assignees=[team.owner.user["id"]], due="2020-01-01", priority="high")
    await ana.go("/mine")
    await expect(ana.page.locator(".mine-late [data-ref]").first).to_be_visible()
    found += await look(ana, "my work")
    await ana.go("/import")
    await expect(ana.page.get_by_role("button", name="Choose a file")).to_be_visible()
    found += await look(ana, "import")
    assert not found, "\n".join(found)


async def test_board(window: OpenWindow, strict_team: Team) -> None:
    found = []
    ana = await window(strict_team.owner, reduced_motion="reduce")
    await ana.open_board(strict_team.key)
    await expect(ana.page.get_by_role("button", name="Write the first task")).to_be_visible()
    found += await look(ana, "empty board")

    ref = await fill(strict_team)
    await expect(ana.in_column("doing", ref)).to_be_visible()
    found += await look(ana, "board")

    # Somebody else's change, in their colour.
    other = (await ana.refs("todo"))[0]
    assert (await strict_team.move(other, "backlog", by="member")).status_code == 200
    await ana.page.wait_for_selector(f'[data-ref="{other}"] .card-tag')
    found += await look(ana, "a change by somebody else")

    await ana.take(ref)
    await ana.hold_over("review")
    await expect(ana.column("review").locator(".slot")).to_be_visible()
    await expect(ana.page.locator(".column-why").first).to_be_visible()
    found += await look(ana, "dragging")
    await ana.page.keyboard.press("Escape")
    await ana.page.mouse.up()

    await ana.card(ref).focus()
    await ana.page.keyboard.press("Space")
    await expect(ana.page.locator(".card-lifted")).to_be_visible()
    found += await look(ana, "carrying by keyboard")
    await ana.page.keyboard.press("Escape")

    await ana.page.get_by_label("Filter by text").fill("nothing like this")
    await expect(ana.page.get_by_text("No task matches.")).to_be_visible()
    found += await look(ana, "nothing matches")
    await ana.page.locator(".empty").get_by_role("button", name="Clear").click()

    await ana.page.get_by_role("button", name="New task").click()
    await expect(ana.page.get_by_role("textbox", name="Title of the new task")).to_be_focused()
    found += await look(ana, "writing a task")
    assert not found, "\n".join(found)


async def test_panel(window: OpenWindow, strict_team: Team) -> None:
    found = []
    ref = await fill(strict_team)
    ana = await window(strict_team.owner, reduced_motion="reduce")
    await ana.open_board(strict_team.key)
    await ana.card(ref).click()
    await expect(ana.panel.locator(".comment .prose code")).to_be_visible()
    found += await look(ana, "panel")
    await ana.field("state").get_by_role("button").click()
    await expect(ana.page.get_by_role("menu")).to_be_visible()
    found += await look(ana, "menu")
    await ana.page.keyboard.press("Escape")

    await ana.panel.get_by_role("button", name="Edit", exact=True).click()
    await expect(ana.panel.get_by_role("textbox", name="Description")).to_be_focused()
    changed = await strict_team.member.patch(f"/api/v1/tasks/{ref}", json={"description": "Mine"})
    assert changed.status_code == 200
    await expect(ana.panel.get_by_text("Ben changed the description")).to_be_visible()
    found += await look(ana, "two edits meet")
    await ana.panel.get_by_role("button", name="Compare and merge").click()
    await expect(ana.panel.get_by_role("textbox", name="Description, merged")).to_be_visible()
    found += await look(ana, "side by side")
    await ana.panel.get_by_role("button", name="Save merged").click()
    await ana.panel.get_by_role("textbox", name="Write a comment").press_sequentially("@b")
    await expect(ana.page.get_by_role("option").first).to_be_visible()
    found += await look(ana, "completion")
    await ana.page.keyboard.press("Escape")

    await ana.panel.get_by_role("button", name="More", exact=True).click()
    await ana.page.get_by_role("menuitem", name="Delete task").click()
    await expect(ana.toast.get_by_role("button", name="Undo")).to_be_visible()
    found += await look(ana, "deleted")
    assert not found, "\n".join(found)


async def test_dashboard(window: OpenWindow, strict_team: Team) -> None:
    found = []
    ana = await window(strict_team.owner, reduced_motion="reduce")
    await ana.go(f"/p/{strict_team.key}/dashboard")
    await expect(ana.page.locator('[data-following="live"]')).to_be_visible()
    found += await look(ana, "empty dashboard")

    ref = await fill(strict_team)
    for state in ("review", "done"):
        assert (await strict_team.move(ref, state)).status_code == 200
    await expect(ana.page.locator(".point")).to_have_count(1)
    flow = ana.page.locator('[data-chart="flow"]')
    await flow.get_by_role("slider").focus()
    await ana.page.locator(".point").focus()
    found += await look(ana, "dashboard")
    await flow.get_by_role("button", name="As a table").click()
    await flow.get_by_role("button", name="How is this computed").click()
    await expect(ana.page.locator(".info-box")).to_be_visible()
    found += await look(ana, "dashboard with a table and a word on how it is computed")
    assert not found, "\n".join(found)


async def test_phone(window: OpenWindow, strict_team: Team) -> None:
    found = []
    ref = await fill(strict_team)
    ana = await window(strict_team.owner, reduced_motion="reduce", viewport=PHONE, has_touch=True, is_mobile=True)
    await ana.open_board(strict_team.key)
    found += await look(ana, "board")
    await ana.page.locator(".tab", has_text="In progress").tap()
    await expect(ana.card(ref)).to_be_in_viewport()
    found += await look(ana, "another column")
    await ana.card(ref).tap()
    await expect(ana.panel.locator(".comment .prose code")).to_be_visible()
    found += await look(ana, "panel")
    await ana.panel.get_by_role("button", name="Close").tap()
    await ana.go("/")
    await expect(ana.page.locator(f'.project[href="/p/{strict_team.key}"]')).to_be_visible()
    found += await look(ana, "projects")
    await ana.go(f"/p/{strict_team.key}/dashboard")
    await expect(ana.page.locator('[data-following="live"]')).to_be_visible()
    found += await look(ana, "dashboard")
    assert not found, "phone: " + "\n".join(found)
