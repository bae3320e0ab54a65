"""What axe does not see: a ring around each place that the keyboard reaches, also where the system chooses the colours;
nothing beside a narrow window; nothing that moves for who asked for rest."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_axe import fill
from tests.browser.windows import Window
from tests.teams import Team

FORCED: dict[str, Any] = {"forced_colors": "active", "reduced_motion": "reduce"}
#: 1280 pixels at a zoom of 400 %, as WCAG's reflow (1.4.10) has it.
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"}

#: Each place that Tab reaches on the page, in order: its name, and whether an outline is drawn around it or its row.
_FOCUSED = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const ringed = [at, at.closest("li"), at.closest(".composer")].some((one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  });
  const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? (at.textContent || at.placeholder || "");
  return { name: `${at.className} ${name.trim().slice(0, 40)}`, ringed };
}"""
_BESIDE = """() => ["body", "main", ".page-body", ".settings-body", ".panel-body", ".bar", ".row-main"]
  .flatMap((part) => [...document.querySelectorAll(part)])
  .filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => `${one.className || one.tagName}: ${one.scrollWidth} in ${one.clientWidth}`)"""
_MOVING = """() => document.getAnimations().map((one) => one.animationName ?? one.transitionProperty)"""
MOST_STOPS = 60
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsleiterbüro"


async def stops(one: Window) -> list[str]:
    """Press Tab through the page; the places that it comes to. Each must show that it has the focus."""
    await one.page.evaluate("document.activeElement.blur()")
    names: list[str] = []
    for _ in range(MOST_STOPS):
        await one.page.keyboard.press("Tab")
        found = await one.page.evaluate(_FOCUSED)
        if found is None or found["name"] in names[:1]:
            return names
        assert found["ringed"], f"nothing shows that the focus is on: {found['name']}"
        names.append(found["name"])
    return names


async def skip(one: Window) -> None:
    """Go past the rail, which may have many projects."""
    await one.page.keyboard.press("Tab")
    await expect(one.page.get_by_role("button", name="Skip to the content")).to_be_focused()
    await one.page.keyboard.press("Enter")
    await expect(one.page.locator("main")).to_be_focused()


async def test_focus_shows_in_colours_of_the_system(window: OpenWindow, strict_team: Team) -> None:
    ref = await fill(strict_team)
    ana = await window(strict_team.owner, **FORCED)
    await ana.open_board(strict_team.key)
    await skip(ana)
    assert any(name.startswith("card ") for name in await stops(ana))

    await ana.page.get_by_role("button", name="New task").click()
    await expect(ana.page.locator(".composer-text")).to_be_focused()
    assert (await ana.page.evaluate(_FOCUSED))["ringed"]
    await ana.page.keyboard.press("Escape")

    await ana.card(ref).click()
    await expect(ana.panel.locator(".comment .prose code")).to_be_visible()
    await ana.field("state").locator("button").first.focus()
    await ana.page.keyboard.press("Enter")
    await expect(ana.page.get_by_role("menuitemradio").first).to_be_visible()
    at = await ana.page.evaluate(_FOCUSED)
    assert at["ringed"], at
    await ana.page.keyboard.press("Escape")
    # Out of a task no Tab leads: the board behind it is not to be reached.
    found = await stops(ana)
    assert any("comment-input" in name for name in found), found
    assert not any("rail" in name or "card" in name.split() for name in found)

    await ana.go(f"/p/{strict_team.key}/settings/workflow")
    await expect(ana.page.locator(".matrix-box").first).to_be_visible()
    # Until then the banner may come and go, and take the focus with it.
    await ana.is_live()
    await skip(ana)
    found = await stops(ana)
    assert any("matrix-box" in name for name in found), found


async def test_a_narrow_window_shows_everything_and_nothing_moves(window: OpenWindow, strict_team: Team) -> None:
    ref = await fill(strict_team)
    made = await strict_team.owner.post(f"{strict_team.url}/labels", json={"name": LONG[:50], "color": "red"})
    assert made.status_code == 201, made.text
    await strict_team.task(LONG, assignees=[strict_team.owner.user["id"]], labels=[made.json()["id"]], state="backlog")
    ana = await window(strict_team.owner, **NARROW)
    key, found = strict_team.key, []
    for path, sight in {
        f"/p/{key}": ".card",
        f"/p/{key}/t/{ref.split('-')[1]}": ".comment",
        f"/p/{key}/settings/members": ".row",
        f"/p/{key}/settings/labels": ".add-line",
        f"/p/{key}/settings/workflow": ".steps",
        "/mine": ".mine-row",
        "/": ".project",
        "/import": ".drop",
    }.items():
        await ana.go(path)
        await expect(ana.page.locator(sight).first).to_be_visible()
        found += [f"{path}: {one} is too wide" for one in await ana.page.evaluate(_BESIDE)]
        found += [f"{path}: {one} moves" for one in await ana.page.evaluate(_MOVING)]
    assert not found, "\n".join(found)
