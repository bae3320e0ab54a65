"""What waited without a line and met what somebody else did meanwhile; and all that waits beside tasks."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_edits_that_meet import description, edit_description, press
from tests.browser.test_offline import back, close_panel, go_offline
from tests.browser.windows import BACK, Window, is_now
from tests.teams import Team


def line_of(one: Window, kind: str) -> Locator:
    """The last line of the open task's history that is of this type."""
    return one.panel.locator(f'.line[data-type="{kind}"]').last


async def say(team: Team, ref: str, body: str) -> str:
    """A comment of Ana's."""
    answer = await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": body})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def comments(team: Team, ref: str) -> list[str]:
    answer = await team.owner.get(f"/api/v1/tasks/{ref}/comments")
    return [one["body"] for one in answer.json()["items"]]


async def change(team: Team, ref: str, **fields: Any) -> None:
    """Ben's."""
    answer = await team.member.patch(f"/api/v1/tasks/{ref}", json=fields)
    assert answer.status_code == 200, answer.text


async def test_edits_that_waited_are_put_together_with_what_others_wrote(window: OpenWindow, team: Team) -> None:
    text = "One line.\n\nAnother line.\n\n- [ ] milk\n- [ ] tea\n"
    ref = (await team.task("Both of us", description=text, assignees=[team.member.user["id"]]))["ref"]
    other = (await team.task("The other"))["ref"]
    ticked = (await team.task("Ticked", description=text))["ref"]
    said = await say(team, ref, "Said by Ana")
    ana = await window(team.owner)
    ana.allow("409")
    await ana.open_task(ref)
    await expect(ana.panel.locator(f'[data-comment="{said}"]')).to_be_visible()
    await go_offline(ana)
    await edit_description(ana, text.replace("One line", "One line of mine"))
    await press(ana, "Save").click()
    await expect(ana.panel.locator(".description .prose")).to_contain_text("of mine")
    await ana.choose("assignees", team.owner.user["id"])
    await ana.choose("priority", "high")
    comment = ana.panel.locator(f'[data-comment="{said}"]')
    await comment.get_by_role("button", name="What to do with").click()
    await ana.page.get_by_role("menuitem", name="Edit comment").click()
    await comment.get_by_role("textbox").fill("Said better by Ana")
    await comment.get_by_role("button", name="Save").click()
    await expect(comment.locator("[data-waits]")).to_contain_text("waits to be sent")
    await expect(comment.locator(".prose")).to_have_text("Said better by Ana")
    await close_panel(ana)
    await ana.card(ticked).click()
    await ana.panel.get_by_role("checkbox", name="tea").click()
    await expect(ana.panel.get_by_role("checkbox", name="tea")).to_be_checked()
    await close_panel(ana)
    await ana.card(other).click()
    await ana.field("title").click()
    title = ana.panel.get_by_role("textbox", name="Title")
    await title.fill("Another title by Ana")
    await title.press("Enter")
    await close_panel(ana)
    await ana.card(ref).click()

    theirs = text.replace("Another line", "Another line of his")
    await change(team, ref, description=theirs, priority="low", assignees=[])
    await change(team, ticked, description="Buy:\n" + text)
    await change(team, other, title="The other title by Ben")
    elsewhere = await team.owner.patch(f"/api/v1/comments/{said}", json={"body": "Said otherwise by Ana"})
    assert elsewhere.status_code == 200, elsewhere.text
    await ana.context.set_offline(False)
    faster = ana.page.locator(".toast", has_text=f"Somebody else changed the same of {ref} meanwhile.")
    await faster.get_by_role("button", name="Set mine all the same").click(timeout=BACK)
    await ana.is_live(BACK)

    # The task that is open asks by itself; what nobody else changed, and who is assigned, needs no question.
    await expect(ana.panel.get_by_text("Ben changed this while your change waited to be sent.")).to_be_visible()
    await expect(description(ana)).to_have_value(text.replace("One line", "One line of mine"))
    await expect(comment.get_by_text("You changed this in another window")).to_be_visible()
    await expect(comment.get_by_role("textbox")).to_have_value("Said better by Ana")
    await press(ana, "Compare and merge").first.click()
    merged = ana.panel.get_by_role("textbox", name="Description, merged")
    both = theirs.replace("One line", "One line of mine")
    await expect(merged).to_have_value(both)
    await press(ana, "Save merged").click()
    await expect(ana.panel.locator(".description .prose")).to_contain_text("of his")
    await comment.get_by_role("button", name="Keep mine").click()
    await expect(comment.locator(".prose")).to_have_text("Said better by Ana")
    await close_panel(ana)

    # What is not open is in the list, and is put together where it was written.
    told = ana.page.locator("[data-refusals]").first
    await expect(told).to_contain_text("1 change of yours was refused.")
    await told.get_by_role("button", name="Show").click()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Compare").click()
    merged = ana.panel.get_by_role("textbox", name="Title, merged")
    await expect(merged).to_be_focused()
    await merged.fill("The other title by both")
    await press(ana, "Save merged").click()
    await expect(ana.field("title")).to_have_text("The other title by both")
    await expect(ana.page.locator("[data-refusals]")).to_have_count(0)
    await expect(ana.chip).to_have_text("Live")
    await is_now(team, ref, description=both, priority="high", assignees=[team.owner.user["id"]])
    assert await comments(team, ref) == ["Said better by Ana"]
    await is_now(team, other, title="The other title by both")
    await is_now(team, ticked, description="Buy:\n" + text.replace("[ ] tea", "[x] tea"))


