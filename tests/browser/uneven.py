"""A line on which what was sent at once comes one after the other, in another order each time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, WebSocketRoute

#: What is under way, as asyncio itself holds its tasks by weak references only.
_running: set[asyncio.Task[None]] = set()


async def make_uneven(context: BrowserContext, page: Page, ms: float) -> None:
    """Hold each answer of the API to the page, and each message of its sockets, for up to `ms`, by chance.

    Answers overtake each other and the messages; the messages of one socket keep their order, as TCP does.
    """
    session = await context.new_cdp_session(page)

    async def let_go(request: str) -> None:
        await _a_while(ms)
        with contextlib.suppress(Error):  # the page was closed meanwhile
            await session.send("Fetch.continueRequest", {"requestId": request})

    session.on("Fetch.requestPaused", lambda event: _go(let_go(event["requestId"])))
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*/api/v1/*", "requestStage": "Response"}]})

    def open_socket(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        _late(socket, server, 0)
        _late(server, socket, ms)

    await page.route_web_socket("**/api/v1/live", open_socket)


def _late(source: WebSocketRoute, target: WebSocketRoute, ms: float) -> None:
    queue: asyncio.Queue[tuple[asyncio.Future[None], Callable[[], Any]]] = asyncio.Queue()

    def put(step: Callable[[], Any]) -> None:
        queue.put_nowait((asyncio.ensure_future(_a_while(ms)), step))

    source.on_message(lambda message: put(lambda: target.send(message)))
    source.on_close(lambda code, reason: put(lambda: _close(target, code, reason)))

    async def pass_on() -> None:
        closing = None
        while closing is None:
            held, step = await queue.get()
            await held
            closing = step()
        await closing

    _go(pass_on())


async def _close(target: WebSocketRoute, code: int | None, reason: str | None) -> None:
    with contextlib.suppress(Error):  # it was closed meanwhile
        await target.close(code=code, reason=reason)


async def _a_while(ms: float) -> None:
    if ms:
        await asyncio.sleep(random.uniform(0, ms) / 1000)


def _go(work: Any) -> None:
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
