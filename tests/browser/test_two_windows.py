"""Two people in two windows on an imported board: what one does, the other sees, and neither reloads."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window
from tests.teams import Team


async def both(window: OpenWindow, team: Team) -> tuple[Window, Window]:
    """Ana's window and Ben's, on the team's board."""
    ana, ben = await window(team.owner), await window(team.member)
    for one in (ana, ben):
        await one.open_board(team.key)
        await one.mark()
    return ana, ben


async def test_a_move_by_mouse_is_in_the_other_window(window: OpenWindow, imported: Team) -> None:
    ana, ben = await both(window, imported)
    first, second = [state["id"] for state in (await imported.board())["workflow"]["states"]][:2]
    ref = (await ana.refs(first))[0]

    await ana.drag(ref, second, above=next(iter(await ana.refs(second)), None))
    await ben.ends_in(second, ref)
    await ana.ends_in(second, ref)
    assert (await ana.refs(second))[0] == ref
    await ben.has_refs(second, await ana.refs(second))

    # And back, by the other person.
    await ben.drag(ref, first, above=(await ben.refs(first))[0])
    await ana.ends_in(first, ref)
    await expect(ana.column(first).locator("[data-ref]").first).to_have_attribute("data-ref", ref)
    for one in (ana, ben):
        await one.is_same_document()


async def test_a_title_and_a_comment_are_in_the_other_window(window: OpenWindow, imported: Team) -> None:
    ana, ben = await both(window, imported)
    state = (await imported.board())["workflow"]["states"][0]["id"]
    ref = (await ana.refs(state))[1]
    before = (await imported.owner.get(f"/api/v1/tasks/{ref}")).json()["comment_count"]

    await ana.card(ref).click()
    await ana.field("title").click()
    title = ana.panel.get_by_role("textbox", name="Title")
    await title.fill("Renamed while Ben looks on 改名")
    await title.press("Enter")
    await expect(ben.card(ref)).to_contain_text("Renamed while Ben looks on 改名")

    # Ben opens it: the comment arrives in the open panel, and its count on the card behind.
    await ben.card(ref).click()
    await expect(ben.panel.locator(".comment")).to_have_count(before)
    await ana.comment("Seen **live**")
    newest = ben.panel.locator(".comment").nth(before)
    await expect(newest).to_contain_text("Ana Bell")
    await expect(newest.locator("strong", has_text="live")).to_be_visible()
    await expect(ben.card(ref)).to_contain_text(f"{before + 1} comment")
    for one in (ana, ben):
        await one.is_same_document()


async def test_the_imported_board_is_whole(window: OpenWindow, imported: Team) -> None:
    ana = await window(imported.owner)
    await ana.open_board(imported.key)
    board = await imported.board()
    for state in board["workflow"]["states"]:
        tasks = sorted((t for t in board["tasks"] if t["state"] == state["id"]), key=lambda task: task["position"])
        await ana.has_refs(state["id"], [task["ref"] for task in tasks])
        await expect(ana.column(state["id"]).get_by_role("heading")).to_contain_text(state["name"])
