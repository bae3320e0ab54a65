"""A task's history and comments in one stream: undone from its lines, read back page by page, edited and deleted."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_edits_that_meet import press
from tests.browser.windows import PHONE, Window, box_of
from tests.teams import Team


def line(one: Window, words: str) -> Locator:
    """A line of the history."""
    return one.panel.locator(".line", has_text=words)


async def test_history_and_undo(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Told"))["ref"]
    for number in range(40):
        edited = await team.member.patch(f"/api/v1/tasks/{ref}", json={"title": f"Title {number}"})
        assert edited.status_code == 200
    text = "- [ ] one\n- [ ] two"
    await team.member.patch(f"/api/v1/tasks/{ref}", json={"description": text, "priority": "high"})
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_task(ref)
    await ben.open_task(ref)
    await expect(line(ana, "wrote the description and set the priority to High")).to_be_visible()
    await expect(line(ana, "made this task")).to_have_count(0)
    await press(ana, "Show older").click()
    await expect(line(ana, "Ana Bell made this task")).to_have_count(1)
    await expect(line(ana, "renamed this from")).to_have_count(40)
    await expect(press(ana, "Show older")).to_have_count(0)
    # Only the last title can be undone: the others were changed again since.
    await expect(line(ana, "renamed this from").get_by_role("button")).to_have_count(1)

    # A box is ticked by key, and keeps the focus although the text is drawn anew; what others write beside it stays.
    one = ana.panel.get_by_role("checkbox", name="one")
    await one.focus()
    await ana.page.keyboard.press("Space")
    await expect(line(ben, "Ana Bell ticked “one”")).to_be_visible()
    await expect(ben.panel.get_by_role("checkbox", name="one")).to_be_checked()
    await expect(one).to_be_focused()
    await ben.panel.get_by_role("checkbox", name="two").check()
    await expect(ana.panel.get_by_role("checkbox", name="two")).to_be_checked()
    assert (await team.now(ref))["description"] == "- [x] one\n- [x] two"

    await ana.choose("state", "doing")
    moved = line(ben, "Ana Bell moved this from")
    await moved.hover()
    await moved.get_by_role("button").click()
    await expect(ben.toast).to_contain_text("Undone")
    await ben.keep_toast()
    await expect(ana.field("state")).to_contain_text("To do")
    await ben.toast.get_by_role("button", name="Redo").click()
    await ben.told("Done again")
    await expect(ana.field("state")).to_contain_text("In progress")

    # What became of it meanwhile is said.
    renamed = line(ana, "renamed this from “Title 38” to “Title 39”")
    await ana.page.route(
        re.compile("/undo$"),
        lambda route: route.fulfill(
            status=409,
            content_type="application/problem+json",
            body='{"code": "undo_conflict", "detail": "It was changed again since: title.", "status": 409}',
        ),
    )
    ana.allow("status of 409")
    await renamed.hover()
    await renamed.get_by_role("button").click()
    await expect(ana.toast).to_contain_text("It was changed again since: title.")


async def test_comments_are_edited_and_deleted(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Talked about"))["ref"]
    for client, body in ((team.owner, "Ana's words"), (team.member, "Ben's words")):
        said = await client.post(f"/api/v1/tasks/{ref}/comments", json={"body": body})
        assert said.status_code == 201
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_task(ref)
    await ben.open_task(ref)
    mine, theirs = (ben.panel.locator(".comment", has_text=text) for text in ("Ben's", "Ana's"))
    await expect(mine).to_be_visible()
    # A member has nothing to do with the owner's comment, an owner may delete a member's but not change it.
    await expect(theirs.get_by_role("button")).to_have_count(0)
    on_anas = ana.panel.locator(".comment", has_text="Ben's")
    await on_anas.hover()
    await on_anas.get_by_role("button").click()
    await expect(ana.page.get_by_role("menuitem")).to_have_text(["Delete comment"])
    await ana.page.keyboard.press("Escape")

    await mine.hover()
    await mine.get_by_role("button").click()
    await ben.page.get_by_role("menuitem", name="Edit comment").click()
    box = ben.panel.get_by_role("textbox", name="Edit comment")
    await expect(box).to_have_value("Ben's words")
    await box.fill("Ben's **better** words")
    await box.press("Control+Enter")
    seen = ana.panel.locator(".comment", has_text="better")
    await expect(seen.locator("strong", has_text="better")).to_be_visible()
    await expect(seen).to_contain_text("edited")

    await seen.hover()
    await seen.get_by_role("button").click()
    await ana.page.get_by_role("menuitem", name="Delete comment").click()
    await expect(ana.toast).to_contain_text("Comment deleted")
    await ana.keep_toast()
    await expect(ben.panel.locator(".comment", has_text="better")).to_have_count(0)
    await expect(line(ben, "deleted a comment by Ben Okafor")).to_be_visible()
    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(ben.panel.locator(".comment", has_text="better")).to_be_visible()


async def test_archive_delete_and_back(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Comes and goes"))["ref"]
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_task(ref)
    await ben.open_task(ref)
    more = ana.panel.get_by_role("button", name="More", exact=True)
    await more.click()
    await ana.page.get_by_role("menuitem", name="Archive").click()
    await expect(ana.card(ref)).to_have_count(0)
    await expect(ben.panel.get_by_text("This task is archived")).to_be_visible()
    await expect(ben.panel.get_by_role("textbox")).to_have_count(0)
    await press(ben, "Restore").click()
    await expect(ana.card(ref)).to_have_count(1)
    await expect(ana.panel.get_by_text("This task is archived")).to_have_count(0)

    # Ben writes when it goes: what he wrote is still there.
    await ben.panel.get_by_role("textbox", name="Write a comment").fill("Wait for")
    # He did not make it: he is not offered what he may not do.
    await ben.panel.get_by_role("button", name="More", exact=True).click()
    await expect(ben.page.get_by_role("menuitem", name="Delete task")).to_have_count(0)
    await ben.page.keyboard.press("Escape")
    await more.click()
    await ana.page.get_by_role("menuitem", name="Delete task").click()
    await expect(ana.toast).to_contain_text(f"{ref} deleted")
    await ana.keep_toast()
    await expect(ana.panel).to_have_count(0)
    await expect(ana.card(ref)).to_have_count(0)
    gone = ben.panel.get_by_role("alert")
    await expect(gone).to_contain_text(f"Ana deleted {ref}.")
    await expect(gone).to_contain_text("Wait for")
    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(ana.card(ref)).to_be_visible()
    await expect(ben.panel.get_by_role("textbox", name="Write a comment")).to_have_value("Wait for")


async def test_a_page_of_its_own_on_the_phone(window: OpenWindow, team: Team) -> None:
    task = await team.task("On the way", description="- [ ] one\n- [ ] two")
    said = await team.member.post(f"/api/v1/tasks/{task['ref']}/comments", json={"body": "Hm"})
    assert said.status_code == 201
    ana = await window(team.owner, viewport=PHONE, has_touch=True, is_mobile=True)
    await ana.go(f"/p/{team.key}")
    await ana.card(task["ref"]).tap()
    await ana.panel.evaluate("panel => Promise.all(panel.getAnimations().map(one => one.finished))")
    box = await box_of(ana.panel)
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    await expect(ana.panel.locator(".line, .comment")).to_have_count(2)
    small = await ana.panel.evaluate(
        """panel => [...panel.querySelectorAll("button, textarea, a[href]:not(.prose a)")]
          .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
          .map(one => `${one.className} ${one.textContent} ${one.getBoundingClientRect().height}`)"""
    )
    assert small == []
    wide = await ana.page.evaluate("document.documentElement.scrollWidth")
    assert wide == PHONE["width"]
    await ana.page.go_back()
    await expect(ana.panel).to_have_count(0)
    await expect(ana.card(task["ref"])).to_be_visible()
