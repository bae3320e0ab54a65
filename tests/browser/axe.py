"""axe-core, the accessibility engine (https://github.com/dequelabs/axe-core), run in the page as it stands."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.browser.conftest import ROOT

SOURCE = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const inWords = ({ target, any }) => `${target.join(" ")}: ${any.map((one) => one.message).join("; ")}`;
  return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 4).map(inWords) }));
}"""


async def violations(page: Page, what: str) -> list[str]:
    """What axe finds, with all of its rules; `what` is the name of the sight. Nothing may move on the page."""
    assert SOURCE.is_file(), f"{SOURCE} is missing: run `make test`, or npm ci in static/"
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(SOURCE.read_text())
    found: list[dict[str, Any]] = await page.evaluate(_RUN)
    return [f"{what}: {one['id']} ({one['help']}): {' | '.join(one['nodes'])}" for one in found]
