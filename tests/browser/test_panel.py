"""A task's panel: each field, the text as Markdown, and an editor that nobody takes away."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.windows import is_now
from tests.teams import Team

#: Each would run, or fetch, or leave the page, where Markdown let it through.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '<svg onload="alert(3)"><script>alert(4)</script></svg>',
    "<iframe srcdoc='<script>parent.alert(5)</script>'></iframe>",
    "<style>* { display: none }</style>",
    "<form action=javascript:alert(6)><button id=hit>go</button></form>",
    "<a href='javascript:alert(7)' autofocus onfocus=alert(8)>a</a>",
    "[plain](javascript:alert(9))",
    "[case](JaVaScRiPt:alert(10))",
    "[entity](javascript&colon;alert(11))",
    "[tab](java\tscript:alert(12))",
    "[data](data:text/html,<script>alert(13)</script>)",
    "[vb](vbscript:alert(14))",
    "[file](file:///etc/passwd)",
    "<javascript:alert(15)>",
    "![picture](x onerror=alert(16))",
    "![track](https://example.com/pixel.png)",
    "![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMTcpPg==)",
    '[title](https://example.com "\\" onmouseover=alert(18) ")',
    "[ref]\n\n[ref]: javascript:alert(19)",
    "`<script>alert(20)</script>`",
    "```html\n<script>alert(21)</script>\n```",
    "<details open ontoggle=alert(22)>x</details>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(23)>",
    "<!--><img src=x onerror=alert(24)>-->",
]
_HARM = """() => {
  const bad = [];
  for (const place of document.querySelectorAll(".prose")) {
    for (const node of place.querySelectorAll("*")) {
      if (node.matches("script, style, iframe, svg, math, form, object, embed, img, link, meta, base, details")) {
        bad.push(node.outerHTML);
      }
      for (const { name, value } of node.attributes) {
        if (/^(on.*|style|id|srcdoc)$/.test(name)) bad.push(node.outerHTML);
        if (name === "href" && !/^(https?|mailto):/.test(value)) bad.push(node.outerHTML);
      }
    }
  }
  return bad;
}"""


async def test_every_field(window: OpenWindow, labelled: Team) -> None:
    team = labelled
    board = await team.board()
    label = board["labels"][0]
    start, other = board["workflow"]["states"][0], board["workflow"]["states"][1]
    ref = (await team.task("Fields", state=start["id"]))["ref"]
    ana, ben = await window(team.owner), await window(team.member)
    await ana.open_task(ref)
    await ben.open_board(team.key)

    await ana.choose("assignees", team.member.user["id"])
    await expect(ana.field("assignees")).to_contain_text("Ben")
    await ana.choose("labels", label["id"])
    await expect(ana.field("labels").locator(".label")).to_have_text(re.compile(label["name"]))
    await ana.choose("priority", "urgent")
    await expect(ana.field("priority")).to_contain_text("Urgent")
    await ana.field("due").locator("button").first.click()
    await ana.field("due").locator("input").fill("2020-02-03")
    await ana.field("due").locator("input").press("Enter")
    await expect(ana.field("due")).to_have_class(re.compile("fact-late"))
    await expect(ana.field("due")).to_contain_text("Feb 3, 2020")
    await ana.choose("state", other["id"])
    await expect(ana.field("state")).to_contain_text(other["name"])

    # All of it is on Ben's card.
    card = ben.in_column(other["id"], ref)
    await expect(card.locator(".card-top .avatar")).to_have_attribute("title", "Ben Okafor")
    await expect(card.locator(".label")).to_have_count(1)
    await expect(card).to_contain_text("priority Urgent")
    await expect(card.locator(".fact-late")).to_contain_text("Feb 3, 2020")
    people = [team.member.user["id"]]
    await is_now(
        team, ref, assignees=people, labels=[label["id"]], priority="urgent", due="2020-02-03", state=other["id"]
    )

    # And away again.
    await ana.choose("assignees", team.member.user["id"])
    await ana.choose("labels", label["id"])
    await ana.choose("priority", "none")
    await ana.panel.get_by_role("button", name="Remove the due date").click()
    await expect(card.locator(".card-meta")).to_have_count(0)
    await expect(card.locator(".card-top .avatar")).to_have_count(0)
    await is_now(team, ref, assignees=[], labels=[], priority="none", due=None)


async def test_the_description_is_markdown(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Described"))["ref"]
    ana = await window(team.owner)
    await ana.open_task(ref)
    await ana.panel.get_by_role("button", name="Add a description").click()
    box = ana.panel.get_by_role("textbox", name="Description")
    await box.fill(
        "**Bold** and `code`, https://example.com/x\n\n- [x] one\n- [ ] two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    await box.press("Control+Enter")
    prose = ana.panel.locator(".description .prose")
    await expect(prose.locator("strong")).to_have_text("Bold")
    await expect(prose.locator("code")).to_have_text("code")
    await expect(prose.get_by_role("link")).to_have_attribute("href", "https://example.com/x")
    await expect(prose.get_by_role("link")).to_have_attribute("rel", re.compile("noopener"))
    await expect(prose.get_by_role("checkbox", name="one")).to_be_checked()
    await expect(prose.get_by_role("checkbox", name="two")).not_to_be_checked()
    await expect(prose.get_by_role("cell", name="2")).to_be_visible()
    await ana.panel.get_by_role("button", name="Edit", exact=True).click()
    await expect(box).to_have_value(re.compile(r"^\*\*Bold\*\*"))


async def test_hostile_text_does_nothing(window: OpenWindow, team: Team) -> None:
    ref = (await team.task(HOSTILE[1], description="\n\n".join(HOSTILE)))["ref"]
    for text in HOSTILE:
        said = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": text})
        assert said.status_code == 201, said.text
    ana = await window(team.owner)
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    await ana.open_task(ref)
    await expect(ana.panel.locator(".comment .prose")).to_have_count(len(HOSTILE))
    await expect(ana.panel.locator(".description .prose")).to_contain_text("alert(20)")
    await expect(ana.field("title")).to_have_text(HOSTILE[1])
    await expect(ana.card(ref).locator(".card-title")).to_have_text(HOSTILE[1])
    assert await ana.page.evaluate(_HARM) == []
    assert [url for url in asked if not url.startswith(ana.server.url)] == []
    # The window's own check at the end sees every dialog and every violation of the policy.
    assert ana.troubles == []


async def test_a_comment_in_writing_stays(window: OpenWindow, team: Team) -> None:
    ref = (await team.task("Talk"))["ref"]
    ana = await window(team.owner)
    await ana.open_task(ref)
    box = ana.panel.get_by_role("textbox", name="Write a comment")
    await box.press_sequentially("I was about to")
    said = await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "First!"})
    assert said.status_code == 201
    await expect(ana.panel.locator(".comment")).to_contain_text("First!")
    await expect(box).to_have_value("I was about to")
    await expect(box).to_be_focused()


@pytest.mark.parametrize("what", ["viewer", "stranger"])
async def test_who_may_not_write(window: OpenWindow, team: Team, what: str) -> None:
    ref = (await team.task("Not yours", description="Read *me*"))["ref"]
    one = await window(team.client(what))
    if what == "stranger":
        one.allow("status of 404")
        await one.go(f"/p/{team.key}")
        await expect(one.page.get_by_role("alert")).to_contain_text(f"There is no project {team.key}")
        return
    await one.go(f"/p/{team.key}/t/{ref.split('-')[1]}")
    await expect(one.panel.locator(".description em")).to_have_text("me")
    await expect(one.panel.get_by_role("textbox")).to_have_count(0)
    await expect(one.field("state").locator("button")).to_have_count(0)
    await expect(one.panel.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
