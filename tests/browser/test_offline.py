"""Without a line: what was done waits, what was seen is there, and what comes back refused is not lost."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenWindow
from tests.browser.windows import BACK, PHONE, Window, is_now
from tests.databases import MakeDatabase
from tests.serving import Serve, Server
from tests.teams import Team, sign_up

#: Lets what waits be a day older. The right to send is held until this document goes: none of its tries is on its
#: way, or drops what it finds too old before the next document can.
_A_DAY_AGO = """async (user) => {
  await new Promise((held) => navigator.locks.request(`taskhub.queue.${user}`, () => new Promise(() => held())));
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const db = await done(indexedDB.open("taskhub"));
  const store = db.transaction("changes", "readwrite").objectStore("changes");
  for (const row of await done(store.getAll())) {
    await done(store.put({ ...row, change: { ...row.change, at: row.change.at - 25 * 3600e3 } }));
  }
  db.close();
}"""
_KEPT_ADDRESSES = """async () => {
  const all = [];
  for (const name of await caches.keys()) all.push(...(await (await caches.open(name)).keys()).map((one) => one.url));
  return all;
}"""


async def go_offline(one: Window) -> None:
    """Take the network away once the app's files are kept, and wait until the window has noticed."""
    await worker_is_ready(one.page)
    one.allow_no_line()
    await one.context.set_offline(True)
    await expect(one.chip).to_have_attribute("data-status", "offline")


async def back(one: Window) -> None:
    await one.context.set_offline(False)
    await one.is_live(BACK)


async def write_task(one: Window, title: str) -> None:
    """Make a task with the button of the bar, and close its card."""
    await one.page.get_by_role("button", name="New task").first.click()
    box = one.page.get_by_role("textbox", name="Title of the new task")
    await box.fill(title)
    await box.press("Enter")
    await box.press("Escape")


async def close_panel(one: Window) -> None:
    await one.panel.get_by_role("button", name="Close", exact=True).click()
    await expect(one.panel).to_have_count(0)


async def worker_is_ready(page: Page) -> None:
    """Wait until the service worker has its files, and the page."""
    await page.evaluate(
        """() => new Promise((ready) => {
          const { serviceWorker } = navigator;
          if (serviceWorker.controller) ready();
          else serviceWorker.addEventListener("controllerchange", () => ready());
        })"""
    )


async def events_after(team: Team, seq: int) -> list[tuple[str, str]]:
    return [(event["type"], event["task"]["ref"]) for event in await team.events(seq)]


async def test_what_is_done_offline_waits_outlives_the_page_and_is_sent_in_order(
    window: OpenWindow, team: Team
) -> None:
    first, second, third = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(3)]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await go_offline(ana)
    seq = (await team.board())["seq"]

    await ana.drag(first, "doing")
    await expect(ana.card(first).locator("[data-waits]")).to_have_text("Moved by you, waits to be sent")
    await ana.card(second).click()
    await ana.field("title").click()
    title = ana.panel.get_by_role("textbox", name="Title")
    await title.fill("Written on the train")
    await title.press("Enter")
    await ana.comment("Said on the train")
    await expect(ana.panel.locator('[data-waits="comment"]')).to_contain_text("Said on the train")
    await expect(ana.comment_box).to_have_value("")
    await close_panel(ana)
    await write_task(ana, "Made on the train")
    made = ana.column("todo").locator('[data-ref^="new:"]')
    await expect(made).to_contain_text("Made by you, waits to be sent")
    await ana.drag((await made.get_attribute("data-ref")) or "", "done")
    # It can be opened and edited before it has a number.
    await ana.column("done").locator('[data-ref^="new:"]').click()
    await ana.choose("priority", "high")
    await close_panel(ana)
    await expect(ana.chip).to_contain_text("6 changes wait")
    # While nobody hears of it, somebody else goes on.
    await team.move(third, "done", by="member")

    # The page is loaded anew without a line: the app, the board and what waits are there.
    await ana.page.reload()
    await expect(ana.in_column("doing", first)).to_be_visible()
    await expect(ana.card(second)).to_contain_text("Written on the train")
    await expect(ana.column("done").locator('[data-ref^="new:"]')).to_be_visible()
    await expect(ana.in_column("todo", third)).to_be_visible()
    await expect(ana.chip).to_have_attribute("data-status", "offline")
    await expect(ana.chip).to_contain_text("6 changes wait")

    await ana.column("done").locator('[data-ref^="new:"]').click()
    await expect(ana.panel).to_contain_text("Made on the train")
    await back(ana)
    # The address follows it when it has its number.
    await expect(ana.page).to_have_url(re.compile(rf"/p/{team.key}/t/4$"))
    await expect(ana.panel.locator(".panel-ref")).to_have_text(f"{team.key}-4")
    await close_panel(ana)
    await expect(ana.page.locator("[data-waits]")).to_have_count(0)
    await ana.ends_in("done", third)
    new = f"{team.key}-4"
    await ana.ends_in("done", new)
    assert await events_after(team, seq + 1) == [
        ("task.moved", first),
        ("task.edited", second),
        ("comment.created", second),
        ("task.created", new),
        ("task.moved", new),
        ("task.edited", new),
    ]
    assert (await team.owner.get(f"/api/v1/tasks/{new}")).json()["priority"] == "high"
    await expect(ana.chip).to_have_text("Live")


