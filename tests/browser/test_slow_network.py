"""On a phone's bad day: 400 ms to the server and back, 50 KB a second."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import becomes
from tests.teams import Team

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50 * 1024, "uploadThroughput": 20 * 1024}


async def test_a_board_comes_and_a_move_waits_for_nobody(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Far away", state="todo"))["ref"]
    ana = await window(team.owner)
    cdp = await ana.context.new_cdp_session(ana.page)
    await cdp.send("Network.enable")
    await cdp.send("Network.emulateNetworkConditions", SLOW)
    await ana.open_board(team.key)
    await ana.is_live()

    # The move is on its way until it is let go.
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await ana.page.route("**/api/v1/tasks/*/move", hold)
    await ana.drag(ref, "done")
    await expect(ana.in_column("done", ref)).to_be_visible()
    assert (await team.owner.get(f"/api/v1/tasks/{ref}")).json()["state"] == "todo"
    ben = await window(team.member)
    await ben.open_board(team.key)
    await expect(ben.in_column("todo", ref)).to_be_visible()
    go_on.set()
    await ben.ends_in("done", ref)
    await ana.ends_in("done", ref)
    await ana.is_live()


async def test_what_is_on_its_way_is_undone_once_it_happened(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Ticked by mistake", state="todo", assignees=[team.owner.user["id"]]))["ref"]
    ana = await window(team.owner)
    await ana.go("/mine")
    await ana.is_live()
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await ana.page.route("**/api/v1/tasks/*/move", hold, times=1)
    row = ana.page.locator(f'.mine [data-ref="{ref}"]')
    await row.get_by_role("button").click()
    await expect(row).to_have_class(re.compile("mine-ticked"))
    await ana.toast.get_by_role("button", name="Undo").click()
    await ana.told("Will be undone", ref)
    go_on.set()

    async def moves() -> list[str]:
        return [event["task"]["state"] for event in await team.events() if event["type"] == "task.moved"]

    await becomes(moves, ["done", "todo"])
    await expect(row).not_to_have_class(re.compile("mine-ticked"))
