"""The event stream of the contract: `/projects/KEY/stream` (SSE, WHATWG HTML 9.2), and the log over HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import orjson
from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from taskhub import api
from taskhub.errors import Problem
from taskhub.events.reading import join, read_after
from taskhub.live.follower import Follower, Subscription
from taskhub.live.hub import Hub, in_a_line
from taskhub.live.socket import renewed
from taskhub.membership import member_of
from taskhub.projects.views import ProjectPath
from taskhub.shapes import Event, Shape

log = logging.getLogger(__name__)

bp = APIBlueprint("live", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Live")])

#: Seconds of silence until a comment says that the line is alive. Clients are promised one in 15, on their side.
HEARTBEAT = 12.0
#: Milliseconds after which an EventSource reconnects.
RETRY = 2_000


class EventsQuery(BaseModel):
    """Which part of the log."""

    since: int = Field(0, ge=0, le=2**53)
    log: str | None = Field(None, max_length=64)
    limit: int = Field(200, ge=1, le=1000)


class StreamQuery(BaseModel):
    """Where the stream starts; a Last-Event-ID header goes first, and without either it starts now."""

    since: int | None = Field(None, ge=0, le=2**53)
    log: str | None = Field(None, max_length=64)


class Events(Shape):
    """A part of the log; `seq` is its head. Ask on from the last event's `seq` while `has_more`."""

    log: str
    events: list[Event]
    seq: int
    has_more: bool


@bp.get(
    "/projects/<key>/events",
    summary="The log",
    responses={"200": Events, **api.refusals("cursor_expired")},
)
async def list_events(path: ProjectPath, query: EventsQuery) -> Response:
    """The events after `since`, in order; `since=0` is the whole log."""
    async with api.instance().db.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        fits = (query.log is None or query.log == project.log) and query.since <= project.seq
        found = await read_after(session, project.id, query.since, query.limit) if fits else ()
        if found:
            fits = found[0][0] == query.since + 1
        elif query.since < project.seq:
            fits = False
        if not fits:
            raise Problem(
                "cursor_expired",
                "The cursor does not belong to this log, or is older than what is kept of it. "
                "Fetch the board, and go on from its log and seq.",
                log=project.log,
                seq=project.seq,
            )
    more = bool(found) and found[-1][0] < project.seq
    head = orjson.dumps({"log": project.log, "seq": project.seq, "has_more": more})
    return api.answer(head[:-1] + b',"events":' + join(found) + b"}")


@bp.get(
    "/projects/<key>/stream",
    summary="The live event stream",
    responses={
        "200": api.STREAM,
        **api.refusals(),
    },
)
async def stream(path: ProjectPath, query: StreamQuery) -> Response:
    """First `hello`, then each event; `resync` where the cursor does not fit, `unsubscribed` at the end."""
    return await _stream(lambda follower, cursor: api.instance().hub.subscribe(follower, path.key, **cursor), query)


@bp.get(
    "/inbox/stream",
    summary="My inbox, live",
    responses={
        "200": api.STREAM,
        **api.refusals(),
    },
)
async def inbox_stream(query: StreamQuery) -> Response:
    """As the stream of a project, with the events of one's own inbox: `resync` asks to fetch that anew."""
    return await _stream(lambda follower, cursor: api.instance().hub.subscribe_inbox(follower, **cursor), query)


async def _stream(
    subscribe: Callable[[Follower, dict[str, Any]], Awaitable[tuple[Subscription, bool]]], query: StreamQuery
) -> Response:
    here = api.instance()
    lifetime = ExitStack()
    follower = lifetime.enter_context(here.hub.follower(api.identity()))
    try:
        since = _last_event_id()
        cursor = {"since": query.since if since is None else since, "log": query.log}
        subscription, resync = await subscribe(follower, cursor)
    except BaseException:
        lifetime.close()
        raise
    return api.event_stream(_events(here.hub, follower, subscription, resync, here.build), lifetime)


def _last_event_id() -> int | None:
    text = request.headers.get("Last-Event-ID")
    if text is None or not text.strip():
        return None
    # What is no seq of ours does not fit any log: the client is told to resync.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else 2**53


async def _events(
    hub: Hub, follower: Follower, subscription: Subscription, resync: bool, build: str
) -> AsyncIterator[bytes]:
    feed = subscription.feed
    hello = {"log": subscription.log, "seq": feed.head, "build": build}
    yield b"retry: %d\n" % RETRY + _message("hello", subscription.cursor, hello)
    if resync:
        yield _message("resync", subscription.cursor, {"log": feed.log, "seq": subscription.cursor})
    try:
        async for piece in _after(hub, follower, subscription):
            yield piece
    except SQLAlchemyError as error:
        # In order, so that the client comes back with its cursor.
        log.warning("the database does not answer a stream: %s", in_a_line(error))


async def _after(hub: Hub, follower: Follower, subscription: Subscription) -> AsyncIterator[bytes]:
    while True:
        follower.wake.clear()
        if not await hub.allowed(follower):
            yield _message("unsubscribed", None, {"reason": "access_revoked"})
            return
        if subscription.ended is not None:
            yield _message("unsubscribed", None, {"reason": subscription.ended})
            return
        if fresh := renewed(subscription):
            yield _message("resync", fresh["seq"], fresh)
        elif events := await hub.read(follower, subscription):
            yield subscription.feed.serialised("stream", events)
            # It goes on here when the piece is with the transport.
            hub.handed_over(subscription, events, "stream")
        else:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await follower.wake.wait()
            except TimeoutError:
                yield b":\n\n"


def _message(event: str, id_: int | None, data: dict[str, Any]) -> bytes:
    head = f"event: {event}\n" + (f"id: {id_}\n" if id_ is not None else "")
    return head.encode() + b"data: " + orjson.dumps(data) + b"\n\n"
