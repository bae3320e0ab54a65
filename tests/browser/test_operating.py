"""What people see of the operator's side: the self-test of a blocked line, and the examination of the instance."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import PHONE
from tests.teams import Team

#: As behind a proxy that takes no WebSockets.
_NO_SOCKETS = """
globalThis.WebSocket = class {
  readyState = 0;
  constructor() { setTimeout(() => { this.readyState = 3; this.onclose?.({ code: 1006 }); }, 20); }
  send() {}
  close() {}
};
"""


async def test_a_blocked_line_is_tried_and_explained(window: OpenWindow, team: Team) -> None:
    ben = await window(team.member, reduced_motion="reduce")
    await ben.context.add_init_script(_NO_SOCKETS)
    await ben.open_board(team.key)
    await expect(ben.chip).to_have_attribute("data-via", "stream", timeout=25_000)
    await ben.page.locator(".rail").get_by_role("button", name="Test the connection").click()
    dialog = ben.page.get_by_role("dialog", name="Connection")
    told = dialog.locator("[data-verdict]")
    await expect(told).to_have_attribute("data-verdict", "onlyStreams", timeout=20_000)
    for way, outcome in (("http", "good"), ("stream", "good"), ("socket", "none")):
        await expect(dialog.locator(f'[data-way="{way}"]')).to_have_attribute("data-outcome", outcome)
    await expect(dialog.get_by_role("status")).to_contain_text("WebSockets are blocked")
    assert await violations(ben.page, "self-test") == []
    await ben.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(ben.page.locator(".rail").get_by_role("button", name="Test the connection")).to_be_focused()
    # The examination is not for members.
    await ben.go("/admin/doctor")
    await expect(ben.page.get_by_text("There is nothing at this address.")).to_be_visible()
    await expect(ben.page.get_by_role("button", name="Examine now")).to_have_count(0)


async def test_an_administrator_examines_the_instance(window: OpenWindow, team: Team) -> None:
    ana = await window(
        team.owner, viewport=PHONE, color_scheme="dark", locale="zh-CN", reduced_motion="reduce", has_touch=True
    )
    await ana.go("/")
    menu = ana.page.get_by_role("menu")
    await ana.page.locator(".bottom-bar").get_by_role("button").last.click()
    await expect(menu.get_by_text("测试连接")).to_be_visible()
    await menu.get_by_text("检查此实例").click()
    await ana.page.get_by_role("button", name="立即检查").click()
    # SQLite of the tests, without a public address.
    await expect(ana.page.locator('[data-code="log.good"]')).to_contain_text("完整无缺", timeout=60_000)
    await expect(ana.page.locator('[data-level="warning"] [data-code="configuration.no_address"]')).to_be_visible()
    await expect(ana.page.get_by_role("main").get_by_role("status")).to_contain_text("个警告")
    assert await violations(ana.page, "examination") == []
    width = await ana.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    # At once again it is refused, in words.
    ana.allow("status of 429")
    await ana.page.get_by_role("button", name="重新检查").click()
    await expect(ana.page.get_by_role("alert")).to_be_visible()
    await expect(ana.page.locator('[data-code="log.good"]')).to_be_visible()
