"""Coming in by an invite's link, without script: on a phone in the dark, and in Chinese."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_languages import english
from tests.browser.windows import PHONE, Window
from tests.clients import PASSWORD
from tests.teams import Team

PHONE_IN_THE_DARK: dict[str, Any] = {"viewport": PHONE, "color_scheme": "dark", "java_script_enabled": False}


async def link(team: Team, **body: Any) -> str:
    answer = await team.owner.post("/api/v1/invites", json={"project": team.key, **body})
    assert answer.status_code == 201
    return urlsplit(str(answer.json()["url"])).path


async def fits(one: Window) -> None:
    """Nothing reaches beyond the phone's edge."""
    for element in await one.page.locator("h1, p, input:not([type=hidden]), button, a").all():
        box = await element.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


async def test_a_guest_registers_on_a_phone_without_script(window: OpenWindow, team: Team) -> None:
    guest = await window(**PHONE_IN_THE_DARK)
    await guest.page.goto(guest.server.url + await link(team))
    await expect(guest.page.get_by_role("heading", level=1)).to_have_text(f"Join {team.project['name']}")
    await fits(guest)
    await guest.page.get_by_label("Your name").fill("Gil Guest")
    await guest.page.get_by_label("E-mail").fill(f"gil.{team.key}@example.com")
    await guest.page.get_by_label("Password").fill(PASSWORD)
    await guest.page.get_by_role("button", name="Create account").click()
    await expect(guest.page).to_have_url(re.compile(f"/p/{team.key}$"))
    assert "Gil Guest" in [member["name"] for member in (await team.board())["members"]]


async def test_who_is_signed_in_joins_on_a_phone_without_script(window: OpenWindow, team: Team) -> None:
    sam = await window(team.stranger, **PHONE_IN_THE_DARK)
    path = await link(team, role="viewer")
    await sam.page.goto(sam.server.url + path)
    await fits(sam)
    await sam.page.get_by_role("button", name="Join").click()
    await expect(sam.page).to_have_url(re.compile(f"/p/{team.key}$"))
    assert (await team.stranger.get(team.url)).json()["role"] == "viewer"
    sam.allow("status of 422")
    await sam.page.goto(sam.server.url + path + "x")
    await expect(sam.page.get_by_role("heading", level=1)).to_have_text("This invite is no longer good")
    await fits(sam)


@pytest.mark.parametrize("signed_in", [True, False])
async def test_an_invite_in_chinese_is_whole_and_accessible(window: OpenWindow, team: Team, signed_in: bool) -> None:
    one = await window(team.stranger if signed_in else None, locale="zh-CN", color_scheme="dark")
    known = [team.project["name"], "Ana Bell", "Sam Stone", team.stranger.email, "mia@example.com"]
    one.allow("status of 422")
    for path in (await link(team), await link(team, email="mia@example.com"), "/invite/none"):
        await one.go(path)
        assert await english(one, *known) == []
        assert await violations(one.page, path) == []
