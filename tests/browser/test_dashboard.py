"""A project's dashboard: the API's figures, drawn and in tables; live, by keyboard, on paper, and without a line."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_tabs import HIDE
from tests.browser.windows import BACK, Window
from tests.teams import Team

_CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"


def chart(one: Window, name: str) -> Locator:
    """A chart by its name."""
    return one.page.locator(f'[data-chart="{name}"]')


def figure(one: Window, name: str) -> Locator:
    """One of the four figures at the top."""
    return one.page.locator(f'[data-figure="{name}"] .tile-value')


def following(one: Window) -> Locator:
    """The word on whether the figures are those of now; `data-following` says it for programs."""
    return one.page.locator("[data-following]")


async def open_dashboard(one: Window, team: Team) -> None:
    """Load a project's dashboard and wait until its figures are live."""
    await one.go(f"/p/{team.key}/dashboard")
    await expect(following(one)).to_have_attribute("data-following", "live")


async def rows(one: Window, name: str) -> list[list[str]]:
    """The table behind a chart, without its head."""
    found: list[list[str]] = await chart(one, name).locator("tbody tr").evaluate_all(_CELLS)
    return found


async def fill(team: Team) -> list[str]:
    """Eight tasks, of which three go through progress to done, and one stays in progress."""
    people = [[team.owner.user["id"]], [team.member.user["id"]], []]
    refs = [(await team.task(f"Task {n}", state="todo", assignees=people[n % 3]))["ref"] for n in range(8)]
    for ref in refs[:4]:
        assert (await team.move(ref, "doing")).status_code == 200
    for ref in refs[:3]:
        assert (await team.move(ref, "done")).status_code == 200
    return refs


async def figures_of(team: Team) -> Any:
    """What the API says."""
    return (await team.owner.get(f"{team.url}/dashboard")).json()


async def tables_agree(one: Window, team: Team) -> None:
    """Each table has what the API answers, nothing more and nothing less."""
    figures = await figures_of(team)
    names = [state["name"] for state in figures["states"]]
    assert await rows(one, "states") == [
        [state["name"], str(state["count"]), str(state["wip_limit"] or "–")] for state in figures["states"]
    ]
    assert await rows(one, "workload") == [
        [person["name"] or "Nobody", *(str(person[part]) for part in ("doing", "todo", "backlog", "open"))]
        for person in figures["people"]
    ]
    # The flow goes from the last day back, and from the first state on; cancelled tasks are no part of it.
    going = [state["id"] for state in figures["states"] if state["category"] not in ("done", "cancelled")] + ["done"]
    assert names[: len(going)][-1] == "Done"
    flow = await rows(one, "flow")
    assert [row[1:] for row in flow] == [
        [*(str(day["counts"].get(state, 0)) for state in going), str(sum(day["counts"].get(s, 0) for s in going))]
        for day in reversed(figures["flow"])
    ]
    weeks = await rows(one, "throughput")
    done = [day["done"] for day in figures["throughput"]]
    assert [row[2] for row in weeks] == [str(sum(done[at : at + 7])) for at in range(56, -1, -7)]
    cycle = await rows(one, "cycle")
    assert [row[0] for row in cycle[:3]] == ["50 %", "85 %", "95 %"]
    assert [row[0] for row in cycle[3:]] == [
        f"{task['ref']} {task['title']}" for task in reversed(figures["cycle"]["tasks"])
    ]


async def test_what_one_does_moves_the_charts_of_another(window: OpenWindow, team: Team) -> None:
    refs = await fill(team)
    ana, ben = await window(team.owner), await window(team.member)
    await open_dashboard(ana, team)
    await ana.mark()
    await tables_agree(ana, team)
    await expect(figure(ana, "wip")).to_have_text("1")
    await expect(figure(ana, "week")).to_have_text("3")
    await expect(ana.page.locator(".point")).to_have_count(3)

    await ben.open_board(team.key)
    await ben.drag(refs[3], "done")
    await expect(figure(ana, "week")).to_have_text("4")
    await expect(figure(ana, "wip")).to_have_text("0")
    await expect(ana.page.locator(".point")).to_have_count(4)
    await ben.drag(refs[4], "doing")
    await expect(figure(ana, "wip")).to_have_text("1")
    await tables_agree(ana, team)
    await ana.is_same_document()

    # A window that nobody looks at needs no stream.
    async with ana.page.expect_event("requestfailed", lambda request: request.url.endswith("/dashboard/stream")):
        await ana.page.evaluate(HIDE, True)
    await ben.drag(refs[5], "doing")
    await ben.ends_in("doing", refs[5])
    await ana.page.evaluate(HIDE, False)
    await expect(figure(ana, "wip")).to_have_text("2")

    # Without a line the figures stay, and say of when they are.
    ana.allow_no_line()
    await ana.context.set_offline(True)
    await expect(following(ana)).to_have_attribute("data-following", "lost")
    await expect(following(ana)).to_contain_text("trying again")
    await expect(figure(ana, "wip")).to_have_text("2")
    await ana.context.set_offline(False)
    await expect(following(ana)).to_have_attribute("data-following", "live", timeout=BACK)

    # Taken away while it is looked at.
    await ben.go(f"/p/{team.key}/dashboard")
    await expect(following(ben)).to_have_attribute("data-following", "live")
    ben.allow("status of 404")
    gone = await team.owner.delete(f"{team.url}/members/{team.member.user['id']}")
    assert gone.status_code == 204
    await expect(following(ben)).to_have_attribute("data-following", "over")
    await expect(following(ben)).to_contain_text("No longer let in")


