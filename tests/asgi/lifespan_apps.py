"""Applications for the tests of lifespan and signals."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from flask import Flask
from flask.typing import ResponseReturnValue

from taskhub.asgi import OnLoop, asgi_app


class App(OnLoop, Flask):
    pass


app = App(__name__)


def step(name: str) -> None:
    print("STEP", name, file=sys.stderr, flush=True)


@app.get("/stream")
async def stream() -> ResponseReturnValue:
    async def events() -> AsyncIterator[str]:
        try:
            yield "data: open\n\n"
            await asyncio.Event().wait()
        finally:
            step("stream closed")

    return events(), {"Content-Type": "text/event-stream"}


def hook(name: str) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await asyncio.sleep(0)
        step(name)

    return run


def stopping_with_an_error() -> None:
    step("stopping with an error")
    raise ZeroDivisionError


async def fail() -> None:
    raise RuntimeError("no database today")


application = asgi_app(
    app,
    startup=[hook("startup 1"), hook("startup 2")],
    stopping=[lambda: step("stopping 1"), stopping_with_an_error, lambda: step("stopping 2")],
    shutdown=[hook("shutdown 1"), hook("shutdown 2")],
)
failing = asgi_app(app, startup=[fail])
