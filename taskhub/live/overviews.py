"""How all projects of a person stand, live: one stream over as many projects as the person is in.

It is put together from the figures of each project, which are computed once for all. Who is let into a project, or
taken out, is looked for twice a second, for everybody who looks at an overview in this process at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from taskhub.db import Database
from taskhub.errors import Problem
from taskhub.live.figures import HEARTBEAT, PACE, RETRY, Figures, Shown, Watched, unsubscribed
from taskhub.live.follower import Follower, Subscription
from taskhub.live.hub import Hub, in_a_line
from taskhub.projects.model import members, projects

log = logging.getLogger(__name__)

#: Seconds between two looks for projects that somebody was let into.
LOOK = 0.5
#: How many projects an overview has at most: the first by key.
MOST_PROJECTS = 200
#: Seconds after which the first message goes out, also where some project's figures are not there yet.
PATIENCE = 2.0


@dataclass(slots=True)
class _Place:
    """A project in an overview."""

    subscription: Subscription
    watched: Watched
    lifetime: ExitStack


@dataclass(slots=True, eq=False)
class Overview:
    """Somebody who looks at an overview, and the keys of the projects that they are in."""

    follower: Follower
    keys: list[str] = field(default_factory=list)


class Overviews:
    """One process's overviews."""

    def __init__(self, db: Database, hub: Hub, figures: Figures) -> None:
        self._db = db
        self._hub = hub
        self._figures = figures
        self._open: set[Overview] = set()
        self._looking: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def open(self, follower: Follower) -> Iterator[Overview]:
        """An overview of the follower's projects, for as long as its stream lasts."""
        overview = Overview(follower)
        self._open.add(overview)
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_again())
        try:
            yield overview
        finally:
            self._open.discard(overview)
            if not self._open and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def stream(self, overview: Overview, make: Callable[[Shown], bytes]) -> AsyncIterator[bytes]:
        """An event stream: all projects at once, and whenever one of them changed, as `make` shows each."""
        places: dict[str, _Place] = {}
        follower, began = overview.follower, time.monotonic()
        head, sent = b"retry: %d\n" % RETRY, b""
        with ExitStack() as lifetime:
            lifetime.callback(_close, places)
            try:
                await self._look({overview})
                while True:
                    follower.wake.clear()
                    await self._meet(overview, places)
                    # Last before what is shown: to follow many projects takes a while.
                    if not await self._hub.allowed(follower):
                        yield head + unsubscribed("access_revoked")
                        return
                    _leave(overview, places)
                    shown = [places[key].watched.shown for key in sorted(places)]
                    if all(shown) or time.monotonic() - began > PATIENCE:
                        items = b",".join(one.form("overview", make) for one in shown if one is not None)
                        if (message := b'event: overview\ndata: {"items":[%b]}\n\n' % items) != sent:
                            yield head + message
                            head, sent = b"", message
                            # Many projects change more often than one.
                            await asyncio.sleep(PACE)
                            continue
                    try:
                        async with asyncio.timeout(HEARTBEAT if sent else PATIENCE):
                            await follower.wake.wait()
                    except TimeoutError:
                        yield head + b":\n\n"
                        head = b""
            except SQLAlchemyError as error:
                # In order: the client comes back.
                log.warning("the database does not answer a stream: %s", in_a_line(error))

    async def _meet(self, overview: Overview, places: dict[str, _Place]) -> None:
        """Follow the projects that the person is in, and no others."""
        follower = overview.follower
        _leave(overview, places)
        for key in overview.keys:
            if key in places:
                continue
            with ExitStack() as lifetime, contextlib.suppress(Problem):
                subscription, _ = await self._hub.subscribe(follower, key, quiet=True)
                lifetime.callback(self._hub.unsubscribe, follower, key)
                watched = lifetime.enter_context(self._figures.watch(follower, subscription))
                places[key] = _Place(subscription, watched, lifetime.pop_all())

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self._look(set(self._open))
            except Exception as error:
                known = isinstance(error, (SQLAlchemyError, OSError))
                log.warning("the database does not answer the overviews: %s", in_a_line(error), exc_info=not known)

    async def _look(self, overviews: set[Overview]) -> None:
        users = {overview.follower.identity.user.id for overview in overviews}
        found: defaultdict[str, list[str]] = defaultdict(list)
        async with self._db.read() as session:
            for user_id, key in await session.execute(_KEYS, {"users": list(users)}):
                found[user_id].append(key)
        for overview in overviews:
            keys = found[overview.follower.identity.user.id][:MOST_PROJECTS]
            if keys != overview.keys:
                overview.keys = keys
                overview.follower.wake.set()


def _leave(overview: Overview, places: dict[str, _Place]) -> None:
    for key in [key for key, place in places.items() if key not in overview.keys or place.subscription.ended]:
        places.pop(key).lifetime.close()


def _close(places: dict[str, _Place]) -> None:
    for place in places.values():
        place.lifetime.close()


_KEYS = (
    sa.select(members.c.user_id, projects.c.key)
    .join(projects, projects.c.id == members.c.project_id)
    .where(members.c.user_id.in_(sa.bindparam("users", expanding=True)), projects.c.deleted_at.is_(None))
    .order_by(projects.c.key)
)
