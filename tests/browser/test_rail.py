"""The rail's list of projects, while answers about it overtake each other."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window
from tests.clients import MakeClientOn
from tests.serving import Server
from tests.teams import Team


class Held:
    """Answers of the server that a window gets only once `go_on` is set."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        """Ask the server now, and keep its answer."""
        answer = await route.fetch()
        self.taken.set()
        await self.go_on.wait()
        await route.fulfill(response=answer)


async def new_project(one: Window, key: str) -> None:
    """Fill the form of a new project and send it."""
    await one.page.locator(".rail").get_by_role("button", name="New project").click()
    form = one.page.get_by_role("dialog")
    await form.get_by_label("Name").fill("Made here")
    await form.get_by_label("Key").fill(key)
    await form.get_by_role("button", name="Create project").click()


async def test_a_new_project_stands_there_once(
    window: OpenWindow, team: Team, house: Server, make_client_on: MakeClientOn
) -> None:
    ida = await make_client_on(house, "Ida Berg")
    one = await window(ida)
    await one.go("/mine")
    await one.is_live()
    made = one.page.locator(f'.rail-item[href="/p/{team.key}N"]')

    # The list that is read as the project is made knows it before the answer says so.
    answer = Held()
    await one.page.route("**/api/v1/projects", answer, times=1)
    await new_project(one, f"{team.key}N")
    await expect(made).to_have_count(1)
    answer.go_on.set()
    await expect(one.page.get_by_role("heading", name="Made here", level=1)).to_be_visible()
    await expect(made).to_have_count(1)

    # One that was read before the project was made comes after its answer.
    old = Held()
    await one.page.route("**/api/v1/projects?*", old, times=1)
    await team.owner.post(f"{team.url}/members", json={"email": ida.email, "role": "member"})
    await old.taken.wait()
    await new_project(one, f"{team.key}O")
    await expect(one.page).to_have_url(f"{house.url}/p/{team.key}O")
    old.go_on.set()
    await expect(one.page.locator(f'.rail-item[href="/p/{team.key}"]')).to_have_count(1)
    await expect(one.page.locator(f'.rail-item[href="/p/{team.key}O"]')).to_have_count(1)
