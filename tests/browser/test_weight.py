"""What a first visit weighs, and what the policy on content says."""

from __future__ import annotations

import gzip

from playwright.async_api import Response, expect

from tests.browser.conftest import OpenWindow
from tests.teams import Team

MOST = 80 * 1024


async def test_scripts_and_styles_of_a_first_visit(window: OpenWindow, team: Team) -> None:
    await team.task("A task", state="todo")
    ana = await window(team.owner)
    seen: list[Response] = []
    ana.page.on("response", lambda response: seen.append(response))
    await ana.open_board(team.key)
    await expect(ana.page.locator(".board [data-ref]")).to_have_count(1)
    weights = {
        one.url: len(gzip.compress(await one.body(), 6))
        for one in seen
        if one.request.resource_type in ("script", "stylesheet")
    }
    assert {url.rsplit(".", 1)[-1] for url in weights} == {"js", "css"}
    assert sum(weights.values()) < MOST, weights
    # What is drawn first stands in the page.
    assert [one.url for one in seen if "/api/" in one.url] == []
    # Everything came from TaskHub itself.
    assert {one.url for one in seen if not one.url.startswith(ana.server.url)} == set()


async def test_foreign_code_is_stopped(window: OpenWindow, team: Team) -> None:
    """The policy works, and the windows of these tests would notice a violation."""
    ana = await window(team.owner)
    await ana.open_board(team.key)
    ana.allow("Content Security Policy|CSP: ")
    async with ana.page.expect_console_message(lambda message: message.text.startswith("CSP: img-src")):
        await ana.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.__ran = 1";
              document.body.append(script);
              const image = new Image();
              image.src = "https://example.com/pixel.png";
              document.body.append(image);
            }"""
        )
    assert await ana.page.evaluate("window.__ran") is None
