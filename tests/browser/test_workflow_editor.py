"""The workflow editor: what an owner draws is everybody's board, and nobody's work is lost on the way."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_keyboard import tab_to
from tests.browser.test_phone import finger
from tests.browser.test_settings import dialog, open_settings, second_owner, tab
from tests.browser.windows import PHONE, Window, becomes, box_of, centre
from tests.teams import Team

#: Where a box begins along a line, and how far it goes.
SIDES = (("x", "width"), ("y", "height"))


async def open_editor(one: Window, key: str) -> None:
    """Load the workflow editor."""
    await open_settings(one, key, "workflow")
    await expect(one.page.locator(".drawing > svg")).to_be_visible()


def row(one: Window, state: str) -> Locator:
    """The row of a state, by its id."""
    return one.page.locator(f'[data-row="{state}"]')


def cell(one: Window, source: str, target: str) -> Locator:
    """The box of a move, by the names of its states."""
    return one.page.get_by_role("checkbox", name=re.compile(f"^From {source} to {target}"))


async def columns(one: Window) -> list[str]:
    """The ids of the board's columns, from left to right."""
    found: list[str] = await one.page.locator(".board [data-state]").evaluate_all(
        "all => all.map(c => c.dataset.state)"
    )
    return found


async def rows(one: Window) -> list[str]:
    """The ids of the states in the editor, from top to bottom."""
    found: list[str] = await one.page.locator("[data-row]").evaluate_all("all => all.map(r => r.dataset.row)")
    return found


async def save(one: Window) -> None:
    """Save, and wait until it is; the toast that says so stays."""
    await one.page.get_by_role("button", name="Save workflow").click()
    await expect(one.toast).to_contain_text("Workflow saved")
    await one.keep_toast()
    await expect(one.page.locator(".save-bar")).to_have_count(0)


async def workflow(team: Team) -> dict[str, Any]:
    """The workflow as the server has it."""
    found: dict[str, Any] = (await team.board())["workflow"]
    return found


async def test_the_board_follows_what_the_owner_draws(window: OpenWindow, team: Team) -> None:
    await team.task("A task", state="doing")
    ana, ben = await window(team.owner), await window(team.member)
    await open_editor(ana, team.key)
    await ben.open_board(team.key)
    await ben.mark()

    await row(ana, "doing").get_by_role("textbox", name="Name of state 3").fill("Building")
    await row(ana, "doing").get_by_role("textbox", name="Most tasks in Building at a time").fill("2")
    await ana.page.get_by_role("button", name="Add a state").click()
    fresh = ana.page.get_by_role("textbox", name="Name of state 5")
    await expect(fresh).to_be_focused()
    # Without a name it can't be saved, and says so; the picture has it already.
    await expect(ana.page.get_by_role("button", name="Save workflow")).to_be_disabled()
    await expect(ana.page.locator(".save-bar")).to_contain_text("Give the state a name.")
    await fresh.fill("Code review")
    await expect(ana.page.locator(".node")).to_have_count(5)
    await expect(ana.page.locator(".node").last).to_contain_text("Code review")

    # By mouse before Done; only when it is let go the list changes.
    x, y = await centre(row(ana, "+1").locator(".handle"))
    to = await box_of(row(ana, "done"))
    await ana.page.mouse.move(x, y)
    await ana.page.mouse.down()
    await ana.page.mouse.move(x, to["y"] + to["height"] / 2, steps=6)
    await expect(row(ana, "+1")).to_have_class(re.compile("state-held"))
    await ana.page.mouse.up()
    await becomes(lambda: rows(ana), ["backlog", "todo", "doing", "+1", "done"])

    # Moves, along the board to begin with; one more, and one with conditions.
    await ana.page.get_by_role("switch", name="A task may go from any state to any other").uncheck()
    await expect(cell(ana, "Backlog", "To do")).to_be_checked()
    await expect(cell(ana, "Backlog", "Done")).not_to_be_checked()
    arrows = await ana.page.locator(".arrow").count()
    await cell(ana, "Backlog", "Done").check()
    await expect(ana.page.locator(".arrow")).to_have_count(arrows + 1)
    await cell(ana, "Building", "Code review").hover()
    await ana.page.get_by_role("button", name="Conditions from Building to Code review").click()
    asked = ana.page.get_by_role("dialog", name="Conditions from Building to Code review")
    # The cell that it is about can be seen beside it.
    over, about = await box_of(asked), await box_of(cell(ana, "Building", "Code review"))
    apart = [over[side] + over[size] <= about[side] or about[side] + about[size] <= over[side] for side, size in SIDES]
    assert any(apart), (over, about)
    await asked.get_by_role("radio", name="Only owners").check()
    await asked.get_by_role("checkbox", name="A due date").check()
    await asked.get_by_role("button", name="Close").click()
    await expect(ana.page.locator(".arrow-if")).to_have_count(1)
    await expect(ana.page.locator('[data-verdict="fine"]')).to_be_visible()

    # A dead end is named, as long as it is one.
    for name in ("Building", "Done"):
        await cell(ana, "Code review", name).uncheck()
    await expect(ana.page.locator('[data-verdict="traps"]')).to_contain_text("“Code review” is a dead end")
    await cell(ana, "Code review", "Done").check()
    await expect(ana.page.locator('[data-verdict="fine"]')).to_be_visible()
    await save(ana)

    await expect(ben.column("code-review").get_by_role("heading")).to_contain_text("Code review")
    await becomes(lambda: columns(ben), ["backlog", "todo", "doing", "code-review", "done"])
    await expect(ben.column("doing").get_by_role("heading")).to_contain_text("Building")
    await ben.is_same_document()
    now = await workflow(team)
    assert now["states"][2] == {"id": "doing", "name": "Building", "category": "doing", "wip_limit": 2}
    steps = {(step["from"], step["to"]): step for step in now["transitions"]}
    assert steps["doing", "code-review"] == {
        "from": "doing",
        "to": "code-review",
        "roles": ["owner"],
        "requires": ["due"],
    }
    assert ("code-review", "doing") not in steps

    # And back, by the toast.
    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(ben.column("code-review")).to_have_count(0)
    assert (await workflow(team))["transitions"] is None
    await expect(row(ana, "doing").get_by_role("textbox", name="Name of state 3")).to_have_value("In progress")


