"""Taking back: from the toast, by Ctrl+Z and Ctrl+Shift+Z; a column archived and brought back."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import becomes
from tests.teams import Team


async def test_undo_and_redo(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(title, state="todo"))["ref"] for title in ("a", "b")]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page, press = ana.page, ana.page.keyboard.press

    await press("Control+z")
    await expect(ana.toast).to_contain_text("Nothing done in this window is left to undo.")
    await ana.drag(refs[0], "doing")
    await expect(ana.toast).to_contain_text(f"{refs[0]} moved to In progress")
    await ana.toast.get_by_role("button", name="Undo").click()
    await ana.told(f"Undone: {refs[0]} moved to In progress")
    await ana.ends_in("todo", refs[0])
    await ana.has_refs("todo", refs)

    await press("Control+Shift+z")
    await ana.ends_in("doing", refs[0])
    await ana.card(refs[1]).focus()
    await press("p")
    await page.locator("[data-choice=urgent]").click()
    await expect(ana.card(refs[1])).to_contain_text("priority Urgent")
    # The newest first.
    await press("Control+z")
    await expect(ana.card(refs[1])).not_to_contain_text("priority Urgent")
    await press("Control+z")
    await ana.ends_in("todo", refs[0])
    await becomes(lambda: team.column("todo"), ["a", "b"])

    # In a field it is the field's own.
    await page.get_by_label("Filter by text").fill("xyz")
    await press("Control+z")
    await page.get_by_label("Filter by text").fill("")
    assert (await team.board())["seq"] == (await team.events())[-1]["seq"]

    # What somebody else changed since is not taken back, and says so.
    await ana.drag(refs[1], "done")
    await ana.ends_in("done", refs[1])
    await expect(page.locator(".card-new")).to_have_count(0)
    assert (await team.move(refs[1], "doing", by="member")).status_code == 200
    await ana.ends_in("doing", refs[1])
    ana.allow("409")
    await press("Control+z")
    await expect(ana.toast).to_contain_text(f"Can’t be undone: {refs[1]} moved to Done.")
    await ana.ends_in("doing", refs[1])


async def test_a_column_is_brought_back_whole_while_it_is_being_archived(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Done {n}", state="done"))["ref"] for n in range(5)]
    ana, ben = await window(team.owner), await window(team.member)
    for each in (ana, ben):
        await each.open_board(team.key)
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await ana.page.route(f"**/api/v1/tasks/{refs[3]}/archive", hold)
    await ana.column("done").get_by_role("button", name="Done: more").click()
    await ana.page.get_by_role("menuitem", name="Archive all 5 tasks").click()
    # Three are archived, one is on its way, one was not sent.
    await ben.has_refs("done", refs[3:])
    await ana.keep_toast()
    await ana.toast.get_by_role("button", name="Undo").click()
    await ana.has_refs("done", refs[4:])
    go_on.set()
    for each in (ana, ben):
        await each.has_refs("done", refs)
    kinds = [event["type"] for event in await team.events()]
    assert (kinds.count("task.archived"), kinds.count("task.restored")) == (4, 4)


async def test_a_column_is_archived_and_brought_back(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Done {n}", state="done"))["ref"] for n in range(8)]
    ana, ben = await window(team.owner), await window(team.member)
    for each in (ana, ben):
        await each.open_board(team.key)
    page = ana.page
    await ana.column("done").get_by_role("button", name="Done: more").click()
    await page.get_by_role("menuitem", name="Archive all 8 tasks").click()
    await expect(ana.toast).to_contain_text("8 tasks of Done archived")
    await ana.keep_toast()
    for each in (ana, ben):
        await expect(each.column("done").locator("[data-ref]")).to_have_count(0)
    # In the order of the column, one after the other.
    log = [event["task"]["ref"] for event in await team.events() if event["type"] == "task.archived"]
    assert log == refs

    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(ben.column("done").locator("[data-ref]")).to_have_count(8)
    await ben.has_refs("done", refs)
    await page.keyboard.press("Control+Shift+z")
    await expect(ben.column("done").locator("[data-ref]")).to_have_count(0)

    await ana.column("done").get_by_role("button", name="Done: more").click()
    await page.get_by_role("menuitem", name="Archived tasks").click()
    archived = page.get_by_role("dialog", name="Archived tasks")
    await expect(archived.locator("[data-archived]")).to_have_count(8)
    assert await violations(page, "over the board") == []
    await archived.get_by_role("button", name=f"Restore {refs[3]}").click()
    await expect(archived.locator("[data-archived]")).to_have_count(7)
    # What somebody else brings back leaves the list as well.
    assert (await team.member.post(f"/api/v1/tasks/{refs[0]}/restore")).status_code == 200
    await expect(archived.locator("[data-archived]")).to_have_count(6)
    await page.keyboard.press("Escape")
    await ana.ends_in("done", refs[3])
    await ana.has_refs("done", [refs[0], refs[3]])
