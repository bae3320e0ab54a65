"""Streaming views, and views whose clients go away, for the adapter's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from flask import Blueprint, Response, current_app, g, request, session
from flask.typing import ResponseReturnValue

from taskhub.asgi import await_, stream_with_context

from .journal import note

blueprint = Blueprint("streams", __name__)


@blueprint.get("/stream/<kind>")
async def stream(kind: str) -> ResponseReturnValue:
    mark = request.args.get("mark", "")

    async def numbers() -> AsyncIterator[str]:
        try:
            for number in range(5):
                await asyncio.sleep(0)
                yield f"{number}\n"
        finally:
            note(f"numbers closed {mark}")

    async def waiting() -> AsyncIterator[str]:
        try:
            yield "data: open\n\n"
            await asyncio.Queue[str]().get()
        finally:
            note(f"waiting closed {mark}")

    async def flood() -> AsyncIterator[bytes]:
        sent = 0
        try:
            while True:
                yield b"x" * 65536
                sent += 1
                if sent in (2, 1000):
                    note(f"flood {sent} {mark}")
        finally:
            await asyncio.sleep(0)
            note(f"flood closed {mark}")

    async def breaking() -> AsyncIterator[str]:
        yield "first\n"
        await asyncio.sleep(0)
        raise ZeroDivisionError

    @stream_with_context
    async def with_context() -> AsyncIterator[str]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield f"{request.args['mark']} {current_app.name} {session.get('name')}\n"

    if kind == "counted-context":
        g.owner = mark
        size = str(len(f"{mark} {current_app.name} None\n") * 3)
        return Response(with_context(), headers={"Content-Length": size})
    if kind == "bare":
        return numbers()
    if kind == "tuple":
        return numbers(), 202, {"X-Streamed": "yes"}
    if kind == "events":
        return Response(waiting(), mimetype="text/event-stream")  # type: ignore[arg-type]
    if kind == "waiting":
        return Response(waiting())  # type: ignore[arg-type]
    if kind == "counted":
        return Response(numbers(), headers={"Content-Length": "10"})  # type: ignore[arg-type]
    source: Any = {"numbers": numbers, "flood": flood, "breaking": breaking, "context": with_context}[kind]()
    response = Response(source)
    response.call_on_close(lambda: note(f"response closed {mark}"))
    return response


@blueprint.get("/sync-stream/<kind>")
def sync_stream(kind: str) -> ResponseReturnValue:
    mark = request.args.get("mark", "")

    def numbers() -> Iterator[str]:
        for number in range(5):
            yield f"{number}\n"

    def waiting() -> Iterator[str]:
        try:
            yield "data: open\n\n"
            await_(asyncio.Queue[str]().get())
        finally:
            note(f"sync waiting closed {mark}")

    def busy() -> Iterator[bytes]:
        try:
            while True:
                yield b"."
        finally:
            note(f"busy closed {mark}")

    def breaking(after: int) -> Iterator[str]:
        for _ in range(after):
            yield "first\n"
        raise ZeroDivisionError

    @stream_with_context
    def with_context() -> Iterator[str]:
        for _ in range(3):
            await_(asyncio.sleep(0))
            yield f"{request.args['mark']} {current_app.name} {session.get('name')}\n"

    if kind == "list":
        return Response(["a", "b", "", "c"])
    if kind == "none":
        return Response(iter(()))
    if kind == "events":
        return Response(waiting(), mimetype="text/event-stream")
    if kind == "breaking-first":
        return Response(breaking(0))
    if kind == "breaking":
        return Response(breaking(1))
    source: Any = {"numbers": numbers, "waiting": waiting, "busy": busy, "context": with_context}[kind]()
    return Response(source)


# --- a client that goes away


@blueprint.get("/wait")
async def wait() -> str:
    mark = request.args["mark"]
    note(f"wait began {mark}")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        note(f"wait cancelled {mark}")
        raise
    return "never"


_may_finish = asyncio.Event()


@blueprint.get("/shielded")
async def shielded() -> str:
    mark = request.args["mark"]

    async def command() -> str:
        note(f"command began {mark}")
        await _may_finish.wait()
        note(f"command done {mark} on {request.path}")
        return "done"

    try:
        return await asyncio.shield(asyncio.ensure_future(command()))
    except asyncio.CancelledError:
        note(f"shielded cancelled {mark}")
        raise


@blueprint.post("/finish")
async def finish() -> str:
    _may_finish.set()
    return "ok"
