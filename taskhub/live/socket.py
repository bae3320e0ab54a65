"""The WebSocket of the contract: `/api/v1/live`, subprotocol `taskhub.v1`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Literal

import orjson
from flask import g, request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from taskhub import api
from taskhub.asgi import ConnectionClosed, Sock, WebSocket
from taskhub.errors import Problem
from taskhub.live import hub
from taskhub.live.follower import Follower, Subscription
from taskhub.live.hub import Hub
from taskhub.live.inbox import INBOX
from taskhub.live.presence import NOWHERE
from taskhub.origin import is_own
from taskhub.people.model import Identity
from taskhub.shapes import Text

SUBPROTOCOL = "taskhub.v1"
#: Bytes of the largest frame a client may send; a larger one closes with 1009.
MAX_FRAME = 1024 * 1024
#: Seconds that a frame may wait for a client that does not read before it is let go with 1013.
SEND_TIMEOUT = 10.0
MOST_TOPICS = 100

NOT_SIGNED_IN, FOREIGN_ORIGIN, FAILED, RESTARTING, TOO_SLOW = 4401, 4403, 1011, 1012, 1013

log = logging.getLogger(__name__)

sock = Sock()


class _Operation(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Subscribe(_Operation):
    """Follow a topic from after `since` (absent: from now); again to start over."""

    op: Literal["subscribe"]
    topic: str = Field(max_length=100)
    since: int | None = Field(None, ge=0, le=2**53)
    log: str | None = Field(None, max_length=64)


class Unsubscribe(_Operation):
    """Stop following a topic."""

    op: Literal["unsubscribe"]
    topic: str = Field(max_length=100)


class At(BaseModel):
    """A place in a project: a task, one of its fields or none, and whether somebody types there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    task: str = Field(max_length=20, pattern=r"^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}$", examples=["WEB-42"])
    field: Text | None = Field(None, max_length=50, examples=["title"])
    typing: bool = False


class SayPresence(_Operation):
    """Say where one is in a project one follows (null: at no task), and again every 15 s: it expires after 30."""

    model_config = ConfigDict(extra="forbid", strict=True)

    op: Literal["presence"]
    topic: str = Field(max_length=100)
    at: At | None


class Ping(_Operation):
    """Ask whether the line is alive."""

    op: Literal["ping"]


Operation = Subscribe | Unsubscribe | SayPresence | Ping
OPERATIONS: dict[str, TypeAdapter[Any]] = {
    "subscribe": TypeAdapter(Subscribe),
    "unsubscribe": TypeAdapter(Unsubscribe),
    "presence": TypeAdapter(SayPresence),
    "ping": TypeAdapter(Ping),
}


@sock.route(f"{api.PREFIX}/live", subprotocols=[SUBPROTOCOL])
async def live(ws: WebSocket) -> None:
    """Serve one connection."""
    identity: Identity | None = g.identity
    origin = request.headers.get("Origin")
    if (identity is None or identity.by_cookie) and origin is not None and not is_own(origin):
        await ws.close(FOREIGN_ORIGIN, "foreign origin")
        return
    if identity is None:
        await ws.close(NOT_SIGNED_IN, "not signed in")
        return
    here = api.instance()
    with here.hub.follower(identity) as follower:
        connection = _Connection(ws, here.hub, follower, here.build)
        deliveries = asyncio.create_task(connection.deliver())
        try:
            while True:
                await connection.handle(await ws.receive())
        except SQLAlchemyError as error:
            await connection.send_back(error)
        finally:
            deliveries.cancel()
            await asyncio.gather(deliveries, return_exceptions=True)


