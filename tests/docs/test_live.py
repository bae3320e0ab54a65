"""docs/live.md: every example follows a project, and goes on where it was after the server restarted."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext

from taskhub.events.catalogue import TYPES
from tests.clients import PASSWORD, Client, create_token
from tests.docs.examples import DOCS, examples, running
from tests.serving import Server
from tests.teams import sign_up

PAGE = "live.md"
PATIENCE = 20.0


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
async def ana(server: Server) -> AsyncIterator[Client]:
    """Ana, and her project WEB."""
    client = await sign_up(server, "Ana", "ana@example.com")
    made = await client.post("/api/v1/projects", json={"key": "WEB", "name": "Website"})
    assert made.status_code == 201, made.text
    yield client
    await client.aclose()


async def add_task(client: Client) -> None:
    made = await client.post("/api/v1/projects/WEB/tasks", json={"title": "A task"})
    assert made.status_code == 201, made.text


async def line_with(process: Process, wanted: str) -> str:
    """Read what the process prints up to a line with `wanted`; that line."""
    assert process.stdout is not None
    seen = []
    async with asyncio.timeout(PATIENCE):
        while line := (await process.stdout.readline()).decode():
            seen.append(line)
            if wanted in line:
                return line
    assert process.stderr is not None
    raise AssertionError(f"it ended: {seen}\n{(await process.stderr.read()).decode()}")


def environment(server: Server) -> dict[str, str]:
    return {
        "TOKEN": create_token(server, "ana@example.com"),
        "PYTHONUNBUFFERED": "1",
        "WEBSOCKETS_BACKOFF_INITIAL_DELAY": "0.1",
    }


async def test_curl_shows_the_stream(server: Server, ana: Client) -> None:
    async with running(examples(PAGE)["sse-curl"], server, env=environment(server)) as process:
        await line_with(process, "event: hello")
        assert await line_with(process, "id: ") == "id: 0\n"
        assert '"type":"project.created"' in await line_with(process, 'data: {"v":1')


@pytest.mark.parametrize(
    ("name", "ready"), [("sse-python", "the board has"), ("socket-python", "following project:WEB")]
)
async def test_a_program_goes_on_where_it_was(server: Server, ana: Client, name: str, ready: str) -> None:
    async with running(examples(PAGE)[name], server, env=environment(server)) as process:
        await line_with(process, ready)
        await add_task(ana)
        assert await line_with(process, " by ") == "task.created by Ana\n"
        server.stop()
        server.start()
        renamed = await ana.patch("/api/v1/projects/WEB", json={"name": f"After {name}"})
        assert renamed.status_code == 200
        # The one event that it missed, and none again.
        assert await line_with(process, " by ") == "project.edited by Ana\n"


@pytest.mark.browser
@pytest.mark.parametrize("name", ["sse-browser", "socket-browser"])
async def test_a_page_hears_of_changes(server: Server, ana: Client, context: BrowserContext, name: str) -> None:
    signed_in = await context.request.post(
        f"{server.url}/api/v1/auth/login",
        data={"email": "ana@example.com", "password": PASSWORD},
        headers={"Origin": server.url},
    )
    assert signed_in.ok
    page = await context.new_page()
    await page.goto(server.url)
    said: asyncio.Queue[str] = asyncio.Queue()
    page.on("console", lambda message: said.put_nowait(message.text))
    # The example's `const` last as long as the page.
    ready = "following project:WEB" if name.startswith("socket") else None
    opened = "" if ready else "\nawait new Promise((done) => stream.addEventListener('hello', done));"
    await page.evaluate(f"(async () => {{ {examples(PAGE)[name].at(server)}{opened} }})()")
    async with asyncio.timeout(PATIENCE):
        if ready:
            assert await said.get() == ready
        await add_task(ana)
        assert await said.get() == "task.created by Ana"


def test_every_type_of_event_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([a-z.]+)` \| (.*?) \|", (DOCS / PAGE).read_text(), flags=re.MULTILINE)
    told = {name: re.findall(r"`([a-z]+)`", carries) for name, carries in rows if name in TYPES}
    assert told == {name: list(type_.carries) for name, type_ in TYPES.items()}
