"""A line on which what was sent at once comes one after the other, in another order each time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Coroutine
from typing import Any

from playwright.async_api import BrowserContext, Error, Page

#: What is under way, as asyncio itself holds its tasks by weak references only.
_running: set[asyncio.Task[None]] = set()

#: The application hears its sockets by `onopen`, `onmessage` and `onclose`. The timer is taken before a test installs
#: a clock of its own.
_LATE_SOCKETS = """(ms) => {
  const later = setTimeout.bind(globalThis), Plain = WebSocket;
  globalThis.WebSocket = class WebSocket extends Plain {
    #heard = Promise.resolve();
    #hears = {};
    #hear(type, listener) {
      this.#hears[type] = listener;
      super["on" + type] = (event) => {
        const held = new Promise((go) => later(go, Math.random() * ms));
        this.#heard = this.#heard.then(() => held).then(() => this.#hears[type]?.call(this, event));
      };
    }
    set onopen(listener) { this.#hear("open", listener); }
    set onmessage(listener) { this.#hear("message", listener); }
    set onclose(listener) { this.#hear("close", listener); }
  };
}"""


async def make_uneven(context: BrowserContext, page: Page, ms: float) -> None:
    """Hold each request to the API, its answer and each message of a socket for up to `ms`, by chance.

    Requests, answers and messages overtake each other; the messages of one socket keep their order, as TCP does.
    """
    session = await context.new_cdp_session(page)

    async def let_go(request: str) -> None:
        await asyncio.sleep(random.uniform(0, ms) / 1000)
        with contextlib.suppress(Error):  # the page was closed meanwhile
            await session.send("Fetch.continueRequest", {"requestId": request})

    session.on("Fetch.requestPaused", lambda event: _go(let_go(event["requestId"])))
    stages = [{"urlPattern": "*/api/v1/*", "requestStage": stage} for stage in ("Request", "Response")]
    await session.send("Fetch.enable", {"patterns": stages})
    await page.add_init_script(f"({_LATE_SOCKETS})({json.dumps(ms)})")


def _go(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
