"""Who follows: a socket or a stream, what it follows and how far it has come, and whether it still may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row
from taskhub.errors import not_found
from taskhub.live.feed import Feed
from taskhub.live.inbox import InboxFeed
from taskhub.live.presence import Room
from taskhub.membership import member_of
from taskhub.people import queries as people
from taskhub.people.model import Identity


@dataclass(slots=True, eq=False)
class Subscription:
    """One follower's place in one project's log, or in the log of their inbox, where nobody is present."""

    feed: Feed | InboxFeed
    room: Room | None
    cursor: int
    log: str
    #: Where the log ended when this began: what comes later is news.
    begun_at: int = 0
    #: Whether it takes no events: somebody else tells the follower what they come to.
    quiet: bool = False
    #: Why it ended, once it has: `access_revoked` or `deleted`.
    ended: str | None = None
    #: The presence frame the follower has, and since when; empty: it knows of nobody.
    present: bytes = b""
    present_since: float = 0.0
    present_later: bool = False

    @property
    def behind(self) -> bool:
        """Whether there is something to read or to say."""
        return (
            self.ended is not None
            or self.cursor < self.feed.head
            or self.log != self.feed.log
            or (self.room is not None and self.present != self.room.frame)
        )


@dataclass(slots=True, eq=False)
class Follower:
    """A socket or a stream: who it is, what it follows, and the event that wakes it.

    After each wake it asks `allowed`, then `Hub.read` of each subscription.
    """

    identity: Identity
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    checked: int = -1
    checked_at: float = 0.0

    async def is_known(self, session: AsyncSession) -> bool:
        """Whether the credential is still good."""
        return await people.is_good(session, self.identity.credential)

    async def project(self, session: AsyncSession, key: str) -> Row:
        """The project KEY. Raises Problem `not_found` for who may not see it."""
        return (await member_of(session, key, self.identity.user.id))[0]


@dataclass(slots=True, eq=False)
class Guest(Follower):
    """Somebody who shows a link in place of signing in: `find` gives the one project that it opens."""

    find: Callable[[AsyncSession], Awaitable[Row | None]] = field(kw_only=True)

    async def is_known(self, session: AsyncSession) -> bool:
        """Whether the link is still good."""
        return await self.find(session) is not None

    async def project(self, session: AsyncSession, key: str) -> Row:
        """The link's project. Raises Problem `not_found`."""
        project = await self.find(session)
        if project is None or project.key != key:
            raise not_found()
        return project
