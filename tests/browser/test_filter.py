"""The quick filter: by text, person and label, together and one by one."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window
from tests.clients import PASSWORD
from tests.teams import Team


def choice(one: Window, name: str) -> Locator:
    """A choice of the filter's menu."""
    return one.page.get_by_role("menu").get_by_role("menuitemcheckbox", name=name)


async def test_by_text_and_person(window: OpenWindow, team: Team) -> None:
    mine = (await team.task("Fix the login page", state="todo", assignees=[team.owner.user["id"]]))["ref"]
    bens = (await team.task("Fix the price table", state="doing", assignees=[team.member.user["id"]]))["ref"]
    none = (await team.task("中文联系页面", state="todo"))["ref"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    text = ana.page.get_by_label("Filter by text")
    rest = ana.page.locator(".filter-rest [role=status]")

    await text.fill("PAGE fix")
    await expect(ana.card(bens)).to_have_count(0)
    await expect(ana.card(none)).to_have_count(0)
    await expect(ana.card(mine)).to_be_visible()
    await expect(rest).to_have_text("2 tasks hidden")
    await expect(ana.column("todo").locator(".column-count")).to_have_text("1 of 2")
    await text.fill("联系")
    await expect(ana.card(none)).to_be_visible()
    await expect(ana.card(mine)).to_have_count(0)
    await text.fill(bens.lower())
    await expect(ana.card(bens)).to_be_visible()
    await text.press("Escape")
    await expect(text).to_have_value("")
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(3)

    await ana.page.get_by_role("button", name="Filter", exact=True).click()
    await choice(ana, "Ana").click()
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(1)
    await expect(ana.card(mine)).to_be_attached()
    await choice(ana, "Ben").click()
    await ana.page.keyboard.press("Escape")
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(2)
    await expect(ana.page.locator(".pill").first).to_contain_text("assignee is me or Ben")

    # Somebody else's change is filtered too, as it comes.
    given = await team.member.patch(f"/api/v1/tasks/{none}", json={"assignees": [team.member.user["id"]]})
    assert given.status_code == 200
    await expect(ana.card(none)).to_be_visible()
    await ana.page.get_by_role("button", name="Remove: assignee is me or Ben").click()
    await expect(ana.page.locator(".filter-rest")).to_have_count(0)


async def test_nothing_matches(window: OpenWindow, team: Team) -> None:
    await team.task("A task", state="todo")
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.page.get_by_label("Filter by text").fill("no such words")
    await expect(ana.page.get_by_text("No task matches. The filter hides all 1.")).to_be_visible()
    await expect(ana.page.locator(".board")).to_be_hidden()
    await ana.page.locator(".empty").get_by_role("button", name="Clear").click()
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(1)
    await expect(ana.page.get_by_label("Filter by text")).to_have_value("")


async def test_by_label(window: OpenWindow, labelled: Team) -> None:
    board = await labelled.board()
    label = next(one for one in board["labels"] if any(one["id"] in task["labels"] for task in board["tasks"]))
    wanted = {task["ref"] for task in board["tasks"] if label["id"] in task["labels"]}
    assert 0 < len(wanted) < len(board["tasks"])
    ana = await window(labelled.owner)
    await ana.open_board(labelled.key)
    await ana.page.get_by_role("button", name="Filter", exact=True).click()
    await ana.page.get_by_role("menu").locator(f'[data-choice="label-{label["id"]}"]').click()
    await ana.page.keyboard.press("Escape")
    cards = ana.page.locator(".board [data-ref]")
    await expect(cards).to_have_count(len(wanted))
    assert {await card.get_attribute("data-ref") for card in await cards.all()} == wanted
    await expect(ana.page.locator(".pill").first).to_contain_text(f"label is {label['name']}")


async def test_its_place_in_the_address(window: OpenWindow, team: Team) -> None:
    me, ben = team.owner.user["id"], team.member.user["id"]
    mine = (await team.task("Fix the cart", state="todo", assignees=[me], due="2020-01-01"))["ref"]
    bens = (await team.task("Fix the menu", state="todo", assignees=[ben], due="2099-01-01"))["ref"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    page, cards = ana.page, ana.page.locator(".board [data-ref]")
    await page.get_by_role("button", name="Filter", exact=True).click()
    await choice(ana, "Ana").click()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{ana.server.url}/p/{team.key}?person=me")
    await page.get_by_label("Filter by text").press_sequentially("fix")
    await expect(page).to_have_url(f"{ana.server.url}/p/{team.key}?q=fix&person=me")

    # It goes along to a task and back; Back then takes it back step by step.
    await ana.card(mine).click()
    await expect(page).to_have_url(f"{ana.server.url}/p/{team.key}/t/{mine.split('-')[1]}?q=fix&person=me")
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{ana.server.url}/p/{team.key}?q=fix&person=me")
    await expect(cards).to_have_count(1)
    await page.go_back()
    await expect(page.get_by_label("Filter by text")).to_have_value("")
    await expect(cards).to_have_count(1)
    await page.go_back()
    await expect(cards).to_have_count(2)
    await page.go_forward()
    await expect(cards).to_have_count(1)

    # The same address, sent to Ben, means him.
    other = await window(team.member)
    await other.go(f"/p/{team.key}?person=me")
    await expect(other.card(bens)).to_be_visible()
    await expect(other.page.locator(".board [data-ref]")).to_have_count(1)
    await other.go(f"/p/{team.key}?due=late")
    await expect(other.card(mine)).to_be_visible()
    await expect(other.page.locator(".board [data-ref]")).to_have_count(1)
    await expect(other.page.locator(".pill").first).to_contain_text("late")

    # Who has to sign in first comes there all the same.
    third = await window()
    await third.go(f"/p/{team.key}?person=me")
    await third.page.get_by_label("E-mail").fill(str(team.member.email))
    await third.page.get_by_label("Password").fill(PASSWORD)
    await third.page.keyboard.press("Enter")
    await expect(third.card(bens)).to_be_visible()
    await expect(third.page.locator(".board [data-ref]")).to_have_count(1)


async def test_what_changed_since_one_last_looked(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(3)]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.go("/")
    for ref in refs[:2]:
        assert (await team.member.patch(f"/api/v1/tasks/{ref}", json={"priority": "high"})).status_code == 200
    # Beside a filter that is on, too.
    await ana.go(f"/p/{team.key}?q=task")
    news = ana.page.locator("[data-news]")
    await expect(news).to_contain_text("2 tasks changed by Ben since you last looked, just now")
    await news.get_by_role("button", name="Show").click()
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(2)
    await expect(ana.page.locator(".pill").first).to_contain_text("changed since you last looked")
