"""The same three views on each side of bench/adapter.py: `python -m bench.adapter_apps SIDE CORE DATABASE`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import uvicorn
from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from taskhub.asgi.types import ASGIApplication, Receive, Scope, Send

PIECES = 32
PIECE = b"x" * 1024


def database(path: str) -> AsyncEngine:
    return create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=10, max_overflow=0)


def queries(path: str) -> Callable[[], Any]:
    sessions = async_sessionmaker(database(path))

    async def query() -> dict[str, Any]:
        async with sessions() as session:
            row = (await session.execute(text("SELECT number, title FROM task WHERE number = 42"))).one()
            return {"number": row.number, "title": row.title}

    return query


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(PIECES):
        yield PIECE


def flask_views(app: Flask, path: str, streamed: Callable[[], Any]) -> None:
    query = queries(path)

    @app.get("/hello")
    async def hello() -> str:
        return "Hello, world!"

    @app.get("/query")
    async def query_view() -> dict[str, Any]:
        return {**await query()}

    @app.get("/stream")
    async def stream() -> Response:
        return Response(streamed(), mimetype="application/octet-stream")


def ours(path: str) -> ASGIApplication:
    from taskhub.asgi import OnLoop, asgi_app

    class App(OnLoop, Flask):
        pass

    app = App(__name__)
    flask_views(app, path, pieces)
    return asgi_app(app)


def wsgi_to_asgi(path: str) -> ASGIApplication:
    from asgiref.wsgi import WsgiToAsgi

    def sync_pieces() -> Iterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    app = Flask(__name__)
    flask_views(app, path, sync_pieces)
    return WsgiToAsgi(app)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]


def quart(path: str) -> ASGIApplication:
    from quart import Quart
    from quart import Response as QuartResponse

    app = Quart(__name__)
    query = queries(path)

    @app.get("/hello")
    async def hello() -> str:
        return "Hello, world!"

    @app.get("/query")
    async def query_view() -> dict[str, Any]:
        return {**await query()}

    @app.get("/stream")
    async def stream() -> QuartResponse:
        return QuartResponse(pieces(), mimetype="application/octet-stream")

    return app  # type: ignore[return-value]


def bare(path: str) -> ASGIApplication:
    import json

    query = queries(path)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        kind, body = b"text/html; charset=utf-8", b"Hello, world!"
        if scope["path"] == "/stream":
            kind = b"application/octet-stream"
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
            async for piece in pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        if scope["path"] == "/query":
            kind, body = b"application/json", json.dumps(await query()).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


SIDES: dict[str, Callable[[str], ASGIApplication]] = {
    "ours": ours,
    "WsgiToAsgi": wsgi_to_asgi,
    "Quart": quart,
    "bare ASGI": bare,
}


class Server(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def main(side: str, core: str, path: str) -> None:
    if core != "any":
        os.sched_setaffinity(0, {int(core)})
    logging.disable(logging.CRITICAL)
    config = uvicorn.Config(
        SIDES[side](path),
        port=0,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    Server(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
