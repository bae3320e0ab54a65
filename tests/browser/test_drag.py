"""Dragging by mouse: what may not be is dimmed and says why; what the server refuses is put back with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Request, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window, becomes
from tests.teams import Team


async def hold_moves(one: Window) -> tuple[asyncio.Event, Callable[[], Awaitable[None]]]:
    """Keep this window's moves from the server. The event is set once there is one; the call lets it go."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def wait(route: Route, _: Request) -> None:
        asked.set()
        await go.wait()
        await route.continue_()

    async def release() -> None:
        go.set()

    await one.page.route("**/move", wait)
    return asked, release


async def test_forbidden_states_are_dimmed_and_say_why(window: OpenWindow, strict_team: Team) -> None:
    task = await strict_team.task("Step by step", state="todo")
    head = (await strict_team.board())["seq"]
    ana = await window(strict_team.owner)
    await ana.open_board(strict_team.key)
    await ana.take(task["ref"])
    for state, allowed in {
        "backlog": True, "doing": True, "cancelled": True, "review": False, "done": False,
    }.items():  # fmt: skip
        column = ana.column(state)
        await expect(column).to_have_attribute("data-allowed", str(allowed).lower())
        await expect(column.locator(".column-list")).to_have_css("opacity", "1" if allowed else "0.45")
    await expect(ana.column("review").locator(".column-why")).to_have_text("From To do to Review is not allowed.")
    await expect(ana.column("doing").locator(".column-why")).to_have_count(0)

    # Let go over one of them: it goes back, and the reason stays with what would work.
    await ana.hold_over("review")
    await expect(ana.page.locator(".slot")).to_have_count(0)
    await ana.page.mouse.up()
    await ana.told("From To do to Review is not allowed.", "It may go to Backlog, In progress, or Cancelled.")
    await ana.ends_in("todo", task["ref"])
    await expect(ana.column("review")).not_to_have_attribute("data-allowed", "false")
    assert (await strict_team.board())["seq"] == head


async def test_a_full_state_says_so(window: OpenWindow, strict_team: Team) -> None:
    for n in range(5):
        task = await strict_team.task(f"Work {n}", state="todo")
        if n < 4:
            await strict_team.move(task["ref"], "doing")
    ana = await window(strict_team.owner)
    await ana.open_board(strict_team.key)
    await expect(ana.column("doing").locator(".column-count")).to_have_text("4 / 4")
    await ana.take(task["ref"])
    await expect(ana.column("doing").locator(".column-why")).to_have_text("In progress is full: it takes 4 at a time.")
    await ana.hold_over("doing")
    await ana.page.mouse.up()
    await ana.told("In progress is full")
    await ana.ends_in("todo", task["ref"])


async def test_a_move_shows_before_the_answer_comes(window: OpenWindow, team: Team) -> None:
    task = await team.task("Sooner", state="todo")
    ana, ben = await window(team.owner), await window(team.member)
    for one in (ana, ben):
        await one.open_board(team.key)
    asked, release = await hold_moves(ana)
    await ana.drag(task["ref"], "done")
    await asyncio.wait_for(asked.wait(), 10)
    await ana.ends_in("done", task["ref"])
    await expect(ana.column("done").locator(".column-count")).to_have_text("1")
    # The server knows nothing of it yet.
    assert await team.column("done") == []
    await expect(ben.in_column("todo", task["ref"])).to_be_visible()
    await release()
    await ben.ends_in("done", task["ref"])
    await ana.ends_in("done", task["ref"])


async def test_a_state_that_filled_up_meanwhile_refuses(window: OpenWindow, strict_team: Team) -> None:
    refs = [(await strict_team.task(f"Work {n}", state="todo"))["ref"] for n in range(5)]
    for ref in refs[:3]:
        await strict_team.move(ref, "doing")
    ana = await window(strict_team.owner)
    await ana.open_board(strict_team.key)
    asked, release = await hold_moves(ana)
    await ana.drag(refs[3], "doing")
    await asyncio.wait_for(asked.wait(), 10)
    assert (await strict_team.move(refs[4], "doing", by="member")).status_code == 200
    ana.allow("status of 409")
    refusal = asyncio.create_task(ana.page.wait_for_event("response", lambda got: got.url.endswith("/move")))
    await release()
    said = await (await refusal).json()
    assert said["code"] == "wip_limit_reached"
    await ana.told(said["detail"])
    await ana.ends_in("todo", refs[3])
    await expect(ana.column("doing").locator(".column-count")).to_have_text("4 / 4")


async def test_a_card_that_moved_meanwhile_is_put_where_it_is(window: OpenWindow, strict_team: Team) -> None:
    ref = (await strict_team.task("Contested", state="todo"))["ref"]
    ana = await window(strict_team.owner)
    await ana.open_board(strict_team.key)
    asked, release = await hold_moves(ana)
    await ana.drag(ref, "doing")
    await asyncio.wait_for(asked.wait(), 10)
    assert (await strict_team.move(ref, "backlog", by="member")).status_code == 200
    ana.allow("status of 409")
    await release()
    await ana.told("Backlog", "It may go to")
    await ana.ends_in("backlog", ref)
    assert await strict_team.column("backlog") == ["Contested"]


async def test_order_within_a_column(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(title, state="todo"))["ref"] for title in "abcd"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.drag(refs[3], "todo", above=refs[1])
    await ana.ends_in("todo", refs[3])
    await ana.has_refs("todo", [refs[0], refs[3], refs[1], refs[2]])
    await ana.drag(refs[0], "todo")
    await ana.has_refs("todo", [refs[3], refs[1], refs[2], refs[0]])
    await ana.ends_in("todo", refs[0])
    # A page that goes while a move is on its way sends it again; this one is to find it done.
    await becomes(lambda: team.column("todo"), list("dbca"))
    await ana.page.reload()
    await ana.has_refs("todo", [refs[3], refs[1], refs[2], refs[0]])


async def test_escape_and_a_click_are_no_moves(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Held", state="todo"))["ref"]
    head = (await team.board())["seq"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.take(ref)
    await ana.hold_over("done")
    await expect(ana.column("done").locator(".slot")).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await expect(ana.page.locator(".ghost")).to_have_count(0)
    await ana.page.mouse.up()
    await ana.ends_in("todo", ref)
    await expect(ana.panel).to_have_count(0)
    # After a drag that ended nowhere, a click is a click again.
    await ana.card(ref).click()
    await expect(ana.panel).to_have_attribute("data-panel", ref)
    assert (await team.board())["seq"] == head
