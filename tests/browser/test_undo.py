"""Taking back: from the toast, by Ctrl+Z and Ctrl+Shift+Z; a column archived and brought back."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_offline import back, close_panel, go_offline
from tests.browser.windows import PATIENCE, becomes, is_now
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
    await is_now(team, refs[0], state="doing")
    await ana.card(refs[1]).focus()
    await press("p")
    await page.locator("[data-choice=urgent]").click()
    await expect(ana.card(refs[1])).to_contain_text("priority Urgent")
    await is_now(team, refs[1], priority="urgent")
    # The newest first.
    await press("Control+z")
    await expect(ana.card(refs[1])).not_to_contain_text("priority Urgent")
    await press("Control+z")
    await ana.ends_in("todo", refs[0])
    await is_now(team, refs[1], priority="none")
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
    await is_now(team, refs[1], state="done")
    assert (await team.move(refs[1], "doing", by="member")).status_code == 200
    await ana.ends_in("doing", refs[1])
    ana.allow("409")
    await press("Control+z")
    await expect(ana.toast).to_contain_text(f"Can’t be undone: {refs[1]} moved to Done.")
    await ana.ends_in("doing", refs[1])


async def test_what_is_done_while_a_redo_is_on_its_way_is_undone_before_it(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(title, state="todo"))["ref"] for title in ("a", "b")]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    press = ana.page.keyboard.press
    await ana.drag(refs[0], "doing")
    await is_now(team, refs[0], state="doing")
    await press("Control+z")
    await ana.told(f"Undone: {refs[0]} moved to In progress")
    await is_now(team, refs[0], state="todo")
    go_on = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await go_on.wait()
        await route.fulfill(response=answer)

    await ana.page.route("**/undo", late, times=1)
    await press("Control+Shift+z")
    await is_now(team, refs[0], state="doing")
    await ana.ends_in("doing", refs[0])
    await ana.card(refs[1]).focus()
    await press("p")
    await ana.page.locator("[data-choice=urgent]").click()
    await expect(ana.card(refs[1])).to_contain_text("priority Urgent")
    await press("Control+z")
    go_on.set()
    await expect(ana.card(refs[1])).not_to_contain_text("priority Urgent")
    await ana.told(f"Undone: {refs[1]}")
    await is_now(team, refs[1], priority="none")
    await is_now(team, refs[0], state="doing")
    await press("Control+z")
    await ana.ends_in("todo", refs[0])
    await is_now(team, refs[0], state="todo")


async def test_an_undo_that_waits_can_be_left_and_done_again(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("a", state="todo"))["ref"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    press = ana.page.keyboard.press
    await ana.drag(ref, "doing")
    await is_now(team, ref, state="doing")

    async def log() -> list[str]:
        return [event["task"]["state"] for event in await team.events() if event["type"] == "task.moved"]

    # It was tried, so that nobody knows whether it arrived: once it has happened it is done again.
    await go_offline(ana)
    await press("Control+z")
    await ana.told("Will be undone as soon as it can be sent")
    await press("Control+Shift+z")
    await ana.told("Will be done again as soon as it can be sent")
    await back(ana)
    await becomes(log, ["doing", "todo", "doing"])
    await ana.ends_in("doing", ref)

    # What was not tried yet is left out.
    await go_offline(ana)
    await ana.card(ref).click()
    await ana.comment("First in the queue")
    await close_panel(ana)
    await press("Control+z")
    await expect(ana.chip).to_contain_text("2 changes wait")
    await press("Control+Shift+z")
    await expect(ana.chip).to_contain_text("1 change waits")
    await press("Control+z")
    await expect(ana.chip).to_contain_text("2 changes wait")
    await back(ana)
    await becomes(log, ["doing", "todo", "doing", "todo"])
    await ana.ends_in("todo", ref)
    await press("Control+Shift+z")
    await becomes(log, ["doing", "todo", "doing", "todo", "doing"])
    await ana.ends_in("doing", ref)


async def test_what_was_not_sent_is_undone_and_done_again_without_a_line(window: OpenWindow, team: Team) -> None:
    first, second = [(await team.task(title, state="todo"))["ref"] for title in ("a", "b")]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    press = ana.page.keyboard.press
    await go_offline(ana)
    await ana.drag(first, "doing")
    await expect(ana.chip).to_contain_text("1 change waits")
    await ana.drag(second, "done")
    await expect(ana.chip).to_contain_text("2 changes wait")
    await press("Control+z")
    await ana.told(f"Undone: {second} moved to Done")
    await ana.ends_in("todo", second)
    await expect(ana.chip).to_contain_text("1 change waits")
    await press("Control+Shift+z")
    await ana.told(f"Done again: {second} moved to Done")
    await ana.ends_in("done", second)
    await expect(ana.chip).to_contain_text("2 changes wait")
    await back(ana)
    await is_now(team, first, state="doing")
    await is_now(team, second, state="done")
    await press("Control+z")
    await ana.ends_in("todo", second)
    await is_now(team, second, state="todo")


async def test_a_column_is_brought_back_whole_while_it_is_being_archived(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Done {n}", state="done"))["ref"] for n in range(5)]
    ana, ben = await window(team.owner), await window(team.member)
    for each in (ana, ben):
        await each.open_board(team.key)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await ana.page.route(f"**/api/v1/tasks/{refs[3]}/archive", hold)
    await ana.column("done").get_by_role("button", name="Done: more").click()
    await ana.page.get_by_role("menuitem", name="Archive all 5 tasks").click()
    # Three are archived, one is on its way, one was not sent.
    await asyncio.wait_for(asked.wait(), PATIENCE / 1000)
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