async def test_by_keyboard_and_on_paper(window: OpenWindow, team: Team) -> None:
    refs = await fill(team)
    ana = await window(team.owner, color_scheme="dark")
    await ana.open_board(team.key)
    keys = ana.page.keyboard
    await keys.press("Shift+D")
    await expect(following(ana)).to_have_attribute("data-following", "live")
    await expect(ana.page).to_have_url(re.compile(f"/p/{team.key}/dashboard$"))

    # From day to day through the flow.
    walk = chart(ana, "flow").get_by_role("slider")
    await walk.focus()
    before = await walk.get_attribute("aria-valuetext") or ""
    assert before.endswith("In progress 1, Done 3"), before
    await keys.press("ArrowLeft")
    await expect(walk).not_to_have_attribute("aria-valuetext", before)
    yesterday = await walk.get_attribute("aria-valuetext") or ""
    assert "Done 0" in yesterday, yesterday
    await expect(chart(ana, "flow").locator(".tip")).to_contain_text(yesterday.partition(":")[0])

    # How a figure is computed, and the table in a chart's stead.
    how = chart(ana, "cycle").get_by_role("button", name="How is this computed: Cycle time")
    await how.press("Enter")
    await expect(ana.page.locator(".info-box")).to_contain_text("Half of the tasks")
    await keys.press("Escape")
    await expect(ana.page.locator(".info-box")).to_have_count(0)
    await expect(how).to_be_focused()
    await chart(ana, "throughput").get_by_role("button", name="As a table").press("Enter")
    await expect(chart(ana, "throughput").get_by_role("region").get_by_role("row")).to_have_count(10)
    await expect(chart(ana, "throughput").locator("svg.plot-drawing")).to_have_count(0)

    # On paper: light, whole, without what is only for the screen.
    await ana.page.emulate_media(media="print")
    await expect(ana.page.locator(".rail")).to_be_hidden()
    await expect(how).to_be_hidden()
    new = ana.page.get_by_role("button", name="New task")
    await expect(new).to_have_count(0)
    await expect(chart(ana, "states")).to_have_css("background-color", "rgb(255, 255, 255)")
    body = ana.page.locator(".page-body")
    assert await body.evaluate("body => body.scrollHeight <= body.clientHeight")
    await ana.page.emulate_media(media="screen")

    # From task to task, and into one; all the points are one stop on the way through the page.
    await chart(ana, "cycle").get_by_role("button", name="As a table").focus()
    await keys.press("Tab")
    await expect(ana.page.locator(".point").last).to_be_focused()
    await keys.press("Tab")
    await expect(chart(ana, "workload").get_by_role("button", name="How is this computed")).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Home")
    await keys.press("ArrowRight")
    await expect(ana.page.locator(":focus")).to_have_attribute("aria-label", re.compile(f"^{refs[1]}, Task 1: "))
    await keys.press("Enter")
    await expect(ana.panel).to_contain_text("Task 1")

    # A new task is written on the board.
    await ana.page.go_back()
    await new.click()
    await expect(ana.page).to_have_url(re.compile(f"/p/{team.key}$"))
    await expect(ana.page.get_by_role("textbox", name="Title of the new task")).to_be_focused()


async def test_the_overview_has_the_figures_in_short(window: OpenWindow, team: Team, strict_team: Team) -> None:
    await fill(team)
    ana = await window(team.owner)
    await ana.go("/")
    short = ana.page.locator(f'.project[data-key="{team.key}"] .short dd')
    await expect(short.nth(0)).to_have_text("3")
    await ana.mark()
    (first, *_) = [task["ref"] for task in (await team.board())["tasks"] if task["state"] == "todo"]
    assert (await team.move(first, "done", by="member")).status_code == 200
    await expect(short.nth(0)).to_have_text("4")

    # Somebody lets me in, and a limit is there to be seen.
    ben = await window(team.stranger)
    await ben.go("/")
    joined = {"email": team.stranger.email, "role": "viewer"}
    assert (await strict_team.owner.post(f"{strict_team.url}/members", json=joined)).status_code == 201
    counts = ben.page.locator(f'.project[data-key="{strict_team.key}"] .project-counts')
    await expect(counts).to_contain_text("0 / 7 in progress")
    gone = await strict_team.owner.delete(f"{strict_team.url}/members/{team.stranger.user['id']}")
    assert gone.status_code == 204
    await expect(counts).to_have_count(0)
    await ana.is_same_document()
