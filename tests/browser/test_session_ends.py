"""A session that ends while changes wait, and somebody else who signs in in the same browser."""

from __future__ import annotations

import re
from functools import partial

from playwright.async_api import async_playwright, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.test_offline import go_offline
from tests.browser.windows import BACK, Window, becomes
from tests.chromium import ARGUMENTS
from tests.clients import PASSWORD, Client, MakeClientOn, anonymous_client
from tests.needs import require
from tests.serving import Server
from tests.teams import Team

_KEPT = """async () => {
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const db = await done(indexedDB.open("taskhub"));
  const count = (name) => done(db.transaction(name).objectStore(name).count());
  const found = { boards: await count("boards"), last: await count("last"), changes: await count("changes") };
  db.close();
  return found;
}"""


async def sign_in(one: Window, email: str) -> None:
    await one.page.get_by_label("E-mail").fill(email)
    await one.page.get_by_label("Password").fill(PASSWORD)
    await one.page.get_by_role("button", name="Sign in").click()


async def cookies_of(client: Client, server: Server) -> list[dict[str, str]]:
    """The cookies of a new session of theirs."""
    async with anonymous_client(server) as fresh:
        answer = await fresh.post("/api/v1/auth/login", json={"email": client.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return [{"name": one.name, "value": one.value or "", "url": server.url} for one in fresh.cookies.jar]


async def test_what_waits_stays_for_its_person_alone(
    window: OpenWindow, house: Server, make_client_on: MakeClientOn, team: Team
) -> None:
    zoe = await make_client_on(house, name="Zoe Quick")
    await team.owner.post(f"{team.url}/members", json={"email": zoe.email, "role": "member"})
    first, second = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(2)]
    one = await window(zoe)
    one.allow("401")
    await one.open_board(team.key)
    await go_offline(one)
    await one.drag(first, "doing")
    await expect(one.chip).to_contain_text("1 change waits")
    seq = (await team.board())["seq"]
    assert (await zoe.post("/api/v1/auth/logout")).status_code == 204
    await one.context.set_offline(False)

    # Told before anything else; of what was seen nothing is left.
    ended = one.page.locator("[data-ended]")
    await expect(ended).to_contain_text("1 change of yours was not sent yet.", timeout=BACK)
    await expect(ended).to_contain_text("when Zoe Quick signs in here again")
    await expect(one.page.locator(".board")).to_have_count(0)
    await becomes(partial(one.page.evaluate, _KEPT), {"boards": 0, "last": 0, "changes": 1})
    for scheme in ("light", "dark"):
        await one.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(one.page, f"a session that ended, {scheme}") == []
    await ended.get_by_role("button", name="Sign in").click()
    await expect(one.page).to_have_url(re.compile(rf"/sign-in\?next=%2Fp%2F{team.key}$"))

    # Somebody else sees nothing of it, and does nothing of it.
    await sign_in(one, team.member.email)
    await one.is_live()
    await expect(one.in_column("todo", first)).to_be_visible()
    await expect(one.page.locator("[data-waits]")).to_have_count(0)
    await expect(one.chip).to_have_text("Live")

    # Zoe signs in beside them: this page was Ben's, and what is done on it is done by nobody else.
    await one.mark()
    await one.context.clear_cookies()
    await one.context.add_cookies(await cookies_of(zoe, house))  # type: ignore[arg-type] # a SetCookieParam is such a dict
    sent = one.page.expect_response(lambda answer: answer.url.endswith("/move") and answer.status == 200)
    async with sent, one.page.expect_navigation(url=re.compile(rf"/p/{team.key}$")):
        await one.drag(second, "done")
    # Hers goes on; his waits for him.
    await one.ends_in("doing", first)
    await one.ends_in("todo", second)
    await expect(one.chip).to_have_text("Live")
    moved = [(event["task"]["ref"], event["actor"]["name"]) for event in await team.events(seq)]
    assert moved == [(first, "Zoe Quick")]


async def test_who_goes_back_after_a_sign_out_sees_nothing(house: Server, team: Team) -> None:
    # As people have it: Playwright's own arguments let Chromium keep no page for who goes back.
    kept = ["--disable-back-forward-cache"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=require("chromium"), args=ARGUMENTS, ignore_default_args=kept
        )
        context = await browser.new_context(locale="en-US")
        await context.add_cookies(await cookies_of(team.member, house))  # type: ignore[arg-type] # as above
        page = await context.new_page()
        await page.goto(f"{house.url}/p/{team.key}")
        await expect(page.locator(".board")).to_be_visible()
        other = await context.new_page()
        await other.goto(f"{house.url}/p/{team.key}")
        await expect(other.locator(".board")).to_be_visible()
        # One left the page before, one signs out on it.
        await other.goto(f"{house.url}/healthz")
        await page.locator(".rail-me").click()
        await page.get_by_role("menuitem", name="Sign out").click()
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        for back in (page, other):
            await back.evaluate("history.back()")
            await expect(back).to_have_url(re.compile(rf"/sign-in\?next=.*{team.key}$"))
        # Kept by Chromium it was asked for anew; not shown, to find out then that nobody is signed in.
        assert await page.evaluate("performance.getEntriesByType('navigation')[0].type") in ("reload", "back_forward")
        await browser.close()
