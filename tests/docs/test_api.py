"""docs/api.md: every example does what the page says, and every error code is on it."""

from __future__ import annotations

import re

import pytest

from taskhub.errors import CODES
from tests.clients import MakeClient, create_token
from tests.docs.examples import DOCS, examples, run
from tests.serving import Server

#: What each example prints, in part; in the order of the page.
PRINTED = {
    "token": [r'"email":"ana@example.com"'],
    "project": [r'"key":"SITE"', r'"role":"owner"'],
    "label": [r'"name":"Bug","color":"red"'],
    "task": [r'"ref":"SITE-1"', r'"due":"2026-12-01"'],
    "tour": [
        r"^signed in as Ana$",
        r"^Ben is member$",
        r"^send them http://127\.0\.0\.1:\d+/invite/\S+$",
        r"^SITE-2 stands in todo$",
        r"^Fix the page header / high$",
        r"^edit_conflict \['title'\] now: Fix the page header$",
        r"^\['backlog', 'todo', 'doing', 'review', 'done'\]$",
        r"^archived: \['SITE-2'\]$",
        r"^undone by \['task\.restored'\]$",
        r"^tasks: \['SITE-1', 'SITE-2'\]$",
        r"^once$",
        r"^SITE-1 is doing$",
    ],
    "move": [r'"ref":"SITE-2"', r'"state":"doing"'],
    "comment": [r'"body_html":"<p>The <em>second</em> draft is ready.</p>'],
    "etag": [r"^304$"],
}


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


async def test_every_example_does_what_the_page_says(server: Server, make_client: MakeClient) -> None:
    page = examples("api.md")
    assert set(page) == set(PRINTED)
    ana = await make_client("Ana", email="ana@example.com")
    await make_client("Ben", email="ben@example.com")
    environment = {"API": f"{server.url}/api/v1", "TOKEN": create_token(server, "ana@example.com")}
    for name, wanted in PRINTED.items():
        printed = await run(page[name], server, env=environment)
        for pattern in wanted:
            assert re.search(pattern, printed, flags=re.MULTILINE), (page[name].where, pattern, printed)
    assert (await ana.get("/api/v1/tasks/SITE-3")).json()["title"] == "Only one of these"
    assert (await ana.get("/api/v1/tasks/SITE-4")).status_code == 404


def test_every_error_code_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", (DOCS / "api.md").read_text(), flags=re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: status for code, (status, _) in CODES.items()}
