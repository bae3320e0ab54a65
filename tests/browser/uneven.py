"""A line on which what was sent at once comes one after the other, in another order each time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, Error, Page

#: What can be held: requests that read, requests that write, the answers of both, messages of sockets.
KINDS = ("reads", "writes", "answers", "messages")

#: What is under way, as asyncio itself holds its tasks by weak references only.
_running: set[asyncio.Task[None]] = set()

#: The application hears its sockets by `onopen`, `onmessage` and `onclose`. The timer is taken before a test installs
#: a clock of its own.
_LATE_SOCKETS = """({ uneven, late }) => {
  const later = setTimeout.bind(globalThis), Plain = WebSocket;
  globalThis.WebSocket = class WebSocket extends Plain {
    #heard = Promise.resolve();
    #hears = {};
    #hear(type, listener) {
      this.#hears[type] = listener;
      super["on" + type] = (event) => {
        const held = new Promise((go) => later(go, late + Math.random() * uneven));
        this.#heard = this.#heard.then(() => held).then(() => this.#hears[type]?.call(this, event));
      };
    }
    set onopen(listener) { this.#hear("open", listener); }
    set onmessage(listener) { this.#hear("message", listener); }
    set onclose(listener) { this.#hear("close", listener); }
  };
}"""


@dataclass(frozen=True)
class Holds:
    """How long requests to the API, their answers and messages of sockets are held, in milliseconds.

    Each for up to `uneven`, by chance; besides, all of a kind for just so long: `late` has them by kind, one of KINDS.
    """

    uneven: float = 0
    late: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.uneven or self.late)


async def make_uneven(context: BrowserContext, page: Page, holds: Holds) -> None:
    """Hold requests to the API, their answers and messages of sockets.

    Requests, answers and messages overtake each other; the messages of one socket keep their order, as TCP does.
    """
    session = await context.new_cdp_session(page)

    async def let_go(event: dict[str, Any]) -> None:
        kind = "reads" if event["request"]["method"] == "GET" else "writes"
        if "responseStatusCode" in event or "responseErrorReason" in event:
            kind = "answers"
        await asyncio.sleep((random.uniform(0, holds.uneven) + holds.late.get(kind, 0)) / 1000)
        with contextlib.suppress(Error):  # the page was closed meanwhile
            await session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    session.on("Fetch.requestPaused", lambda event: _go(let_go(event)))
    stages = [{"urlPattern": "*/api/v1/*", "requestStage": stage} for stage in ("Request", "Response")]
    await session.send("Fetch.enable", {"patterns": stages})
    times = {"uneven": holds.uneven, "late": holds.late.get("messages", 0)}
    await page.add_init_script(f"({_LATE_SOCKETS})({json.dumps(times)})")


def _go(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