async def test_tasks_of_a_dropped_state_go_along_at_once(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    refs = []
    for title in ("One", "Two", "Three"):
        ref = (await team.task(title, state="todo"))["ref"]
        for state in ("doing", "review"):
            assert (await team.move(ref, state)).status_code == 200
        refs.append(ref)
    assert (await team.owner.post(f"/api/v1/tasks/{refs[0]}/archive")).status_code == 200
    await team.task("In progress", state="todo")

    ana = await window(team.owner)
    await open_editor(ana, team.key)
    await row(ana, "review").get_by_role("button", name="Remove Review").click()
    await expect(ana.page.locator(".save-list")).to_have_text("Review removed")
    await row(ana, "backlog").get_by_role("textbox", name="Most tasks in Backlog at a time").fill("1")
    await ana.page.get_by_role("button", name="Save workflow").click()
    await expect(dialog(ana)).to_contain_text("Review: 2 tasks, 1 archived")
    where = dialog(ana).get_by_role("combobox", name="Move the tasks of Review to")
    # What has no room for them is not offered.
    await expect(where.get_by_role("option", name="Backlog takes 1 and has 0")).to_be_disabled()
    await where.select_option(label="To do")
    head = (await team.board())["seq"]
    await dialog(ana).get_by_role("button", name="Move and save").click()
    await expect(ana.toast).to_contain_text("Workflow saved")
    await expect(dialog(ana)).to_have_count(0)
    await ana.keep_toast()

    board = await team.board()
    assert {task["title"]: task["state"] for task in board["tasks"]} == {
        "Two": "todo",
        "Three": "todo",
        "In progress": "todo",
    }
    assert [state["id"] for state in board["workflow"]["states"]] == ["backlog", "todo", "doing", "done", "cancelled"]
    assert not [step for step in board["workflow"]["transitions"] if "review" in (step["from"], step["to"])]
    archived = (await team.owner.get(f"/api/v1/tasks/{refs[0]}")).json()
    assert (archived["state"], archived["archived"]) == ("todo", True)
    await expect(row(ana, "review")).to_have_count(0)
    # Nothing in between was ever on anybody's board.
    written = [event["type"] for event in await team.events(head)]
    assert written == ["task.moved"] * 3 + ["workflow.changed"]

    # And back, all of it.
    await ana.toast.get_by_role("button", name="Undo").click()
    await ana.told("Undone: Workflow saved")
    await expect(row(ana, "review")).to_be_visible()
    back = {task["title"]: task["state"] for task in (await team.board())["tasks"]}
    assert back == {"Two": "review", "Three": "review", "In progress": "todo"}
    assert (await team.owner.get(f"/api/v1/tasks/{refs[0]}")).json()["state"] == "review"


async def test_two_owners_change_it_at_once(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    await second_owner(team)
    ana = await window(team.owner)
    await open_editor(ana, team.key)

    async def by_ben(change: Any) -> None:
        now = await workflow(team)
        change(now)
        answer = await team.member.put(f"{team.url}/workflow", json=now)
        assert answer.status_code == 200, answer.text

    # Without a draft the editor just follows.
    await by_ben(lambda now: now["states"][0].update(name="Ideas"))
    name = row(ana, "backlog").get_by_role("textbox", name="Name of state 1")
    await expect(name).to_have_value("Ideas")

    # With one nothing moves under Ana's hands; what Ben did is told, and both are put together.
    await row(ana, "review").get_by_role("textbox", name="Name of state 4").fill("QA")
    await name.fill("Someday")

    def change(now: dict[str, Any]) -> None:
        now["states"][0]["name"] = "Later"
        now["states"][2]["wip_limit"] = 7

    await by_ben(change)
    met = ana.page.locator(".dock-note")
    await expect(met).to_contain_text("Ben changed the workflow while you edited it.")
    await expect(met).to_contain_text("In progress takes at most 7")
    await expect(met).to_contain_text("Someday (theirs: Later)")
    await expect(name).to_have_value("Someday")
    await ana.page.get_by_role("button", name="Put both together").click()
    await expect(ana.page.locator(".dock-note")).to_contain_text("Someday (theirs: Later)")
    await save(ana)
    states = {state["id"]: state for state in (await workflow(team))["states"]}
    assert (states["backlog"]["name"], states["review"]["name"]) == ("Someday", "QA")
    assert states["doing"]["wip_limit"] == 7

    # Ben is a moment faster than Ana's save: it is refused, and her draft stays.
    async def first_ben(route: Route) -> None:
        await by_ben(lambda now: now["states"][4].update(name="Shipped"))
        await route.continue_()

    ana.allow("status of 409")
    await row(ana, "todo").get_by_role("textbox", name="Name of state 2").fill("Next")
    await ana.page.route("**/api/v1/projects/*/workflow", first_ben, times=1)
    await ana.page.get_by_role("button", name="Save workflow").click()
    await expect(met).to_contain_text("Done renamed to Shipped")
    await expect(row(ana, "todo").get_by_role("textbox", name="Name of state 2")).to_have_value("Next")
    await ana.page.get_by_role("button", name="Take theirs, drop mine").click()
    await expect(row(ana, "todo").get_by_role("textbox", name="Name of state 2")).to_have_value("To do")
    await expect(row(ana, "done").get_by_role("textbox", name="Name of state 5")).to_have_value("Shipped")
    await expect(ana.page.locator(".save-bar")).to_have_count(0)


async def test_by_keyboard_alone(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    ana = await window(team.owner)
    await open_editor(ana, team.key)
    page, press = ana.page, ana.page.keyboard.press

    # Review before In progress.
    await tab_to(page, '[data-row="review"] .handle', 80)
    await press("Space")
    await expect(ana.said).to_contain_text("Review lifted, 4 of 6")
    await press("ArrowUp")
    await expect(ana.said).to_have_text("3 of 6")
    await press("Space")
    await becomes(lambda: rows(ana), ["backlog", "todo", "review", "doing", "done", "cancelled"])
    await expect(row(ana, "review").locator(".handle")).to_be_focused()
    await press("Space")
    await press("ArrowDown")
    await press("Escape")
    await becomes(lambda: rows(ana), ["backlog", "todo", "review", "doing", "done", "cancelled"])

    # One Tab stop for the whole table; arrows walk it, past the diagonal.
    await tab_to(page, ".matrix-box", 80)
    await expect(cell(ana, "Backlog", "To do")).to_be_focused()
    await press("ArrowDown")
    await expect(cell(ana, "Review", "To do")).to_be_focused()
    await press("ArrowRight")
    await expect(cell(ana, "Review", "In progress")).to_be_focused()
    await press("End")
    await expect(cell(ana, "Review", "Cancelled")).to_be_focused()
    await press("Space")
    await expect(cell(ana, "Review", "Cancelled")).to_be_checked()
    await press("Enter")
    await expect(page.get_by_role("radio", name="Members and owners")).to_be_focused()
    await press("ArrowDown")
    await press("Escape")
    await expect(page.get_by_role("checkbox", name="From Review to Cancelled, only owners")).to_be_focused()
    await tab_to(page, ".save-bar .button-main")
    await press("Enter")
    await expect(ana.toast).to_contain_text("Workflow saved")
    now = await workflow(team)
    assert [state["id"] for state in now["states"]][2:4] == ["review", "doing"]
    assert {"from": "review", "to": "cancelled", "roles": ["owner"]} in now["transitions"]


async def test_what_is_not_saved_is_not_left_by_mistake(window: OpenWindow, team: Team) -> None:
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.page.get_by_role("link", name="Settings").click()
    await tab(ana, "Workflow").click()
    name = ana.page.get_by_role("textbox", name="Name of state 1")
    await name.fill("Ideas")

    # Other tabs are no leaving: the draft waits.
    await tab(ana, "Labels").click()
    await expect(tab(ana, "Workflow")).to_contain_text("not saved")
    await tab(ana, "Workflow").click()
    await expect(name).to_have_value("Ideas")

    await ana.page.get_by_role("link", name="Board", exact=True).click()
    await dialog(ana).get_by_role("button", name="Cancel").click()
    await expect(name).to_have_value("Ideas")
    await ana.page.locator(".rail").get_by_role("link", name="TaskHub").click()
    await expect(dialog(ana)).to_contain_text("1 change to the workflow would be lost.")
    await dialog(ana).get_by_role("button", name="Leave and lose them").click()
    await expect(ana.page).to_have_url(re.compile("/$"))

    # Back: the draft is gone, as was said. And Back asks as well.
    await ana.page.go_back()
    await expect(name).to_have_value("Backlog")
    await name.fill("Ideas")
    await expect(ana.page.locator(".save-bar")).to_be_visible()
    await ana.page.evaluate("history.go(-4)")
    await expect(dialog(ana)).to_contain_text("Leave without saving?")
    await expect(ana.page).to_have_url(re.compile("/settings/workflow$"))
    await dialog(ana).get_by_role("button", name="Cancel").click()
    await ana.page.get_by_role("button", name="Discard").click()
    await dialog(ana).get_by_role("button", name="Discard").click()
    await expect(name).to_have_value("Backlog")


async def test_on_a_phone(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    ana = await window(team.owner, viewport=PHONE, has_touch=True, is_mobile=True)
    await open_editor(ana, team.key)
    await expect(ana.page.locator(".matrix")).to_have_count(0)
    await ana.page.locator(".steps-from summary", has_text="From Review").tap()
    await ana.page.get_by_role("checkbox", name="From Review to Cancelled").tap()
    await ana.page.get_by_role("button", name="Conditions from Review to Cancelled").tap()
    await ana.page.get_by_role("radio", name="Only owners").tap()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Close").tap()
    small = await ana.page.locator(".settings-body, .settings-tabs").evaluate_all(
        """places => places.flatMap((place) =>
          [...place.querySelectorAll("button, a, select, summary, label, input:not(label *)")])
          .filter((one) => one.checkVisibility())
          .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
          .filter(([, box]) => Math.min(box.width, box.height) < 43.5)
          .map(([html]) => html)"""
    )
    assert small == []
    wide = await ana.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0

    # A finger on the handle drags at once: there is nothing to scroll with it.
    await row(ana, "backlog").scroll_into_view_if_needed()
    hand = await finger(ana)
    x, y = await centre(row(ana, "todo").locator(".handle"))
    to = await box_of(row(ana, "backlog"))
    await hand.down(x, y)
    await hand.to(x, to["y"] + to["height"] / 2)
    await expect(row(ana, "todo")).to_have_class(re.compile("state-held"))
    await hand.up()
    await becomes(lambda: rows(ana), ["todo", "backlog", "doing", "review", "done", "cancelled"])
    await save(ana)
    now = await workflow(team)
    assert [state["id"] for state in now["states"]][:2] == ["todo", "backlog"]
    assert {"from": "review", "to": "cancelled", "roles": ["owner"]} in now["transitions"]