async def test_comments_what_was_archived_an_undo_and_a_tick_wait_too(window: OpenWindow, team: Team) -> None:
    mine = (await team.task("Mine", state="todo", assignees=[team.owner.user["id"]]))["ref"]
    away = (await team.task("Away"))["ref"]
    assert (await team.owner.post(f"/api/v1/tasks/{away}/archive")).status_code == 200
    ref = (await team.task("As it was"))["ref"]
    for fields in ({"title": "As Ana has it"}, {"priority": "high"}):
        assert (await team.owner.patch(f"/api/v1/tasks/{ref}", json=fields)).status_code == 200
    gone = await say(team, ref, "Said too soon")
    ana = await window(team.owner)
    ana.allow("409")
    await ana.go("/mine")
    await expect(ana.page.locator(f'[data-ref="{mine}"]')).to_be_visible()
    await ana.page.locator(".rail").get_by_text(f"Project {team.key}").click()
    await ana.page.get_by_role("button", name="Done: more").click()
    await ana.page.get_by_role("menuitem", name="Archived tasks").click()
    archived = ana.page.get_by_role("dialog", name="Archived tasks")
    await expect(archived.locator(f'[data-archived="{away}"]')).to_be_visible()
    await go_offline(ana)

    await archived.get_by_role("button", name=f"Restore {away}").click()
    await archived.get_by_role("button", name="Close").click()
    await expect(ana.card(away).locator("[data-waits]")).to_have_text("Brought back by you, waits to be sent")
    # In my work, which was seen before.
    await ana.page.locator('.rail a[href="/mine"]').click()
    row = ana.page.locator(f'.mine-row[data-ref="{mine}"]')
    await row.get_by_role("button", name=mine).click()
    await expect(row).to_contain_text("waits to be sent")
    await expect(ana.chip).to_contain_text("2 changes wait")
    # Settings do not wait: they say so, and what was typed is there when there is a line again.
    await ana.page.locator(".rail").get_by_text(f"Project {team.key}").click()
    await ana.page.get_by_role("navigation", name="Views").get_by_text("Settings").click()
    name = ana.page.get_by_role("textbox", name="Name")
    await expect(ana.page.locator(".settings-offline")).to_contain_text("saving needs the connection")
    await name.fill("Typed without a line")
    await ana.page.get_by_role("button", name="Save").click()
    await expect(ana.page.get_by_role("alert")).to_contain_text("can't be reached")
    await back(ana)
    await expect(ana.page.locator(".settings-offline")).to_have_count(0)
    await expect(name).to_have_value("Typed without a line")
    await ana.page.get_by_role("button", name="Save").click()
    await expect(ana.page.get_by_role("heading", level=1)).to_have_text("Typed without a line")
    await expect(ana.chip).to_have_text("Live")
    await is_now(team, away, archived=False)
    await is_now(team, mine, state="done")

    # A task that is open: what is known of it is there.
    await ana.page.get_by_role("link", name="Board", exact=True).click()
    await expect(ana.card(away).locator("[data-waits]")).to_have_count(0)
    await ana.card(ref).click()
    comment = ana.panel.locator(f'[data-comment="{gone}"]')
    await expect(comment).to_be_visible()
    await go_offline(ana)
    await comment.get_by_role("button", name="What to do with").click()
    await ana.page.get_by_role("menuitem", name="Delete comment").click()
    await expect(comment).to_have_count(0)
    lines = ana.panel.locator('.line[data-type="task.edited"]')
    for line in (lines.nth(0), lines.nth(1)):
        await line.get_by_role("button", name="Undo").click()
        await expect(line.locator("[data-waits]")).to_have_text("Your undo waits to be sent")
    await expect(ana.chip).to_contain_text("3 changes wait")
    await change(team, ref, title="As Ben has it")
    await back(ana)
    told = ana.page.locator("[data-refusals]").first
    await expect(told).to_contain_text("1 change of yours was refused.")
    await expect(ana.chip).to_have_text("Live")
    assert await comments(team, ref) == []
    after = await team.now(ref)
    assert (after["title"], after["priority"]) == ("As Ben has it", "none")
    await close_panel(ana)
    await told.get_by_role("button", name="Show").click()
    refused = ana.page.locator('[data-refused="undo"]')
    await expect(refused).to_contain_text(f"Undo on {ref}: Ana Bell renamed this from “As it was” to “As Ana has it”")
    await expect(refused).to_contain_text("changed")
    # To try again is of no use: what is offered is to look. The open task lies over the banner, and says it.
    await expect(refused.get_by_role("button")).to_have_text(["Discard", f"Open {ref}"])
    await refused.get_by_role("button", name=f"Open {ref}").click()
    await expect(ana.field("title")).to_have_text("As Ben has it")
    here = ana.panel.get_by_role("button", name="1 change refused")
    await expect(here).to_be_in_viewport()
    await ana.page.set_viewport_size({"width": 390, "height": 844})
    await expect(here).to_be_in_viewport()
    assert await violations(ana.page, "an open task, and a change that was refused") == []
    await here.click()
    await refused.get_by_role("button", name="Discard").click()
    await expect(refused).to_have_count(0)
    await expect(here).to_have_count(0)
    await expect(told).to_have_count(0)
