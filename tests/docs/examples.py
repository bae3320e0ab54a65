"""The examples of the documentation, run as their readers would run them.

In the Markdown an example is a fenced block with a marker comment on the line before it, which readers do not see:

    <!-- example: make-a-task -->
    ```sh
    curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/api/v1/me
    ```

Blocks of one page under one name and language are one program, in their order. The address that the pages use,
`127.0.0.1:8000`, becomes the server's; what else an example takes (`$TOKEN`, `os.environ["TOKEN"]`) comes from the
environment that the test gives. In `sh` examples `taskhub` and `python` are those of this checkout.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.command_line import clean_environment
from tests.needs import require
from tests.serving import Server

DOCS = Path(__file__).parents[2] / "docs"
#: Where the server is, in the words of the pages.
ADDRESS = "127.0.0.1:8000"
#: Languages whose blocks are programs: each of them must be an example.
RUNNABLE = ("sh", "python", "js", "html")
#: Seconds that an example may take.
PATIENCE = 30.0

_BLOCK = re.compile(
    r"^(?:<!-- example: (?P<name>[a-z0-9-]+) -->\n)?```(?P<language>\w+)?\n(?P<code>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Example:
    """One program of a page; `where` is `PAGE:LINE` of its first block."""

    name: str
    language: str
    code: str
    where: str

    def at(self, server: Server) -> str:
        """The program, for a server of the test's own."""
        return self.code.replace(ADDRESS, f"127.0.0.1:{server.port}")


def examples(page: str) -> dict[str, Example]:
    """The examples of `docs/PAGE` by name. AssertionError where a program stands without a marker."""
    text = (DOCS / page).read_text()
    found: dict[str, Example] = {}
    for block in _BLOCK.finditer(text):
        name, language, code = block["name"], block["language"] or "", block["code"]
        where = f"docs/{page}:{text.count(chr(10), 0, block.start('code'))}"
        if name is None:
            assert language not in RUNNABLE, f"{where}: this {language} block has no <!-- example: NAME --> before it"
            continue
        assert language in RUNNABLE, f"{where}: {name} is in {language!r}, which nothing here runs"
        if name in found:
            first = found[name]
            assert first.language == language, f"{where}: {name} goes on in another language"
            code, where = first.code + code, first.where
        found[name] = Example(name, language, code, where)
    return found


async def run(
    example: Example, server: Server, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Run an `sh` or `python` example to its end, which must be status 0; what it printed."""
    async with running(example, server, env=env, cwd=cwd) as process, asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0, f"{example.where} ended with {process.returncode}:\n{out.decode()}{err.decode()}"
    return out.decode()


@asynccontextmanager
async def running(
    example: Example, server: Server, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """An `sh` or `python` example while it runs, with pipes for what it prints; killed at the end.

    Beside `env` it has the server's settings, as the operator's shell on that machine would.
    """
    code = example.at(server)
    if example.language == "sh":
        if "curl " in code:
            require("curl")
        command = ["bash", "-euo", "pipefail", "-c", code]
    else:
        assert example.language == "python", f"{example.where}: {example.language} runs in a browser"
        command = [sys.executable, "-c", code]
    environment = clean_environment({**server.environment, **(env or {})})
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=cwd or server.database.data_dir,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # A group of its own, so that what a shell has started ends with it.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)
            await process.wait()