async def test_what_is_refused_comes_back_with_its_reason_and_the_text(window: OpenWindow, strict_team: Team) -> None:
    team = strict_team
    full, written = [(await team.task(f"Task {n}", state="todo"))["ref"] for n in range(2)]
    lost, lost_too = [(await team.task(f"Of Ben’s {n}", by="member", state="todo"))["ref"] for n in range(2)]
    # Long enough that where the two differ is not at their beginning.
    long = "What somebody else wrote as well, and nobody has to read twice to find the place: "
    ana = await window(team.owner)
    ana.allow("409|404")
    await ana.open_board(team.key)
    await go_offline(ana)
    await ana.drag(full, "doing")
    await ana.card(written).click()
    await ana.field("title").click()
    title = ana.panel.get_by_role("textbox", name="Title")
    await title.fill(f"{long}as Ana has it")
    await title.press("Enter")
    await close_panel(ana)
    await ana.card(lost).click()
    await ana.comment("Keep it: I have three of them")
    await close_panel(ana)
    await ana.card(lost_too).click()
    await ana.panel.get_by_role("button", name="More", exact=True).click()
    await ana.page.get_by_role("menuitem", name="Delete task").click()
    await expect(ana.card(lost_too)).to_have_count(0)
    await write_task(ana, "Nobody is in the way of this")
    await expect(ana.chip).to_contain_text("5 changes wait")

    others = [(await team.task(f"Other {n}", state="todo"))["ref"] for n in range(4)]
    for ref in others:
        assert (await team.move(ref, "doing", by="member")).status_code == 200
    answer = await team.member.patch(f"/api/v1/tasks/{written}", json={"title": f"{long}as Ben has it"})
    assert answer.status_code == 200, answer.text
    for ref in (lost, lost_too):
        assert (await team.member.delete(f"/api/v1/tasks/{ref}")).status_code == 204
    await back(ana)

    told = ana.page.locator("[data-refusals]").first
    # Of the two that are gone only one had to be there.
    await expect(told).to_contain_text("3 changes of yours were refused.")
    await ana.ends_in("todo", full)
    await expect(ana.card(written)).to_contain_text("as Ben has it")
    await expect(ana.page.locator('.board [data-ref^="new:"]')).to_have_count(0)
    # They outlive the page.
    await ana.open_board(team.key)
    await told.get_by_role("button", name="Show").click()
    listed = ana.page.get_by_role("dialog", name="These changes were refused")
    move, edit = listed.locator('[data-refused="move"]'), listed.locator('[data-refused="edit"]')
    await expect(move).to_contain_text(re.compile(f"Move of {full} to .*takes 4|Move of {full} to .*full", re.DOTALL))
    await expect(edit.get_by_role("definition")).to_have_text(
        [re.compile("^… .* find the place: as Ana has it$"), re.compile("^… .* find the place: as Ben has it$")]
    )
    await expect(edit.locator("mark")).to_have_text(["Ana", "Ben"])
    await expect(edit).to_contain_text("Somebody else changed the same")
    for scheme in ("light", "dark"):
        await ana.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(ana.page, f"what was refused, {scheme}") == []
    await move.get_by_role("button", name="Discard").click()
    await expect(move).to_have_count(0)
    # What is about a task that is gone says who took it away, and waits until it is back.
    said = listed.locator('[data-refused="comment"]')
    await expect(said).to_contain_text(f"Ben deleted {lost}")
    await expect(said).to_contain_text("Keep it: I have three of them")
    await expect(said.get_by_role("button")).to_have_text(["Discard", "Copy text", f"Restore {lost}"])
    await said.get_by_role("button", name=f"Restore {lost}").click()
    again = said.get_by_role("button", name="Try again")
    await expect(again).to_be_focused()
    await again.click()
    await expect(said).to_have_count(0)
    async with ana.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await edit.get_by_role("button", name="Keep mine").click()
    await expect(listed).to_have_count(0)
    await expect(ana.card(written)).to_contain_text("as Ana has it")
    await expect(told).to_have_count(0)
    await is_now(team, written, title=f"{long}as Ana has it")
    comments = (await team.owner.get(f"/api/v1/tasks/{lost}/comments")).json()["items"]
    assert [one["body"] for one in comments] == ["Keep it: I have three of them"]


