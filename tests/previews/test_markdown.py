"""Markdown rendered for a preview, and the lines that its task lists name."""

from __future__ import annotations

import re

import pytest

from taskhub import markdown
from tests.clients import Client
from tests.teams import Team

LISTS = """\
# Plan

- [ ] one
- [x] two
  goes on
  - [X] two a

1. [ ] three

> - [ ] quoted

-
  [ ] below its bullet
- plain [ ] text

```
- [ ] code
```

- - [ ] nested
"""


async def test_a_preview_is_what_will_be_shown(team: Team) -> None:
    text = "**Hm**, `code`, <script>alert(1)</script> [x](javascript:alert(2))\n\n- [x] done\n\n| a |\n|---|\n| 1 |\n"
    ref = (await team.task(description=text))["ref"]
    shown = (await team.viewer.get(f"/api/v1/tasks/{ref}")).json()["description_html"]
    preview = await team.viewer.post("/api/v1/markdown", json={"text": text})
    assert preview.status_code == 200
    assert preview.json() == {"html": shown}
    assert "<strong>Hm</strong>" in shown
    assert "<script" not in shown


@pytest.mark.parametrize(("body", "status"), [({"text": "x" * 20_001}, 422), ({}, 422), ({"text": 1}, 422)])
async def test_what_it_does_not_take(people: dict[str, Client], body: dict[str, object], status: int) -> None:
    answer = await people["owner"].post("/api/v1/markdown", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid")


async def test_each_box_names_its_line() -> None:
    html = await markdown.to_html(LISTS)
    lines = [int(line) for line in re.findall(r'<li class="task-list-item" data-line="(\d+)">', html)]
    assert html.count("<input") == len(lines)
    source = LISTS.split("\n")
    assert [source[line].strip() for line in lines] == [
        "- [ ] one",
        "- [x] two",
        "- [X] two a",
        "1. [ ] three",
        "> - [ ] quoted",
        "[ ] below its bullet",
        "- - [ ] nested",
    ]
