"""My work, the overview, and what greets who has nothing yet: in real windows, live."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import DATA, OpenWindow
from tests.browser.windows import BACK, PHONE, Window, becomes
from tests.clients import PASSWORD, Client, MakeClientOn, anonymous_client
from tests.databases import MakeDatabase
from tests.serving import Serve, Server
from tests.teams import Team

#: Goes back, and presses J before the browser has drawn what this selects.
PRESS_AS_SOON_AS_BACK = """shown => new Promise((done) => {
  new MutationObserver((_, seen) => {
    if (!document.querySelector(shown)) return;
    seen.disconnect();
    dispatchEvent(new KeyboardEvent("keydown", { key: "j", code: "KeyJ", cancelable: true }));
    done();
  }).observe(document.body, { childList: true, subtree: true });
  history.back();
})"""


async def part(one: Window, bucket: str) -> list[str]:
    """The references under a heading of my work."""
    found: list[str] = await one.page.locator(f".mine-{bucket} [data-ref]").evaluate_all(
        "rows => rows.map(r => r.dataset.ref)"
    )
    return found


async def state_of(team: Team, ref: str) -> str:
    """The state in which the server has a task."""
    return str((await team.now(ref))["state"])


async def make_project(client: Client, key: str) -> None:
    answer = await client.post("/api/v1/projects", json={"key": key, "name": f"Project {key}", "template": "strict"})
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def mia(house: Server, make_client_on: MakeClientOn) -> Client:
    """Somebody new, with nothing of hers."""
    return await make_client_on(house, "Mia Lang")


async def test_my_work_is_live_over_all_projects(window: OpenWindow, team: Team, mia: Client) -> None:
    joined = await team.owner.post(f"{team.url}/members", json={"email": mia.email, "role": "member"})
    assert joined.status_code == 201
    own = f"{team.key}M"
    await make_project(mia, own)
    mine = [mia.user["id"]]
    label = (await team.owner.post(f"{team.url}/labels", json={"name": "Urgent thing", "color": "red"})).json()
    late = (await team.task("Late", state="todo", assignees=mine, due="2020-01-01", labels=[label["id"]]))["ref"]
    later = (await team.task("Later", state="doing", assignees=mine, due="2099-01-01"))["ref"]
    made = await mia.post(f"/api/v1/projects/{own}/tasks", json={"title": "Some day", "assignees": mine})
    undated = made.json()["ref"]

    one = await window(mia)
    await one.go("/mine")
    await one.is_live()
    await one.mark()
    await expect(one.page.get_by_role("heading", level=1)).to_contain_text("My work")
    await expect(one.page.locator(".mine [data-ref]")).to_have_count(3)
    assert [await part(one, name) for name in ("late", "later", "undated")] == [[late], [later], [undated]]

    # Labels too, as they are called by now.
    row = one.page.locator(f'[data-ref="{late}"]')
    await expect(row.locator(".label")).to_have_text("Urgent thing")
    await team.owner.patch(f"{team.url}/labels/{label['id']}", json={"name": "Calm thing"})
    await expect(row.locator(".label")).to_have_text("Calm thing")

    # By keyboard from row to row.
    focused = "ref => document.activeElement.closest('[data-ref]')?.dataset.ref === ref"
    for key, ref in (("j", late), ("ArrowDown", later), ("j", undated), ("j", undated), ("k", later), ("Home", late)):
        await one.page.keyboard.press(key)
        await one.page.wait_for_function(focused, arg=ref)

    # What others give me, change of mine or take from me.
    given = (await team.task("Given", by="member", state="todo"))["ref"]
    assert (await team.member.patch(f"/api/v1/tasks/{given}", json={"assignees": mine})).is_success
    await expect(one.page.locator(f'.mine-undated [data-ref="{given}"]')).to_contain_text("Given")
    await expect(one.page.locator("[data-live]", has_text=f"Ben assigned {given} to you")).to_have_count(1)
    await team.member.patch(f"/api/v1/tasks/{given}", json={"due": "2020-02-02"})
    await expect(one.page.locator(f'.mine-late [data-ref="{given}"]')).to_be_visible()
    await team.member.patch(f"/api/v1/tasks/{later}", json={"assignees": []})
    await expect(one.page.locator(f'[data-ref="{later}"]')).to_have_count(0)

    # A tick moves it to the project's first done state, and can be taken back.
    await one.page.locator(f'[data-ref="{late}"]').get_by_role("button").click()
    await expect(one.page.locator(f'.mine [data-ref="{late}"]')).to_have_count(0)
    await one.keep_toast()
    await becomes(lambda: state_of(team, late), "done")
    await one.toast.get_by_role("button", name="Undo").click()
    await expect(one.page.locator(f'.mine-late [data-ref="{late}"]')).to_be_visible()
    # One that the workflow refuses says why, and stays.
    one.allow("status of 409")
    await one.page.locator(f'[data-ref="{undated}"]').get_by_role("button").click()
    await one.told("may go to")
    await expect(one.page.locator(f'.mine [data-ref="{undated}"]:not(.mine-ticked)')).to_be_visible()

    # It opens in its project, and Back is here again.
    await one.page.get_by_role("link", name=re.compile("Given")).focus()
    await one.page.keyboard.press("Enter")
    await expect(one.page).to_have_url(re.compile(rf"/p/{team.key}/t/\d+$"))
    await expect(one.panel.get_by_text("Given").first).to_be_visible()
    # A key in the moment it is shown is the list's own: nothing of the task hears it any more.
    await one.page.evaluate(PRESS_AS_SOON_AS_BACK, ".mine-task")
    await expect(one.page.locator(f'.mine-late [data-ref="{given}"]')).to_be_visible()
    await one.page.wait_for_function(focused, arg=given)

    # Beside its name a project wears one letter, without it its key, and no two the same.
    tiles = one.page.locator(".rail .tile")
    await expect(tiles).to_have_text(["P", "P"])
    await one.page.locator(".rail-toggle").click()
    await expect(tiles).to_have_text([team.key[:3], f"{team.key[:2]}M"])
    await one.page.locator(".rail-toggle").click()

    # Who is removed from a project has nothing of it any more; who is added to one has all of it, on every screen.
    other = await window(mia)
    await other.go(f"/p/{own}")
    await other.is_live()
    await other.mark()
    in_rail = [page.locator(f'.rail-item[href="/p/{team.key}"]') for page in (one.page, other.page)]
    await team.owner.delete(f"{team.url}/members/{mia.user['id']}")
    await expect(one.page.locator(".mine [data-ref]")).to_have_count(1)
    for item in in_rail:
        await expect(item).to_have_count(0)
    back = (await team.task("Back", state="todo"))["ref"]
    await team.owner.post(f"{team.url}/members", json={"email": mia.email, "role": "member"})
    await team.owner.patch(f"/api/v1/tasks/{back}", json={"assignees": mine})
    await expect(one.page.locator(f'.mine [data-ref="{back}"]')).to_be_visible()
    for item in in_rail:
        await expect(item).to_be_visible()
    await one.is_same_document()
    await other.is_same_document()


async def test_my_work_catches_up_with_what_was_missed(window: OpenWindow, team: Team) -> None:
    mine = [team.stranger.user["id"]]
    await team.owner.post(f"{team.url}/members", json={"email": team.stranger.email, "role": "member"})
    ref = (await team.task("Before", state="todo", assignees=mine))["ref"]
    sam = await window(team.stranger)
    sam.allow_no_line()
    await sam.go("/mine")
    await sam.is_live()
    await expect(sam.page.locator(f'.mine [data-ref="{ref}"]')).to_be_visible()
    await sam.context.set_offline(True)
    await expect(sam.chip).to_have_attribute("data-status", "offline", timeout=BACK)
    other = (await team.task("Meanwhile", state="todo", assignees=mine))["ref"]
    await team.move(ref, "done")
    await sam.context.set_offline(False)
    await expect(sam.page.locator(f'.mine [data-ref="{other}"]')).to_be_visible(timeout=BACK)
    await expect(sam.page.locator(f'.mine [data-ref="{ref}"]')).to_have_count(0)


async def test_the_overview_counts_along(window: OpenWindow, team: Team, mia: Client) -> None:
    await team.owner.post(f"{team.url}/members", json={"email": mia.email, "role": "viewer"})
    await team.task("One", state="todo", due="2020-01-01")
    two = (await team.task("Two", state="doing", assignees=[mia.user["id"]]))["ref"]
    one = await window(mia)
    await one.go("/")
    await one.is_live()
    card = one.page.locator(f'.project[data-key="{team.key}"]')
    await expect(card.locator(".project-counts")).to_have_text(re.compile(r"1 to do\s+1 in progress\s+0 done"))
    await expect(card).to_contain_text("1 late")
    await expect(card).to_contain_text("1 mine")
    figures = one.page.locator(".figure-value")
    await expect(figures).to_have_text(["1", "1", "1", "1"])

    await team.move(two, "done", by="member")
    await expect(card.locator(".project-counts")).to_have_text(re.compile(r"1 to do\s+0 in progress\s+1 done"))
    await expect(card).to_contain_text("Ben")
    await expect(card).not_to_contain_text("mine")
    await expect(figures).to_have_text(["1", "0", "1", "0"])
    await team.owner.patch(team.url, json={"name": "Renamed"})
    await expect(card).to_contain_text("Renamed")
    await expect(one.page.locator(".rail")).to_contain_text("Renamed")
    await card.click()
    await expect(one.page).to_have_url(re.compile(f"/p/{team.key}$"))


async def test_who_is_new_brings_a_board_along(window: OpenWindow, mia: Client) -> None:
    one = await window(mia)
    await one.go("/")
    await expect(one.page.get_by_role("heading", name="Welcome, Mia")).to_be_visible()
    assert await violations(one.page, "first run") == []

    # Something else than a board is refused in words, and nothing is lost.
    one.allow("status of 422")
    chooser = one.page.locator("input[type=file]")
    await chooser.set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": b"{}"})
    await expect(one.page.get_by_role("alert")).to_contain_text("no Trello export")

    # Dropped on the page: it is looked through first.
    data = await one.page.evaluate_handle(
        "text => { const t = new DataTransfer(); t.items.add(new File([text], 'b.json')); return t; }",
        (DATA / "trello-small.json").read_text(),
    )
    for event in ("dragover", "drop"):
        await one.page.dispatch_event(".drop", event, {"dataTransfer": data})
    await expect(one.page.locator(".report")).to_contain_text("9 tasks")
    assert (await mia.get("/api/v1/projects")).json()["items"] == []
    assert await violations(one.page, "looking through a board") == []
    key = f"T{mia.email.split('@')[0].removeprefix('person')}"
    await one.page.get_by_label("Into the project").fill(key.lower())
    await one.page.get_by_role("button", name="Import", exact=True).click()
    await expect(one.page.get_by_text(f"is in the project {key}")).to_be_visible()
    # The overview knows of the project by now, and what came of the import stays to be read.
    await expect(one.page.locator(".bar").get_by_role("button", name="New project")).to_be_visible()
    await expect(one.page.get_by_role("heading", name="Your first project")).to_have_count(0)
    await expect(one.page.locator(".report")).to_contain_text("9")
    assert await violations(one.page, "imported") == []
    await one.page.get_by_role("link", name="Open the project").click()
    await expect(one.page.get_by_role("heading", name="Bike shop 自行车店", level=1)).to_be_visible()
    await expect(one.page.locator(".board [data-ref]").first).to_be_visible()


@pytest.fixture
def empty(serve: Serve, make_database: MakeDatabase) -> Server:
    """An instance that nobody has used yet."""
    return serve(make_database("sqlite"))


async def test_an_empty_instance_greets_and_makes_its_administrator(window: OpenWindow, empty: Server) -> None:
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    one = await window(None, server=empty, **phone)
    await one.go("/")
    await expect(one.page.get_by_role("heading", level=1)).to_have_text("Welcome to TaskHub")
    await expect(one.page.get_by_text("administrator")).to_be_visible()
    await one.page.get_by_label("Your name").fill("Ada")
    await one.page.get_by_label("E-mail").fill("ada@example.com")
    await one.page.get_by_label("Password").fill(PASSWORD)
    await one.page.get_by_role("button", name="Create account").click()
    await expect(one.page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    async with anonymous_client(empty) as client:
        login = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
        assert login.json()["is_admin"] is True
    await one.page.get_by_role("button", name="Make a demo project").tap()
    await expect(one.page).to_have_url(re.compile("/p/DEMO$"))
    await expect(one.page.get_by_role("heading", name="Website relaunch", level=1)).to_be_visible()
    await one.page.get_by_role("link", name="My work").tap()
    await expect(one.page.locator(".mine [data-ref]").first).to_be_visible()
    assert await violations(one.page, "my work on a phone") == []
    width = await one.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    await one.page.get_by_role("link", name="Overview").tap()
    await expect(one.page.locator(".project")).to_have_count(1)
    assert await violations(one.page, "overview on a phone") == []