async def test_what_waited_for_more_than_a_day_is_dropped_loudly(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("A task", state="todo"))["ref"]
    ana = await window(team.owner)
    await ana.open_board(team.key)
    await go_offline(ana)
    await ana.drag(ref, "done")
    await expect(ana.card(ref).locator("[data-waits]")).to_be_visible()
    await ana.page.evaluate(_A_DAY_AGO, team.owner.user["id"])
    # Opened anew: it is said before the line is there.
    await ana.page.reload(wait_until="commit")
    await ana.told("It waited for more than a day")
    await ana.context.set_offline(False)
    await expect(ana.page.locator("[data-refusals]").first).to_contain_text("1 change of yours was dropped")
    await ana.is_live(BACK)
    await ana.ends_in("todo", ref)


async def test_a_server_that_stops_with_changes_on_their_way(
    window: OpenWindow, serve: Serve, make_database: MakeDatabase
) -> None:
    server = serve(make_database("sqlite"))
    ana_client = await sign_up(server, "Ana Bell", "ana@example.com")
    people: dict[str, Any] = dict.fromkeys(("owner", "member", "viewer", "stranger", "nobody"), ana_client)
    answer = await ana_client.post("/api/v1/projects", json={"key": "OFF", "name": "Away"})
    assert answer.status_code == 201, answer.text
    team = Team(server, **people, key="OFF", url="/api/v1/projects/OFF")
    ref = (await team.task("A task", state="todo"))["ref"]
    ana = await window(ana_client, server, viewport=PHONE)
    ana.allow_no_line()
    ana.allow("50[234]")
    await ana.go("/p/OFF")
    await expect(ana.card(ref)).to_be_visible()
    await worker_is_ready(ana.page)
    server.kill()
    await expect(ana.page.locator(".banner")).to_contain_text("Offline since")
    await write_task(ana, "While it was away")
    await expect(ana.page.locator(".banner")).to_contain_text("1 change waits and will be sent.")
    server.start()
    await ana.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(ana.card("OFF-2")).to_contain_text("While it was away", timeout=BACK)
    await expect(ana.page.locator(".banner")).to_have_count(0, timeout=BACK)
    await ana_client.aclose()


async def test_signing_out_forgets_and_asks_first(window: OpenWindow, house: Server, team: Team) -> None:
    vera = await sign_up(house, "Vera Moss", f"vera-{team.key.lower()}@example.com")
    await team.owner.post(f"{team.url}/members", json={"email": vera.email, "role": "member"})
    ref = (await team.task("A task", state="todo"))["ref"]
    one = await window(vera)
    await one.open_board(team.key)
    await go_offline(one)
    await one.drag(ref, "done")
    await expect(one.chip).to_contain_text("1 change waits")
    await one.page.locator(".rail-me").click()
    await one.page.get_by_role("menuitem", name="Sign out").click()
    asked = one.page.get_by_role("dialog", name="Sign out and lose what was not sent?")
    await asked.get_by_role("button", name="Stay").click()
    await expect(asked).to_have_count(0)
    await one.context.set_offline(False)
    await one.is_live(BACK)
    await expect(one.page.locator("[data-waits]")).to_have_count(0)
    await one.go(f"/p/{team.key}/t/{ref.partition('-')[2]}")
    await expect(one.panel.locator(".line").first).to_be_visible()
    await one.is_answered()
    await one.panel.get_by_role("textbox", name="Comment").fill("Never sent")
    await one.page.keyboard.press("Escape")
    await one.page.keyboard.press("Escape")
    await one.page.locator(".rail-me").click()
    await one.page.get_by_role("menuitem", name="Sign out").click()
    await expect(asked).to_contain_text("1 change or text was not sent yet")
    await asked.get_by_role("button", name="Sign out").click()
    await expect(one.page.get_by_role("button", name="Sign in")).to_be_visible()
    # What is left in the browser tells nothing of them, and the page for no line shows nothing.
    await one.context.set_offline(True)
    await one.go(f"/p/{team.key}")
    await expect(one.page.locator("#app .app")).to_be_visible()
    await expect(one.page.locator(".board [data-ref]")).to_have_count(0)
    await expect(one.page.get_by_text("Vera")).to_have_count(0)
    kept = await one.page.evaluate(_KEPT_ADDRESSES)
    assert not [url for url in kept if "/api/" in url or "/p/" in url]
    stored = await one.page.evaluate("JSON.stringify(localStorage)")
    assert not [text for text in ("Never sent", "A task") if text in stored]
    await vera.aclose()
