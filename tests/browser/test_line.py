"""The line is lost and found: the server is killed, a window loses its network, a session ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, Window
from tests.clients import Client, MakeClientOn
from tests.databases import MakeDatabase
from tests.serving import Serve, Server
from tests.teams import Team


@dataclass
class Place:
    """A project on a server of the test's own, with Ana and Ben in it."""

    server: Server
    ana: Client
    ben: Client
    refs: list[str]
    key: str = "OWN"

    async def move(self, ref: str, state: str) -> None:
        """Ben moves a card, not in a window but by the API."""
        answer = await self.ben.post(f"/api/v1/tasks/{ref}/move", json={"state": state})
        assert answer.status_code == 200, answer.text

    async def add(self, title: str) -> str:
        """Ben adds a task by the API; its reference."""
        answer = await self.ben.post(f"/api/v1/projects/{self.key}/tasks", json={"title": title, "state": "todo"})
        assert answer.status_code == 201, answer.text
        ref: str = answer.json()["ref"]
        return ref


@pytest.fixture
async def place(serve: Serve, make_database: MakeDatabase, make_client_on: MakeClientOn) -> Place:
    """Three tasks to do, on a server that the test may kill."""
    server = serve(make_database("sqlite"))
    ana = await make_client_on(server, name="Ana Bell")
    ben = await make_client_on(server, name="Ben Okafor")
    made = await ana.post("/api/v1/projects", json={"key": "OWN", "name": "Our own", "template": "simple"})
    assert made.status_code == 201, made.text
    await ana.post("/api/v1/projects/OWN/members", json={"email": ben.email, "role": "member"})
    place = Place(server, ana, ben, [])
    place.refs = [await place.add(title) for title in ("First", "Second", "Third")]
    return place


def cut_off(one: Window) -> None:
    """Say that this window will lose its line."""
    one.allow_no_line()


async def test_both_windows_outlive_a_killed_server(window: OpenWindow, place: Place) -> None:
    ana, ben = await window(place.ana, place.server), await window(place.ben, place.server)
    for one in (ana, ben):
        cut_off(one)
        await one.open_board(place.key)
        await one.mark()
    first, second, third = place.refs
    await ana.drag(first, "doing")
    await ben.ends_in("doing", first)

    place.server.kill()
    for one in (ana, ben):
        await expect(one.chip).to_have_attribute("data-status", "offline")
        await expect(one.chip).to_have_text(re.compile(r"^Offline since \d\d:\d\d$"))

    # What is done meanwhile is taken back with its reason, not lost in silence.
    await ana.drag(second, "done")
    await expect(ana.toast).to_contain_text("The server can't be reached; nothing was changed.")
    await ana.ends_in("todo", second)

    place.server.start()
    # Others were faster: this is in neither window, and no frame will bring it but those after the cursor.
    await place.move(third, "done")
    for one in (ana, ben):
        await one.is_live(BACK)
        await expect(one.chip).to_have_text("Live")
        await one.ends_in("done", third)
        await one.ends_in("doing", first)

    await ben.drag(second, "doing")
    await ana.ends_in("doing", second)
    for one in (ana, ben):
        await one.is_same_document()


async def test_a_window_without_network_gets_what_it_missed(window: OpenWindow, place: Place) -> None:
    ana, ben = await window(place.ana, place.server), await window(place.ben, place.server)
    cut_off(ana)
    for one in (ana, ben):
        await one.open_board(place.key)
        await one.mark()

    await ana.context.set_offline(True)
    await expect(ana.chip).to_have_attribute("data-status", "offline")
    await place.move(place.refs[0], "done")
    added = [await place.add(f"While you were away {n}") for n in range(40)]
    await ben.ends_in("done", place.refs[0])
    await expect(ben.card(added[-1])).to_be_attached()
    # Not there yet: otherwise the test would show nothing.
    await expect(ana.in_column("todo", place.refs[0])).to_be_visible()
    await expect(ana.card(added[0])).to_have_count(0)

    await ana.context.set_offline(False)
    await ana.is_live(BACK)
    await ana.ends_in("done", place.refs[0])
    assert await ana.refs("todo") == await ben.refs("todo") == [*place.refs[1:], *added]
    await ana.is_same_document()


async def test_only_what_was_missed_is_sent_again(window: OpenWindow, place: Place) -> None:
    ana = await window(place.ana, place.server)
    cut_off(ana)
    await ana.open_board(place.key)
    frames: list[str] = []
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    ana.page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    place.server.kill()
    await expect(ana.chip).to_have_attribute("data-status", "offline")
    place.server.start()
    await place.move(place.refs[0], "doing")
    await ana.is_live(BACK)
    await ana.ends_in("doing", place.refs[0])
    replayed = [frame for frame in frames if '"events"' in frame]
    assert len(replayed) == 1
    assert replayed[0].count('"type"') == 1
    assert not [url for url in asked if url.endswith("/board")], "the board was fetched anew, not continued"


async def test_a_session_that_ended_elsewhere_leads_to_sign_in(window: OpenWindow, place: Place) -> None:
    ana = await window(place.ana, place.server)
    await ana.open_board(place.key)
    answer = await place.ana.post("/api/v1/auth/logout")
    assert answer.status_code < 300, answer.text
    await expect(ana.page).to_have_url(re.compile(r"/sign-in\?next=%2Fp%2FOWN$"))
    await expect(ana.page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_who_is_no_longer_a_member_is_told(window: OpenWindow, team: Team) -> None:
    ben = await window(team.member)
    await ben.open_board(team.key)
    removed = await team.owner.delete(f"{team.url}/members/{team.member.user['id']}")
    assert removed.status_code == 204, removed.text
    await expect(ben.page.get_by_role("alert")).to_contain_text("no longer a member")
    await expect(ben.page.locator(".board")).to_have_count(0)
    await expect(ben.page.locator(".rail").get_by_text(f"Project {team.key}")).to_have_count(0)
