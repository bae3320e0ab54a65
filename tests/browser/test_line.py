"""The line is lost and found: the server is killed, a window loses its network, a session ends."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, Window
from tests.clients import MakeClientOn
from tests.databases import MakeDatabase
from tests.serving import Serve, Server
from tests.teams import Team, make_team, sign_up


async def live_windows(window: OpenWindow, team: Team) -> tuple[Window, Window]:
    """Ana's window and Ben's, marked, that may lose their line."""
    ana, ben = await window(team.owner, team.server), await window(team.member, team.server)
    for one in (ana, ben):
        one.allow_no_line()
        await one.open_board(team.key)
        await one.mark()
    return ana, ben


def replays(one: Window) -> tuple[list[str], list[str]]:
    """What this window will ask for, and the frames with events that will come over new lines."""
    asked: list[str] = []
    frames: list[str] = []

    def keep(data: str | bytes) -> None:
        if '"op":"events"' in str(data).replace(" ", ""):
            frames.append(str(data))

    one.page.on("request", lambda request: asked.append(request.url))
    one.page.on("websocket", lambda socket: socket.on("framereceived", keep))
    return asked, frames


async def test_both_windows_outlive_a_killed_server(
    window: OpenWindow, serve: Serve, make_database: MakeDatabase
) -> None:
    server = serve(make_database("sqlite"))
    names = {"owner": "Ana Bell", "member": "Ben Okafor", "viewer": "Vera Lind"}
    people = {role: await sign_up(server, name, f"{role}@example.com") for role, name in names.items()}
    nobody = people["viewer"]
    team = await make_team({**people, "stranger": nobody, "nobody": nobody}, server, "simple")
    first, second, third = [(await team.task(title, state="todo"))["ref"] for title in ("First", "Second", "Third")]
    ana, ben = await live_windows(window, team)
    await ana.drag(first, "doing")
    await ben.ends_in("doing", first)
    asked, frames = replays(ben)

    server.kill()
    for one in (ana, ben):
        await expect(one.chip).to_have_attribute("data-status", "offline")
        await expect(one.chip).to_have_text(re.compile(r"^Offline since \d\d:\d\d$"))

    server.start()
    # Neither window sees this happen unless it goes on from its cursor.
    assert (await team.move(third, "done", by="member")).status_code == 200
    for one in (ana, ben):
        await one.is_live(BACK)
        await expect(one.chip).to_have_text("Live")
        await one.ends_in("done", third)
        await one.ends_in("doing", first)
    # Only what was missed was sent, once; the board was not fetched anew.
    assert [frame.count('"seq"') for frame in frames] == [1]
    assert [url for url in asked if "/api/v1/projects" in url] == []

    await ben.drag(second, "doing")
    await ana.ends_in("doing", second)
    for one in (ana, ben):
        await one.is_same_document()
    for client in people.values():
        await client.aclose()


async def test_a_window_without_network_gets_what_it_missed(window: OpenWindow, team: Team) -> None:
    refs = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(3)]
    ana, ben = await live_windows(window, team)
    await ana.context.set_offline(True)
    await expect(ana.chip).to_have_attribute("data-status", "offline")
    await ana.drag(refs[1], "done")
    assert (await team.move(refs[0], "done", by="member")).status_code == 200
    added = [(await team.task(f"While you were away {n}", by="member", state="todo"))["ref"] for n in range(40)]
    await ben.ends_in("done", refs[0])
    await expect(ben.card(added[-1])).to_be_attached()
    # Not there yet: otherwise the test would show nothing.
    await expect(ana.in_column("todo", refs[0])).to_be_visible()
    await expect(ana.card(added[0])).to_have_count(0)
    # What she did herself waits, and says so.
    await expect(ana.in_column("done", refs[1])).to_contain_text("waits to be sent")

    await ana.context.set_offline(False)
    await ana.is_live(BACK)
    await ana.ends_in("done", refs[0])
    await expect(ana.page.locator('[data-live="others"]')).to_contain_text("changes by Ben")
    for one in (ana, ben):
        await one.ends_in("done", refs[1])
        await one.has_refs("todo", [refs[2], *added])
    await ana.is_same_document()


async def test_a_session_that_ended_elsewhere_leads_to_sign_in(
    window: OpenWindow, house: Server, make_client_on: MakeClientOn, team: Team
) -> None:
    zoe = await make_client_on(house, name="Zoe Quick")
    await team.owner.post(f"{team.url}/members", json={"email": zoe.email, "role": "member"})
    one = await window(zoe)
    one.allow("401")
    await one.open_board(team.key)
    answer = await zoe.post("/api/v1/auth/logout")
    assert answer.status_code < 300, answer.text
    await expect(one.page).to_have_url(re.compile(rf"/sign-in\?next=%2Fp%2F{team.key}$"))
    await expect(one.page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_who_is_no_longer_a_member_is_told(window: OpenWindow, team: Team) -> None:
    ben = await window(team.member)
    await ben.open_board(team.key)
    removed = await team.owner.delete(f"{team.url}/members/{team.member.user['id']}")
    assert removed.status_code == 204, removed.text
    await expect(ben.page.get_by_role("alert")).to_contain_text("no longer a member")
    await expect(ben.page.locator(".board")).to_have_count(0)
    await expect(ben.page.locator(".rail").get_by_text(f"Project {team.key}")).to_have_count(0)
