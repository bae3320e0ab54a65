"""What others do is seen, in their name and colour, and disturbs nobody."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window, box_of
from tests.teams import Team


async def test_a_change_wears_its_makers_name_and_colour(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Watched", state="todo", assignees=[team.member.user["id"]]))["ref"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    assert (await team.move(ref, "doing", by="member")).status_code == 200
    card, tag = ana.in_column("doing", ref), ana.card(ref).locator(".card-tag")
    await wears(ana, ref, "Ben moved this")
    # Then it is a card like any other.
    await expect(tag).to_have_count(0)
    colour = await card.locator(".avatar").evaluate("mark => getComputedStyle(mark).backgroundColor")
    await expect(card).not_to_have_css("border-top-color", colour)
    # Her inbox, that tells her too, may be said in the same breath.
    await expect(ana.page.locator('[data-live="others"]')).to_contain_text(f"Ben moved {ref} to In progress")

    edited = await team.member.patch(f"/api/v1/tasks/{ref}", json={"title": "Watched closely"})
    assert edited.status_code == 200
    await wears(ana, ref, "Ben edited this")
    said = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Look"})
    assert said.status_code == 201
    await wears(ana, ref, "Ben commented")


async def wears(window: Window, ref: str, words: str) -> None:
    """Wait until the card has the words, and they and its edge the colour of its assignee; all in one frame, as they
    stay for two seconds and a busy machine may take longer for one question after the other."""
    await window.page.wait_for_function(
        """([ref, words]) => {
            const card = document.querySelector(`.board [data-ref="${ref}"]`);
            const tag = card?.querySelector(".card-tag"), mark = card?.querySelector(".avatar");
            if (tag?.textContent !== words || !mark) return false;
            const colour = getComputedStyle(mark).backgroundColor;
            return getComputedStyle(tag).backgroundColor === colour && getComputedStyle(card).borderTopColor === colour;
        }""",
        arg=[ref, words],
    )


async def test_my_own_change_wears_nothing(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Mine", state="todo"))["ref"]
    one, two = await window(team.owner), await window(team.owner)
    for each in (one, two):
        await each.open_board(team.key)
    await one.drag(ref, "done")
    await two.ends_in("done", ref)
    for each in (one, two):
        await expect(each.page.locator(".card-tag")).to_have_count(0)


async def test_focus_and_scroll_stay(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}, with a title that takes two lines", state="todo"))["ref"] for n in range(24)]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    seen = ana.card(refs[12])
    await ana.column("todo").locator("[data-list]").evaluate("list => { list.scrollTop = 900 }")
    await seen.focus()
    await expect(seen).to_be_in_viewport()
    before = await box_of(seen)

    # Above what she sees: one comes, one goes, one grows.
    await team.move(refs[20], "todo", by="member", before=refs[0])
    await team.move(refs[1], "done", by="member")
    await team.member.patch(f"/api/v1/tasks/{refs[2]}", json={"priority": "high", "due": "2099-01-01"})
    await expect(ana.card(refs[2]).locator(".fact")).to_be_attached()
    await ana.ends_in("done", refs[1])
    after = await box_of(seen)
    assert abs(after["y"] - before["y"]) < 1, "the column moved under the reader's eyes"
    await expect(seen).to_be_focused()

    # The very card she is on is moved by somebody else: the focus goes with it.
    await team.move(refs[12], "doing", by="member")
    await ana.ends_in("doing", refs[12])
    await expect(ana.card(refs[12])).to_be_focused()


async def test_typing_is_not_disturbed(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(3)]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.column("todo").get_by_role("button", name="Add a task to To do").click()
    box = ana.page.get_by_role("textbox", name="Title of the new task")
    await box.press_sequentially("Half a")
    await team.move(refs[0], "done", by="member")
    await ana.ends_in("done", refs[0])
    await expect(box).to_be_focused()
    await box.press_sequentially(" thought")
    await expect(box).to_have_value("Half a thought")
    await box.press("Enter")
    await expect(ana.column("todo").locator(".card-title").last).to_have_text("Half a thought")
    # And on to the next one.
    await expect(box).to_be_focused()
    await expect(box).to_have_value("")
