"""What finds and runs the documentation's examples sees each of them, and sees them fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import examples as extractor
from tests.docs.examples import Example, examples, run
from tests.serving import Server

PAGE = """# A page

<!-- example: first -->
```sh
echo one
```

Words, and a block that is no program:

```json
{"a": 1}
```

<!-- example: other -->
```python
print("http://127.0.0.1:8000")
```

<!-- example: first -->
```sh
echo two $WORD
```
"""


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


def test_blocks_of_one_name_are_one_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor, "DOCS", tmp_path)
    (tmp_path / "page.md").write_text(PAGE)
    assert examples("page.md") == {
        "first": Example("first", "sh", "echo one\necho two $WORD\n", "docs/page.md:4"),
        "other": Example("other", "python", 'print("http://127.0.0.1:8000")\n', "docs/page.md:15"),
    }


def test_a_program_without_a_marker_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor, "DOCS", tmp_path)
    (tmp_path / "page.md").write_text("```sh\necho\n```\n")
    with pytest.raises(AssertionError, match=r"docs/page\.md:1: this sh block"):
        examples("page.md")


async def test_an_example_runs_against_the_server_and_may_fail(server: Server) -> None:
    shell = Example("a", "sh", "echo $WORD; command -v taskhub; curl -s http://127.0.0.1:8000/healthz", "x:1")
    words = await run(shell, server, env={"WORD": "hello"})
    assert words.startswith("hello\n")
    assert "ok" in words
    python = Example("b", "python", "print('http://127.0.0.1:8000')", "x:1")
    assert await run(python, server) == f"{server.url}\n"
    for bad in ("false | true", "echo $UNSET", "exit 3"):
        with pytest.raises(AssertionError, match="x:7 ended with"):
            await run(Example("c", "sh", bad, "x:7"), server)
