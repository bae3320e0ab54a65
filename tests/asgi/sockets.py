"""The WebSocket routes that the adapter's tests talk to."""

from __future__ import annotations

import asyncio
import json

from flask import Blueprint, abort, g, request

from taskhub.asgi import ConnectionClosed, Sock, WebSocket

from .journal import note

sock = Sock()
blueprint = Blueprint("sockets", __name__, url_prefix="/sockets")


@sock.route("/echo", subprotocols=["v2", "v1"])
async def echo(ws: WebSocket) -> None:
    async for message in ws:
        await ws.send(message)


@sock.route("/who/<int:number>/<name>", bp=blueprint)
async def who(ws: WebSocket, number: int, name: str) -> None:
    about = {
        "number": number,
        "name": name,
        "steps": g.steps,
        "agent": request.headers["User-Agent"],
        "cookies": request.cookies,
        "endpoint": request.endpoint,
        "query": request.args["q"],
        "scheme": request.scheme,
    }
    await ws.send(json.dumps(about))


@sock.route("/both")
async def both(ws: WebSocket) -> None:
    """One task sends while another receives."""
    mark = request.args["mark"]

    async def count() -> None:
        number = 0
        while True:
            await ws.send(f"tick {number} {request.path}")
            number += 1
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(count())
        try:
            while True:
                message = await ws.receive()
                await ws.send(f"got {message!r}")
        except ConnectionClosed as closed:
            note(f"both closed {mark} {closed.code} {closed.reason}")
            counting.cancel()


@sock.route("/close/<int:code>")
async def close(ws: WebSocket, code: int) -> None:
    await ws.close(code, request.args.get("reason", ""))
    await ws.close(1000, "again does nothing")
    try:
        await ws.send("too late")
    except ConnectionClosed as closed:
        note(f"send after close {closed.code} {ws.connected} {ws.close_code}")


@sock.route("/raise")
async def raising(ws: WebSocket) -> None:
    await ws.receive()
    raise ZeroDivisionError


@sock.route("/abort/<int:code>")
async def aborting(ws: WebSocket, code: int) -> None:
    abort(code)


@sock.route("/push")
async def push(ws: WebSocket) -> None:
    """Waits for something that never comes, and does not receive."""
    mark = request.args["mark"]
    note(f"push began {mark}")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        note(f"push cancelled {mark} {ws.close_code}")
        raise


@sock.route("/late")
async def late(ws: WebSocket) -> None:
    """Receives only when told to, long after the messages came."""
    mark = request.args["mark"]
    await asyncio.sleep(1.2)
    note(f"late began {mark}")
    received = [await ws.receive() for _ in range(3)]
    await ws.send(json.dumps(received))


@sock.route("/twice")
async def twice(ws: WebSocket) -> None:
    first = asyncio.ensure_future(ws.receive())
    await asyncio.sleep(0)
    try:
        await ws.receive()
    except RuntimeError as error:
        await ws.send(str(error))
    await ws.send(f"first got {await first!r}")


@sock.route("/stuck/<how>")
async def stuck(ws: WebSocket, how: str) -> None:
    """Sends to a peer that does not read, until it gives up."""
    mark = request.args["mark"]

    async def flood() -> None:
        while True:
            await ws.send("x" * 65536)

    flooding = asyncio.ensure_future(flood())
    done, _ = await asyncio.wait([flooding], timeout=0.5)
    note(f"stuck {mark} {not done}")
    if how == "abort":
        ws.abort()
    else:
        await ws.close(1013, "reads too slowly")
    try:
        await flooding
    except ConnectionClosed as closed:
        note(f"unstuck {mark} {closed.code}")


@sock.route("/blocking")
def blocking(ws: WebSocket) -> None:
    """A handler may be synchronous where it needs to wait for nothing itself."""
    note("blocking handler ran")
