"""English and Simplified Chinese: whole, switched without losing one's place, and in the words people write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import Window
from tests.clients import PASSWORD
from tests.teams import Team

#: What stands in Latin letters in a Chinese page, too.
SAME = {"TaskHub", "Markdown", "Ctrl", "Shift", "Enter", "Esc", "UTC", "English", "API", "Language"}
_TEXTS = """() => {
  const texts = [document.title];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("script, noscript, style, [lang=en], .avatar > [aria-hidden]")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) texts.push(node.getAttribute(name) ?? "");
    for (const child of node.childNodes) if (child.nodeType === 3) texts.push(child.data);
  }
  return texts.map((text) => text.trim()).filter(Boolean);
}"""


async def english(one: Window, *known: str) -> list[str]:
    """Texts of the page with a Latin word in them that is not one of `known`, which people wrote."""
    texts: list[str] = await one.page.evaluate(_TEXTS)
    assert len(texts) > 5
    found = []
    for text in texts:
        rest = text
        for word in sorted(known, key=len, reverse=True):
            rest = rest.replace(word, "")
        if set(re.findall(r"[A-Za-z]{2,}", rest)) - SAME:
            found.append(text)
    return found


def written(team: Team, board: dict[str, Any]) -> list[str]:
    """What people wrote on this board, and its key."""
    states = [state["name"] for state in board["workflow"]["states"]]
    people = [member["name"] for member in board["members"]]
    first = [name.split()[0] for name in people]
    return [team.key, team.project["name"], *states, *people, *first, *(task["title"] for task in board["tasks"])]


async def test_chinese_is_whole(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    late = datetime.now(UTC).date() - timedelta(days=5)
    ref = (await team.task("联系页面", state="todo", priority="urgent", due=str(late), description="说明"))["ref"]
    await team.task("价格表", state="todo", assignees=[team.owner.user["id"]])
    said = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "看起来不错"})
    assert said.status_code == 201
    known = [*written(team, await team.board()), team.owner.email]

    out = await window(locale="zh-CN")
    for path in ("/sign-in", "/register"):
        await out.go(path)
        assert await english(out) == []
    out.allow("status of 404")
    await out.go("/nothing")
    assert await english(out) == []

    ana = await window(team.owner, locale="zh-CN")
    await ana.open_board(team.key)
    await expect(ana.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(ana.chip).to_have_text("实时")
    assert await english(ana, *known, *await other_projects(team)) == []

    await ana.take(ref)
    await expect(ana.column("done").locator(".column-why")).to_be_visible()
    assert await english(ana, *known, *await other_projects(team)) == []
    await ana.page.keyboard.press("Escape")
    await ana.page.mouse.up()

    await ana.card(ref).click()
    await expect(ana.panel.locator(".comment .prose")).to_be_visible()
    await expect(ana.field("due")).to_contain_text(re.compile(r"日，\d天前"))
    await ana.field("state").get_by_role("button").click()
    assert await english(ana, *known, *await other_projects(team)) == []
    await ana.page.keyboard.press("Escape")
    await ana.panel.locator(".description-edit").click()
    assert await english(ana, *known, *await other_projects(team)) == []
    await ana.page.keyboard.press("Escape")

    await ana.go(f"/p/{team.key}/dashboard")
    await expect(ana.page.get_by_role("heading", name="累积流图")).to_be_visible()
    await ana.page.get_by_role("button", name="计算方式：预测").click()
    assert await english(ana, *known, *await other_projects(team)) == []


async def other_projects(team: Team) -> list[str]:
    """The names and keys of the projects in the rail."""
    items = (await team.owner.get("/api/v1/projects", params={"limit": 200})).json()["items"]
    return [text for project in items for text in (project["name"], project["key"])]


async def test_the_language_is_switched_in_place(window: OpenWindow, team: Team) -> None:
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await ana.page.locator(".rail-me").click()
    await ana.page.get_by_role("menuitemradio", name="简体中文").click()
    await expect(ana.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(ana.page).to_have_url(re.compile(f"/p/{team.key}$"))
    await ana.is_live()
    await expect(ana.page.get_by_role("button", name="新建任务")).to_be_visible()
    await ana.page.locator(".rail-me").click()
    await ana.page.get_by_role("menuitemradio", name="English").click()
    await expect(ana.page.locator("html")).to_have_attribute("lang", "en")
    await expect(ana.page.get_by_role("button", name="New task")).to_be_visible()


async def test_sign_in_in_chinese(window: OpenWindow, team: Team) -> None:
    one = await window()
    await one.go("/sign-in")
    await one.page.get_by_role("link", name="简体中文").click()
    await one.page.get_by_label("电子邮箱").fill(team.viewer.email)
    await one.page.get_by_label("密码").fill(PASSWORD)
    await one.page.get_by_role("button", name="登录").click()
    await expect(one.page.get_by_role("heading", name="总览", level=1)).to_be_visible()


async def test_a_project_with_a_chinese_name(window: OpenWindow, team: Team) -> None:
    key = f"{team.key}ZH"
    sam = await window(team.stranger)
    await sam.go("/")
    await sam.page.locator(".rail").get_by_role("button", name="New project").click()
    form = sam.page.get_by_role("dialog")
    await form.get_by_label("Name").fill("网站改版")
    # No key can be guessed from this name: it is asked for, not invented.
    await expect(form.get_by_label("Key")).to_have_value("")
    await form.get_by_label("Key").fill(key.lower())
    await form.get_by_role("button", name="Create project").click()
    await expect(sam.page.get_by_role("heading", name="网站改版", level=1)).to_be_visible()
    await expect(sam.page.locator(".rail .tile").filter(has_text="网")).to_be_visible()
    await sam.page.get_by_role("button", name="Write the first task").click()
    box = sam.page.get_by_role("textbox", name="Title of the new task")
    await box.fill("迁移旧博客文章 📦")
    await box.press("Enter")
    await expect(sam.page.locator(f'[data-ref="{key}-1"] .card-title')).to_have_text("迁移旧博客文章 📦")
