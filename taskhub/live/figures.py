"""Figures that many look at: computed once for all who do in this process, and told to them when they change.

Nobody who looks is woken by an event. Of each project that is looked at one task follows the log; it computes anew at
most four times a second, and wakes the others where that made a difference. What each is then sent is made already.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Database, Row
from taskhub.live.follower import Follower, Subscription
from taskhub.live.hub import Hub, in_a_line
from taskhub.projects.model import projects

log = logging.getLogger(__name__)

#: Seconds between two computations of a project's figures: at most four in a second.
PACE = 0.25
#: Where telling everybody takes long, at least so many times as long is left for other work; but not for more than
#: `LONGEST_PACE` seconds.
REST, LONGEST_PACE = 4, 0.75
#: Seconds after which a computation that failed is tried again.
TRY_AGAIN = 1.0
#: Seconds after which the day is looked at again: the clock may be set, or the machine have slept.
LOOK_AGAIN = 60.0
#: Seconds of silence until a comment says that the line is alive.
HEARTBEAT = 12.0
#: Milliseconds after which an EventSource reconnects.
RETRY = 2_000
#: How many projects' figures are kept.
MOST_KEPT = 200

#: Reads the figures of a project's row, as on the wire and with its `log`, `seq` and `at` first, at the moment that the
#: session sees; what it answers is called without the session.
Reading = Callable[[AsyncSession, Row, datetime], Awaitable[Callable[[], Awaitable[dict[str, Any]]]]]


#: Of which project, log, seq and day figures are.
_Name = tuple[int, str, int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A project's figures at one `seq` of one log, on one day; `figures` is `body` before it was JSON."""

    log: str
    seq: int
    day: str
    figures: Mapping[str, Any]
    body: bytes
    #: The body without its log, seq and moment: whether anything changed.
    core: bytes
    #: What is made of them for streams, by name, once for all who get it.
    forms: dict[str, bytes] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The ETag."""
        return f"{self.log}-{self.seq}-{self.day}"

    def form(self, name: str, make: Callable[[Shown], bytes]) -> bytes:
        """What `make` makes of the figures, made once under its name."""
        if name not in self.forms:
            self.forms[name] = make(self)
        return self.forms[name]


def message(shown: Shown, body: bytes) -> bytes:
    """The figures as a message of an event stream."""
    return b"event: dashboard\nid: %d\ndata: %b\n\n" % (shown.seq, body)


@dataclass(slots=True, eq=False)
class Watched:
    """A project that somebody looks at."""

    subscription: Subscription
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: set[asyncio.Event] = field(default_factory=set)
    shown: Shown | None = None
    following: asyncio.Task[None] | None = None


class Figures:
    """One process's figures of all projects."""

    def __init__(self, db: Database, hub: Hub, read: Reading) -> None:
        self._db = db
        self._hub = hub
        self._read = read
        self._kept: OrderedDict[int, Shown] = OrderedDict()
        self._making: dict[_Name, asyncio.Event] = {}
        self._watched: dict[int, Watched] = {}

    def kept(self, project: Row, now: datetime) -> Shown | None:
        """The figures of a project's row, if they were computed today and nothing happened since."""
        shown = self._kept.get(project.id)
        if shown is None or (shown.log, shown.seq, shown.day) != (project.log, project.seq, clock.wire(now)[:10]):
            return None
        self._kept.move_to_end(project.id)
        return shown

    async def of(
        self,
        find: Callable[[AsyncSession], Awaitable[Row]],
        reading: Callable[[], AbstractAsyncContextManager[AsyncSession]] | None = None,
    ) -> Shown:
        """The figures now of the project that `find` finds, in a session of `reading`. Raises what `find` raises."""
        while True:
            now = clock.now()
            mine: _Name | None = None
            try:
                async with (reading or self._db.read)() as session:
                    project = await find(session)
                    if shown := self.kept(project, now):
                        return shown
                    name = (project.id, project.log, project.seq, clock.wire(now)[:10])
                    making = self._making.get(name)
                    if making is None:
                        mine, self._making[name] = name, asyncio.Event()
                        rest = await self._read(session, project, now)
                if making is None:
                    return self._keep(project, now, await rest())
            finally:
                if mine is not None:
                    self._making.pop(mine).set()
            # Of several who ask at once one computes, for all.
            await making.wait()

    async def of_several(
        self, session: AsyncSession, found: Sequence[Row], now: datetime
    ) -> Callable[[], Awaitable[list[Shown]]]:
        """The figures of these projects, in their order, at the moment that the session sees.

        The answer is to be called when the session is not needed any more. What is kept takes no statement.
        """
        shown = {project.id: self.kept(project, now) for project in found}
        rests = [(one, await self._read(session, one, now)) for one in found if shown[one.id] is None]

        async def finished() -> list[Shown]:
            fresh = {project.id: self._keep(project, now, await rest()) for project, rest in rests}
            return [shown[project.id] or fresh[project.id] for project in found]

        return finished

    def _keep(self, project: Row, now: datetime, figures: dict[str, Any]) -> Shown:
        head = ("log", "seq", "at")
        core = orjson.dumps({name: value for name, value in figures.items() if name not in head})
        body = orjson.dumps({name: figures[name] for name in head})[:-1] + b"," + core[1:]
        shown = Shown(project.log, project.seq, clock.wire(now)[:10], figures, body, core)
        former = self._kept.get(project.id)
        if former is None or former.log != shown.log or former.seq <= shown.seq:
            self._kept[project.id] = shown
            self._kept.move_to_end(project.id)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return shown

    # For those who go on looking.

    @contextlib.contextmanager
    def watch(self, follower: Follower, subscription: Subscription) -> Iterator[Watched]:
        """Wake the follower, which follows the project quietly, when the project's figures change."""
        project_id = subscription.feed.project_id
        watched = self._watched.get(project_id)
        if watched is None or watched.subscription.feed is not subscription.feed:
            watched = self._watched[project_id] = Watched(subscription)
            subscription.feed.wakes.add(watched.wake)
            watched.following = asyncio.get_running_loop().create_task(self._follow(watched))
        watched.watchers.add(follower.wake)
        try:
            yield watched
        finally:
            watched.watchers.discard(follower.wake)
            if not watched.watchers:
                watched.subscription.feed.wakes.discard(watched.wake)
                if watched.following is not None:
                    watched.following.cancel()
                if self._watched.get(project_id) is watched:
                    del self._watched[project_id]

    async def _follow(self, watched: Watched) -> None:
        feed = watched.subscription.feed

        async def find(session: AsyncSession) -> Row:
            return (await session.execute(_PROJECT, {"of": feed.project_id})).one()

        while True:
            watched.wake.clear()
            began = time.monotonic()
            try:
                if not feed.deleted:
                    await self._tell(watched, await self.of(find))
            except Exception as error:
                # Whatever it is, the next time may do better, and without any nobody is told of changes.
                known = isinstance(error, (SQLAlchemyError, OSError))
                log.warning("figures could not be computed: %s", in_a_line(error), exc_info=not known)
                await asyncio.sleep(TRY_AGAIN)
                watched.wake.set()
            took = time.monotonic() - began
            await asyncio.sleep(max(PACE, min(REST * took, LONGEST_PACE)) - min(took, LONGEST_PACE))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_rest_of(watched.shown)):
                    await watched.wake.wait()

    async def _tell(self, watched: Watched, shown: Shown) -> None:
        former = watched.shown
        if former is not None and (former.log, former.core) == (shown.log, shown.core):
            return
        watched.shown = shown
        for wake in watched.watchers:
            wake.set()
        # They are told in the next turns of the loop: how long those take, this waits for.
        for _ in range(3):
            await asyncio.sleep(0)

    async def stream(
        self,
        follower: Follower,
        subscription: Subscription,
        watched: Watched,
        form: Callable[[Shown], bytes] = lambda shown: shown.form("dashboard", lambda it: message(it, it.body)),
    ) -> AsyncIterator[bytes]:
        """An event stream: the figures at once and when they change, as the message that `form` makes of them.

        Whether the follower still may see them is looked at before each.
        """
        head, sent = b"retry: %d\n" % RETRY, b""
        while True:
            follower.wake.clear()
            try:
                known = await self._hub.allowed(follower)
            except SQLAlchemyError as error:
                # In order: the client comes back.
                log.warning("the database does not answer a stream: %s", in_a_line(error))
                return
            if not known or subscription.ended is not None:
                yield head + unsubscribed(subscription.ended or "access_revoked")
                return
            if watched.shown is not None and (piece := form(watched.shown)) is not sent:
                yield head + piece
                head, sent = b"", piece
                continue
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await follower.wake.wait()
            except TimeoutError:
                yield b":\n\n"


def _rest_of(shown: Shown | None) -> float | None:
    """Seconds until the day of the figures is over, or is to be looked at again."""
    if shown is None:
        return None
    over = datetime.combine(date.fromisoformat(shown.day) + timedelta(days=1), datetime.min.time(), UTC)
    return max(0.0, min((over - clock.now()).total_seconds(), LOOK_AGAIN))


_PROJECT = sa.select(projects).where(projects.c.id == sa.bindparam("of"))


def unsubscribed(reason: str) -> bytes:
    """The last message of a stream that ends for a reason."""
    return b"event: unsubscribed\ndata: " + orjson.dumps({"reason": reason}) + b"\n\n"
