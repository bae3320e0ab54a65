"""The page of the app: what stands in it for the first paint, and what a browser keeps for a time without a line."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from tests.clients import Client, anonymous_client
from tests.teams import Team

TRICKY = "</script><script>alert(1)</script> <!-- & \u2028 “é” \\u003c"


class Given(HTMLParser):
    """The inert JSON in a page by its name, as a browser reads it; `scripts` that run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.scripts: list[str | None] = []
        self._name: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._name = None
        if tag == "script" and named.get("type") == "application/json":
            self._name = (named["id"] or "").removeprefix("given-")
            self.found[self._name] = ""
        elif tag == "script":
            self.scripts.append(named.get("src"))

    def handle_data(self, data: str) -> None:
        if self._name is not None:
            self.found[self._name] += data

    def handle_endtag(self, tag: str) -> None:
        self._name = None


async def given(client: Client, path: str) -> Given:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    return Given(answer.text)


async def test_what_the_api_answers_stands_in_the_page(team: Team) -> None:
    task = await team.task(TRICKY[:200], description=TRICKY)
    page = await given(team.viewer, f"/p/{team.key}/t/{task['number']}")
    for name, path in {"me": "/me", "projects": "/projects?limit=200", "board": f"/projects/{team.key}/board"}.items():
        answer = await team.viewer.get(f"/api/v1{path}")
        # The same bytes, but that no "<" may end the element or begin a comment.
        assert page.found[name] == answer.text.replace("<", "\\u003c")
        assert json.loads(page.found[name]) == answer.json()
    # What somebody wrote makes no script.
    assert all(source and source.startswith("/static/") for source in page.scripts)


async def test_nobody_finds_what_is_not_theirs_in_it(team: Team) -> None:
    await team.task("A secret")
    assert "board" not in (await given(team.stranger, f"/p/{team.key}")).found
    assert "board" not in (await given(team.owner, "/p/NOSUCH1")).found
    assert set((await given(team.owner, "/")).found) == {"me", "projects", "inbox"}
    async with anonymous_client(team.server) as nobody:
        assert (await nobody.get(f"/p/{team.key}")).status_code == 303


async def test_the_shell_is_nobodys(team: Team) -> None:
    await team.task("A secret")
    mine = (await team.owner.get("/shell")).text
    async with anonymous_client(team.server) as nobody:
        answer = await nobody.get("/shell")
    assert answer.status_code == 200
    assert answer.text == mine
    assert Given(mine).found == {}
    assert team.owner.email not in mine


async def test_the_page_of_a_wallboard_is_nobodys_and_keeps_its_address(team: Team) -> None:
    mine = (await team.owner.get("/wall/thw_one")).text
    async with anonymous_client(team.server) as nobody:
        answer = await nobody.get("/wall/thw_another")
    assert answer.status_code == 200
    assert answer.text == mine
    assert Given(mine).found == {}
    # Its address lets in whoever has it: no file that the page loads is told of it, no search engine lists it.
    assert '<meta name="referrer" content="no-referrer">' in mine
    assert '<meta name="robots" content="noindex">' in mine
    assert mine.index("no-referrer") < min(mine.index("<script"), mine.index('rel="stylesheet"'))


async def test_the_worker_names_files_that_are_there(team: Team) -> None:
    async with anonymous_client(team.server) as nobody:
        worker = await nobody.get("/service-worker.js")
        if worker.status_code == 404:
            pytest.skip("the UI is not built")
        assert worker.headers["content-type"].startswith("text/javascript")
        assert worker.headers["cache-control"] == "private, no-cache"
        told = json.loads(worker.text.partition("\n")[0].removeprefix("self.taskhub = ").removesuffix(";"))
        shell = (await nobody.get("/shell")).text
        assert told["build"] in shell
        assert set(re.findall(r'(?:src|href)="(/static/assets/[^"]+)"', shell)) <= set(told["files"])
        for path in told["files"]:
            assert (await nobody.get(path)).status_code == 200, path
        # It runs as a classic script: no module's words are in it.
        assert not re.search(r"\b(import|export)\b\s*[{*\"']", worker.text)


async def test_the_app_can_be_installed(team: Team) -> None:
    async with anonymous_client(team.server) as nobody:
        shell = (await nobody.get("/shell")).text
        assert '<link rel="manifest" href="/static/manifest.json">' in shell
        manifest = (await nobody.get("/static/manifest.json")).json()
        assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
        for icon in manifest["icons"]:
            found = await nobody.get(icon["src"])
            assert found.status_code == 200
            assert found.headers["content-type"].startswith(icon["type"])
            if icon["type"] == "image/png":
                width, height = int.from_bytes(found.content[16:20]), int.from_bytes(found.content[20:24])
                assert icon["sizes"] == f"{width}x{height}"
        assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