class _Connection:
    def __init__(self, ws: WebSocket, hub: Hub, follower: Follower, build: str) -> None:
        self._ws = ws
        self._build = build
        self._hub = hub
        self._follower = follower
        # Keeps each `subscribed` before its events, and lets a client that does not read stop both directions.
        self._sending = asyncio.Lock()

    async def handle(self, message: str | bytes) -> None:
        """Answer one message of the client."""
        topic: str | None = None
        try:
            operation = _parse(message)
            if isinstance(operation, Ping):
                return await self._send(b'{"op":"pong"}')
            topic = operation.topic
            key = _key_of(topic)
            if isinstance(operation, Unsubscribe):
                self._hub.unsubscribe(self._follower, key)
                return await self._send_json({"op": "unsubscribed", "topic": topic, "reason": "asked"})
            if isinstance(operation, SayPresence):
                return self._present(operation, key)
            await self._subscribe(operation, key)
        except Problem as problem:
            error = {"op": "error", "code": problem.code, "detail": problem.detail}
            await self._send_json(error if topic is None else {**error, "topic": topic})

    async def _subscribe(self, operation: Subscribe, key: str) -> None:
        subscriptions = self._follower.subscriptions
        if len(subscriptions) >= MOST_TOPICS and key not in subscriptions:
            raise Problem("invalid", f"One connection follows at most {MOST_TOPICS} topics.")
        async with self._sending:
            cursor: dict[str, Any] = {"since": operation.since, "log": operation.log}
            if key == INBOX:
                subscription, resync = await self._hub.subscribe_inbox(self._follower, **cursor)
            else:
                subscription, resync = await self._hub.subscribe(self._follower, key, **cursor)
            head = {"log": subscription.log, "seq": subscription.feed.head}
            answer = {"op": "subscribed", "topic": operation.topic, **head, "build": self._build}
            await self._put(orjson.dumps(answer))
            if resync:
                head["seq"] = subscription.cursor
                await self._put(orjson.dumps({"op": "resync", "topic": operation.topic, **head}))

    def _present(self, operation: SayPresence, key: str) -> None:
        subscription = self._follower.subscriptions.get(key)
        if key == INBOX:
            raise Problem("invalid", "Nobody is present in an inbox; say it to project:KEY.")
        if subscription is None or subscription.room is None or subscription.ended is not None:
            raise Problem("invalid", f"Subscribe to {operation.topic} before you say where in it you are.")
        at = operation.at
        if at is not None and at.task.partition("-")[0] != key:
            raise Problem("invalid", f"at.task: {at.task} is not a task of {operation.topic}.")
        place = NOWHERE if at is None else orjson.dumps(at.model_dump())
        self._hub.presence.say(subscription.room, self._follower, self._follower.identity.user, place)

    async def deliver(self) -> None:
        """Send what there is to send, for as long as the connection lasts."""
        follower = self._follower
        try:
            while True:
                # A session may run out while nothing happens.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(hub.RECHECK):
                        await follower.wake.wait()
                follower.wake.clear()
                more = True
                while more:
                    more = False
                    for key in list(follower.subscriptions):
                        if not await self._hub.allowed(follower):
                            await self._ws.close(NOT_SIGNED_IN, "not signed in any more")
                            return
                        more |= await self._deliver(key)
                if not follower.subscriptions and not await self._hub.allowed(follower):
                    await self._ws.close(NOT_SIGNED_IN, "not signed in any more")
                    return
        except ConnectionClosed:
            return
        except SQLAlchemyError as error:
            await self.send_back(error)
        except Exception:
            # Else the client would wait on a line over which nothing more comes.
            log.exception("a socket's deliveries failed")
            await self._ws.close(FAILED, "this failed and was logged; come back with your cursor")

    async def send_back(self, error: SQLAlchemyError) -> None:
        """Close the connection of a client that nothing can be read for: it comes back with its cursor."""
        log.warning("the database does not answer a socket: %s", hub.in_a_line(error))
        await self._ws.close(RESTARTING, "the database does not answer; come back with your cursor")

    async def _deliver(self, key: str) -> bool:
        async with self._sending:
            subscription = self._follower.subscriptions.get(key)
            if subscription is None or not subscription.behind:
                return False
            topic = subscription.feed.topic
            if subscription.ended is not None:
                self._hub.unsubscribe(self._follower, key)
                gone = {"op": "unsubscribed", "topic": topic, "reason": subscription.ended}
                await self._put(orjson.dumps(gone))
                return False
            if resync := renewed(subscription):
                await self._put(orjson.dumps({"op": "resync", "topic": topic, **resync}))
                return True
            if news := self._hub.news_of_presence(self._follower, subscription):
                await self._put(news)
                return True
            events = await self._hub.read(self._follower, subscription)
            if events:
                await self._put(subscription.feed.serialised("frame", events))
                self._hub.handed_over(subscription, events, "socket")
            return bool(events)

    async def _send_json(self, message: dict[str, Any]) -> None:
        await self._send(orjson.dumps(message))

    async def _send(self, frame: bytes) -> None:
        async with self._sending:
            await self._put(frame)

    async def _put(self, frame: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._ws.send(frame.decode())
        except TimeoutError:
            await self._ws.close(TOO_SLOW, "you read too slowly; come back with your cursor")
            raise ConnectionClosed(TOO_SLOW) from None


def renewed(subscription: Subscription) -> dict[str, Any] | None:
    """Where the project has another history now, the cursor that everything after follows, `{log, seq}`."""
    feed = subscription.feed
    if subscription.log == feed.log:
        return None
    subscription.log, subscription.cursor = feed.log, feed.head
    return {"log": feed.log, "seq": feed.head}


def _parse(message: str | bytes) -> Operation:
    if isinstance(message, bytes):
        raise Problem("invalid", "Send text frames, each one JSON object.")
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise Problem("invalid", "This frame is not JSON.") from None
    op = found.get("op") if isinstance(found, dict) else None
    adapter = OPERATIONS.get(op) if isinstance(op, str) else None
    if adapter is None:
        raise Problem("invalid", f"“op” must be one of {', '.join(OPERATIONS)}.")
    try:
        operation: Operation = adapter.validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Problem("invalid", f"{where}: {first['msg']}") from None
    return operation


def _key_of(topic: str) -> str:
    """The project's KEY of a topic, or INBOX, which is nobody's KEY."""
    if topic == INBOX:
        return INBOX
    kind, _, key = topic.partition(":")
    if kind != "project" or not key or key == INBOX:
        raise Problem("not_found", "There is no such topic. Topics are project:KEY and inbox.")
    return key
