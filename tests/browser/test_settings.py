"""Project settings: name, people, labels; who may change them, and that everybody sees it happen."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_languages import english, other_projects, written
from tests.browser.windows import PHONE, Window
from tests.teams import Team


async def open_settings(one: Window, key: str, tab: str) -> None:
    """Load a tab of the settings and wait until it is live."""
    await one.go(f"/p/{key}/settings/{tab}")
    await expect(one.page.locator(".settings-body .sheet").first).to_be_visible()
    await one.is_live()


def tab(one: Window, name: str) -> Locator:
    """The link to a tab."""
    return one.page.locator(".settings-tabs").get_by_role("link", name=name)


def label(one: Window, name: str) -> Locator:
    """The row of a label."""
    return one.page.locator("[data-label]").filter(has_text=name)


def member(one: Window, name: str) -> Locator:
    """The row of a member."""
    return one.page.locator("[data-member]").filter(has_text=name)


def dialog(one: Window) -> Locator:
    """The question that is asked."""
    return one.page.get_by_role("dialog")


async def second_owner(team: Team) -> None:
    """Ben is an owner too."""
    answer = await team.owner.patch(f"{team.url}/members/{team.member.user['id']}", json={"role": "owner"})
    assert answer.status_code == 200, answer.text


async def test_the_life_of_a_label(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("With a label", state="todo"))["ref"]
    ana, vera = await window(team.owner), await window(team.viewer)
    await ana.open_board(team.key)
    await ana.page.get_by_role("link", name="Settings").click()
    await tab(ana, "Labels").click()
    await open_settings(vera, team.key, "labels")
    await expect(vera.page.get_by_text("Members and owners change them; you are a viewer.")).to_be_visible()
    await expect(ana.page.get_by_text("Make the first one above.")).to_be_visible()

    add = ana.page.get_by_role("form", name="New label")
    await add.get_by_role("button", name="Colour").click()
    await ana.page.get_by_role("menuitemradio", name="Teal").click()
    await add.get_by_role("textbox", name="Name").fill("bug")
    await add.get_by_role("button", name="Add label").click()
    await expect(label(vera, "bug")).to_contain_text("not used")
    await expect(add.get_by_role("textbox")).to_be_focused()

    # The same name again, in whatever case, is refused where it was typed.
    ana.allow("status of 409")
    await add.get_by_role("textbox").fill("BUG")
    await add.get_by_role("textbox").press("Enter")
    await expect(add.get_by_role("alert")).to_contain_text("bug")
    await add.get_by_role("textbox").fill("")

    made = (await team.board())["labels"][0]
    assert (made["name"], made["color"]) == ("bug", "teal")
    assert (await team.member.patch(f"/api/v1/tasks/{ref}", json={"labels": [made["id"]]})).status_code == 200
    await expect(label(ana, "bug")).to_contain_text("1 task")

    await label(ana, "bug").get_by_role("button", name="Rename bug").click()
    name = ana.page.get_by_role("textbox", name="New name for bug")
    await expect(name).to_be_focused()
    await name.fill("defect")
    await name.press("Enter")
    await expect(label(vera, "defect")).to_be_visible()
    await label(ana, "defect").get_by_role("button", name="Colour of defect").click()
    await ana.page.get_by_role("menuitemradio", name="Red").click()
    await expect(vera.page.locator("[data-label] .label")).to_have_attribute("style", re.compile("red"))

    await label(ana, "defect").get_by_role("button", name="Delete defect").click()
    await expect(dialog(ana)).to_contain_text("taken off 1 task")
    await dialog(ana).get_by_role("button", name="Delete label").click()
    await expect(vera.page.get_by_text("This project has no labels yet.")).to_be_visible()
    await expect(ana.toast).to_contain_text("Label “defect” deleted")
    await ana.keep_toast()
    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(label(vera, "defect")).to_contain_text("1 task")
    assert (await team.owner.get(f"/api/v1/tasks/{ref}")).json()["labels"] == [made["id"]]
    await expect(vera.page.get_by_role("button", name="Delete defect")).to_have_count(0)


async def test_an_answer_that_comes_after_its_event_can_be_undone(window: OpenWindow, team: Team) -> None:
    ana = await window(team.owner)
    await open_settings(ana, team.key, "labels")
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        await go_on.wait()
        await route.fulfill(response=answer)

    await ana.page.route("**/api/v1/projects/*/labels", hold)
    add = ana.page.get_by_role("form", name="New label")
    await add.get_by_role("textbox", name="Name").fill("bug")
    await add.get_by_role("button", name="Add label").click()
    await expect(label(ana, "bug")).to_be_visible()
    go_on.set()
    await expect(ana.toast).to_contain_text("Label “bug” added")
    await ana.toast.get_by_role("button", name="Undo").click()
    await expect(label(ana, "bug")).to_have_count(0)
    assert (await team.board())["labels"] == []


async def test_people_come_and_go(window: OpenWindow, team: Team) -> None:
    ben = team.member.user["id"]
    await team.task("Ben's", state="todo", assignees=[ben])
    ana, vera, sam = await window(team.owner), await window(team.viewer), await window(team.stranger)
    await open_settings(ana, team.key, "members")
    await open_settings(vera, team.key, "members")
    await expect(member(ana, "Ben Okafor")).to_contain_text("ben@example.com")
    await expect(vera.page.get_by_text("you are a viewer.")).to_be_visible()
    await expect(vera.page.get_by_role("heading", name="Let somebody in")).to_have_count(0)

    # The only owner stays one, and is told why.
    await member(ana, "Ana Bell").get_by_role("button", name="Role of Ana Bell: Owner").click()
    choice = ana.page.get_by_role("menuitemradio", name="Member writes")
    await expect(choice).to_be_disabled()
    await expect(choice).to_contain_text("Make somebody else an owner first.")
    await ana.page.keyboard.press("Escape")
    # It looks disabled, and answers all the same.
    await member(ana, "Ana Bell").get_by_role("button", name="Leave the project").click(force=True)
    await expect(ana.toast).to_contain_text("A project keeps at least one owner.")

    # A viewer becomes an owner, and may do more in the same moment.
    await member(ana, "Vera Lind").get_by_role("button", name="Role of Vera Lind").click()
    await ana.page.get_by_role("menuitemradio", name="Owner also").click()
    await expect(vera.page.get_by_role("heading", name="Let somebody in")).to_be_visible()

    # Nobody has this address: a link for it, once; then it stands among the open ones, and is taken back.
    await ana.page.get_by_label("E-mail").fill("mia@example.com")
    await ana.page.get_by_role("button", name="Add", exact=True).click()
    await expect(ana.page.get_by_text("Nobody has an account for mia@example.com yet.")).to_be_visible()
    await expect(ana.page.get_by_label("Invite link")).to_have_value(re.compile("/invite/"))
    await ana.page.get_by_role("button", name="Withdraw the invite for mia@example.com").click()
    await expect(ana.page.get_by_text("No invite is open.")).to_be_visible()

    # A link for whoever holds it; Sam does.
    await ana.page.get_by_role("combobox", name="Role").select_option("viewer")
    await ana.page.get_by_role("button", name="Make a link instead").click()
    await expect(ana.page.get_by_text("joins as a viewer")).to_be_visible()
    await expect(ana.page.get_by_text("Anybody with the link")).to_be_visible()
    await ana.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ana.page.get_by_role("button", name="Copy").click()
    await expect(ana.toast).to_contain_text("Link copied")
    await sam.page.goto(await ana.page.evaluate("navigator.clipboard.readText()"))
    await sam.page.get_by_role("button", name="Join").click()
    await expect(sam.page).to_have_url(re.compile(f"/p/{team.key}$"))
    await expect(member(ana, "Sam Stone")).to_contain_text("sam@example.com")
    await expect(ana.page.get_by_text("No invite is open.")).to_be_visible()

    # Removing says what goes with it.
    await member(ana, "Ben Okafor").get_by_role("button", name="Remove Ben Okafor").click()
    await expect(dialog(ana)).to_contain_text("the 1 task they are assigned to")
    await dialog(ana).get_by_role("button", name="Remove").click()
    await expect(member(vera, "Ben Okafor")).to_have_count(0)
    await expect(ana.page.get_by_role("heading", name="Members")).to_be_focused()
    assert [task["assignees"] for task in (await team.board())["tasks"]] == [[]]

    # Ana steps down herself: nothing of it is hers to change any more.
    await expect(member(ana, "Ben Okafor")).to_have_count(0)
    await ana.is_answered()
    await member(ana, "Ana Bell").get_by_role("button", name="Role of Ana Bell").click()
    await ana.page.get_by_role("menuitemradio", name="Member writes").click()
    await expect(dialog(ana)).to_contain_text("Stop being an owner?")
    await dialog(ana).get_by_role("button", name="Become a member").click()
    await expect(ana.page.get_by_text("Only owners let people in and give roles; you are a member.")).to_be_visible()


async def test_name_and_end_of_a_project(window: OpenWindow, team: Team) -> None:
    await second_owner(team)
    ana, ben = await window(team.owner), await window(team.member)
    await open_settings(ana, team.key, "general")
    await ben.open_board(team.key)

    # Both rename it: what is typed stays, and the other name is told.
    name = ana.page.get_by_role("textbox", name="Name")
    await name.fill("Ana's name")
    answer = await team.member.patch(team.url, json={"name": "Ben's name"})
    assert answer.status_code == 200
    await expect(ana.page.get_by_text("Ben renamed it to “Ben's name” while you typed.")).to_be_visible()
    await expect(name).to_have_value("Ana's name")
    await ana.page.get_by_role("button", name="Save").click()
    await expect(ben.page.get_by_role("heading", level=1)).to_have_text("Ana's name")
    await expect(ana.page.locator(".rail").get_by_role("link", name="Ana's name")).to_be_visible()

    await ana.page.get_by_role("button", name="Delete project").click()
    really = dialog(ana).get_by_role("button", name="Delete project")
    await expect(really).to_be_disabled()
    await dialog(ana).get_by_label(f"Type {team.key} to confirm").fill(team.key)
    await really.click()
    await expect(ana.page).to_have_url(re.compile("/$"))
    await expect(ana.toast).to_contain_text("was deleted")
    await expect(ana.page.locator(".rail").get_by_role("link", name="Ana's name")).to_have_count(0)
    await expect(ben.page.get_by_text("This project was deleted")).to_be_visible()


TABS = ("general", "members", "labels", "workflow")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(window: OpenWindow, strict_team: Team, scheme: str) -> None:
    team = strict_team
    await team.task("A task", state="todo")
    assert (await team.owner.post(f"{team.url}/labels", json={"name": "bug", "color": "red"})).status_code == 201
    ana = await window(team.owner, color_scheme=scheme, reduced_motion="reduce")
    found: list[str] = []

    async def look(what: str) -> None:
        found.extend(await violations(ana.page, what))

    await open_settings(ana, team.key, "general")
    for name in TABS:
        await tab(ana, name.title()).click()
        await expect(ana.page).to_have_url(re.compile(f"/settings/{name}$"))
        await look(name)
        if name == "general":
            await ana.page.get_by_role("button", name="Delete project").click()
            await look("delete?")
            await ana.page.keyboard.press("Escape")
        if name == "members":
            await ana.page.get_by_role("button", name="Make a link instead").click()
            await expect(ana.page.get_by_label("Invite link")).to_be_visible()
            await look("a link")
    await ana.page.get_by_role("button", name="Add a state").click()
    await expect(ana.page.locator(".save-bar")).to_be_visible()
    await ana.page.get_by_role("button", name="Conditions from Done to Review").click()
    await expect(ana.page.locator(".conditions")).to_be_visible()
    await look("an unnamed state, conditions")
    await ana.page.keyboard.press("Escape")
    await ana.page.get_by_role("link", name="Board", exact=True).click()
    await expect(dialog(ana)).to_contain_text("Leave without saving?")
    await look("leave?")
    await ana.page.keyboard.press("Escape")
    await ana.page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a ViewportSize is such a dict
    await ana.page.locator(".steps-from summary").first.click()
    for name in (*TABS[:3], "workflow"):
        await tab(ana, name.title()).click()
        await look(f"{name} on a phone")
    vera = await window(team.viewer, color_scheme=scheme, reduced_motion="reduce")
    await open_settings(vera, team.key, "workflow")
    found += await violations(vera.page, "a viewer's workflow")
    assert not found, "\n".join(found)


async def test_chinese_is_whole(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    assert (await team.owner.post(f"{team.url}/labels", json={"name": "缺陷", "color": "red"})).status_code == 201
    ana = await window(team.owner, locale="zh-CN")
    await open_settings(ana, team.key, "general")
    emails = [client.email for client in (team.owner, team.member, team.viewer)]
    known: list[Any] = [*written(team, await team.board()), *await other_projects(team), *emails, "mia@example.com"]
    for name in ("常规", "成员", "标签", "工作流"):
        await tab(ana, name).click()
        await expect(tab(ana, name)).to_have_attribute("aria-current", "page")
        if name == "成员":
            await expect(member(ana, "Ben Okafor")).to_contain_text("ben@example.com")
        if name == "工作流":
            await ana.page.get_by_role("button", name="添加状态").click()
            await ana.page.get_by_role("button", name="从“Done”到“Review”的条件").click()
        assert await english(ana, *known) == []
