"""The inbox in real windows: counted, read, muted and watched, in all windows at once, by mouse, keyboard and thumb."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_tabs import HIDE
from tests.browser.windows import BACK, DESKTOP, PHONE, Window, becomes, box_of
from tests.clients import Client
from tests.teams import Team, sign_up


@pytest.fixture
async def nora(team: Team) -> AsyncIterator[Client]:
    """A member of the project with an inbox of her own."""
    email = f"nora-{team.key.lower()}@example.com"
    client = await sign_up(team.server, "Nora Quist", email)
    await team.owner.post(f"{team.url}/members", json={"email": email})
    yield client
    await client.aclose()


#: Of what an entry says.
WEIGHTS = {"unread": "600", "read": "400"}


async def say(team: Team, ref: str, body: str) -> str:
    """A comment by Ben; its id."""
    answer = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": body})
    assert answer.status_code == 201
    id_: str = answer.json()["id"]
    return id_


async def unread(client: Client) -> int:
    """How many the server has as unread."""
    found: int = (await client.get("/api/v1/inbox")).json()["unread"]
    return found


def badge(page: Page) -> Locator:
    return page.locator(".rail .badge")


def row(page: Page, id_: str) -> Locator:
    return page.locator(f'[data-notification="{id_}"]')


async def right_of(part: Locator) -> float:
    """Where something ends at the right, in pixels of the page."""
    box = await box_of(part)
    end: float = box["x"] + box["width"]
    return end


async def test_what_comes_is_counted_in_each_window_and_read_once_for_all(
    window: OpenWindow, team: Team, nora: Client
) -> None:
    me = nora.user["id"]
    first = (await team.task("Mend the gate", assignees=[me]))["ref"]
    one = await window(nora)
    other = Window(one.server, one.context, await one.context.new_page())
    other.allow_no_line()
    one.allow_no_line()
    await one.open_board(team.key)
    await one.mark()
    await expect(badge(one.page)).to_have_text(re.compile("2"))
    await other.go("/inbox")
    await expect(row(other.page, first)).to_contain_text("Ana assigned this to you")
    await expect(row(other.page, team.key)).to_contain_text("Ana added you to")
    await expect(other.page).to_have_title("(2) Inbox · TaskHub")

    # Live, and the newest on top: several about one task are one.
    squeaks = await say(team, first, "It squeaks, @Nora")
    await expect(row(other.page, first)).to_contain_text("Ben mentioned you and 1 more")
    await expect(row(other.page, first).locator(".inbox-excerpt")).to_have_text("It squeaks, @Nora")
    second = (await team.task("Paint it", assignees=[me]))["ref"]
    await expect(other.page.locator(".inbox-row").first).to_contain_text("Paint it")
    await expect(badge(one.page)).to_have_text(re.compile("3"))
    await expect(one.page).to_have_title(re.compile(r"^\(3\) "))

    # By keyboard: to the second row, read it, and the third by its space bar.
    for key in ("j", "j", "e"):
        await other.page.keyboard.press(key)
    await expect(row(other.page, first)).not_to_have_class(re.compile("inbox-unread"))
    await expect(badge(one.page)).to_have_text(re.compile("2"))
    for key in ("ArrowDown", "Space"):
        await other.page.keyboard.press(key)
    await expect(row(other.page, team.key)).not_to_have_class(re.compile("inbox-unread"))
    await expect(badge(one.page)).to_have_text(re.compile("1"))

    # Read is taken back by the same key; what is unread is shown alone, and what is read there makes way for the next.
    await other.page.keyboard.press("e")
    await expect(row(other.page, team.key)).to_have_class(re.compile("inbox-unread"))
    await expect(badge(one.page)).to_have_text(re.compile("2"))
    await other.page.keyboard.press("u")
    await expect(other.page.get_by_role("button", name="Only unread")).to_have_attribute("aria-pressed", "true")
    await expect(other.page.locator(".inbox-row")).to_have_count(2)
    await other.page.keyboard.press("Space")
    await expect(other.page.locator(".inbox-row")).to_have_count(1)
    await expect(row(other.page, second).get_by_role("link")).to_be_focused()
    await expect(badge(one.page)).to_have_text(re.compile("1"))
    await other.page.keyboard.press("u")
    await expect(other.page.locator(".inbox-row")).to_have_count(3)
    # The words of a comment that is deleted go from where they are read.
    await expect(row(other.page, first).locator(".inbox-excerpt")).to_have_count(1)
    assert (await team.member.delete(f"/api/v1/comments/{squeaks}")).status_code == 204
    await expect(row(other.page, first).locator(".inbox-excerpt")).to_have_count(0)

    # Who opens a task reads of it, and hears no more while it is open.
    read = asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        await read.wait()
        await route.fulfill(response=answer)

    await other.page.route("**/comments?*", hold)
    for key in ("Home", "Enter"):
        await other.page.keyboard.press(key)
    await expect(other.panel).to_contain_text("Paint it")
    await expect(badge(one.page)).to_have_count(0)
    # Also what is said between the reading of the comments and their arrival.
    await say(team, second, "Green?")
    await becomes(lambda: unread(nora), 0)
    read.set()
    await expect(other.panel).to_contain_text("Green?")
    await expect(badge(one.page)).to_have_count(0)
    await becomes(lambda: unread(nora), 0)

    # Without a line nothing is heard; what came meanwhile is counted when it is back.
    await one.context.set_offline(True)
    await expect(one.chip).to_have_attribute("data-status", "offline", timeout=BACK)
    await say(team, first, "Once more")
    await one.context.set_offline(False)
    await expect(badge(one.page)).to_have_text(re.compile("1"), timeout=BACK)
    await one.is_same_document()
    await one.page.locator(".rail").get_by_role("link", name=re.compile("Inbox")).click()
    await one.page.get_by_role("button", name="Mark all as read").click()
    await expect(badge(one.page)).to_have_count(0)
    await expect(one.page).to_have_title("Inbox · TaskHub")
    await one.page.get_by_role("button", name="Only unread").click()
    await expect(one.page.get_by_text("You have read everything.")).to_be_visible()
    await one.page.get_by_role("button", name="Show all").click()
    await expect(one.page.locator(".inbox-row")).to_have_count(3)
    await one.is_same_document()


async def test_a_reason_is_muted_by_one_click_and_a_task_watched_by_another(
    window: OpenWindow, team: Team, nora: Client
) -> None:
    page_of = (await team.task("Somebody's own"))["ref"]
    one = await window(nora)
    await one.go(f"/p/{team.key}/t/{page_of.rpartition('-')[2]}")
    bell = one.panel.get_by_role("button", name=re.compile("^Watch"))
    await expect(bell).to_have_attribute("aria-pressed", "false")
    await bell.click()
    await expect(bell).to_have_attribute("aria-pressed", "true")
    await expect(one.said).to_contain_text(f"You hear of comments on {page_of}")
    await one.go("/inbox")
    await expect(row(one.page, team.key)).to_be_visible()
    await say(team, page_of, "For who watches")
    await expect(row(one.page, page_of)).to_contain_text("because you watch it")

    await row(one.page, page_of).hover()
    ends = [await right_of(row(one.page, page_of).locator(part)) for part in (".inbox-when", ".inbox-act >> nth=-1")]
    assert abs(ends[0] - ends[1]) <= 6, "what stands at the right ends at one edge, but for a button's padding"
    await row(one.page, page_of).get_by_role("button", name=f"Mute comments in Project {team.key}").click()
    await expect(one.toast).to_contain_text("You hear no more of comments")
    await say(team, page_of, "Not heard")
    assert (await team.move(page_of, "doing", by="member")).status_code == 200
    await expect(row(one.page, page_of)).to_contain_text("Ben moved it to In progress and 1 more")
    await one.page.get_by_role("button", name="Muted").click()
    muted = one.page.get_by_role("dialog", name="Muted")
    await expect(muted).to_contain_text(f"commentsProject {team.key}")
    await muted.get_by_role("button", name="Unmute comments").click()
    await expect(muted).to_contain_text("Nothing is muted")
    await one.page.keyboard.press("Escape")
    await expect(muted).to_have_count(0)
    await say(team, page_of, "Heard again")
    await expect(row(one.page, page_of)).to_contain_text("Ben commented and 2 more")

    # Everywhere, and taken back from the note that says so.
    await row(one.page, page_of).hover()
    await row(one.page, page_of).get_by_role("button", name="Mute comments everywhere").click()
    await expect(one.toast).to_contain_text("anywhere")
    await one.keep_toast()
    assert len((await nora.get("/api/v1/inbox/mutes")).json()["items"]) == 1
    async with one.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await one.toast.get_by_role("button", name="Undo").click()
    assert (await nora.get("/api/v1/inbox/mutes")).json()["items"] == []


async def test_it_is_for_everybody_and_fits_a_thumb(window: OpenWindow, team: Team, nora: Client) -> None:
    found = []
    one = await window(nora, reduced_motion="reduce")
    await nora.post("/api/v1/inbox/read", json={"up_to": (await nora.get("/api/v1/inbox")).json()["seq"]})
    ref = (await team.task("A gate that nobody has mended for years 大门", assignees=[nora.user["id"]]))["ref"]
    await say(team, ref, "It *still* squeaks. " * 20)
    await team.task("Late", assignees=[nora.user["id"]], due="2020-01-20")
    # Minutes pass in a moment, in which no socket is set up.
    one.allow("closed before the connection is established")
    await one.page.clock.install()
    await one.go("/inbox")
    await expect(row(one.page, ref)).to_contain_text("Ben commented")
    for scheme in ("light", "dark"):
        await one.page.emulate_media(color_scheme=scheme)
        for size in (DESKTOP, PHONE):
            await one.page.set_viewport_size(size)  # type: ignore[arg-type]
            found += await violations(one.page, f"inbox {scheme} {size['width']}")
    assert await one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await expect(one.page.locator(".bottom-bar .badge")).to_be_visible()
    small = await one.page.locator("main button:visible").evaluate_all(
        "all => all.filter(b => { const r = b.getBoundingClientRect(); return r.width < 44 || r.height < 44 })"
        ".map(b => b.ariaLabel)"
    )
    assert small == []
    await row(one.page, ref).get_by_role("button", name=re.compile("^Actions")).click()
    found += await violations(one.page, "inbox menu")
    async with one.page.expect_response(lambda answer: answer.url.endswith("/inbox/read")):
        await one.page.get_by_role("menuitem", name="Mark as read").click()
    await expect(row(one.page, ref)).not_to_have_class(re.compile("inbox-unread"))
    await one.page.get_by_role("button", name="Only unread").click()
    await expect(row(one.page, ref)).to_have_count(0)
    found += await violations(one.page, "only unread")
    await one.page.get_by_role("button", name="Only unread").click()
    for turn in ("unread", "read"):
        await row(one.page, ref).get_by_role("button", name=re.compile("^Actions")).click()
        async with one.page.expect_response(re.compile(f"/inbox/{turn}$")):
            await one.page.get_by_role("menuitem", name=f"Mark as {turn}").click()
        await expect(row(one.page, ref).locator(".inbox-said")).to_have_css("font-weight", WEIGHTS[turn])
    await one.page.get_by_role("button", name="Muted").click()
    await expect(one.page.get_by_text("Nothing is muted")).to_be_visible()
    found += await violations(one.page, "muted")
    assert found == []

    # Nobody looks: the number in the title is kept up all the same, and the rest comes when somebody does again.
    await one.page.keyboard.press("Escape")
    before = await unread(nora)
    await expect(one.page).to_have_title(f"({before}) Inbox · TaskHub")
    await one.page.evaluate(HIDE, True)
    await one.page.clock.run_for(61_000)
    await say(team, ref, "While nobody looked")
    await one.in_time(60_000, one.page.title, f"({before + 1}) Inbox · TaskHub")
    await one.page.evaluate(HIDE, False)
    await expect(row(one.page, ref)).to_contain_text("While nobody looked")
    await expect(one.page).to_have_title(f"({before + 1}) Inbox · TaskHub")
