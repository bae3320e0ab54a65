"""The hub: wakes those who follow a project when its log grows, and makes sure each of them still may.

Nobody is pushed to. A follower has a cursor, is woken, and reads on from its cursor at its own pace; what has piled
up meanwhile comes as one batch. So a slow reader costs the same as a fast one, an event is serialised once however
many read it, and between reading and following there is no gap to lose anything in.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from taskhub.db import Database
from taskhub.errors import Problem
from taskhub.events.reading import Logged, is_kept
from taskhub.live.feed import Feed
from taskhub.live.follower import Follower, Subscription
from taskhub.live.inbox import INBOX, InboxFeed
from taskhub.live.presence import PUBLISH_EVERY, Presence, Room
from taskhub.notifications import reading as inboxes
from taskhub.people.model import Identity, access
from taskhub.projects.model import projects
from taskhub.unit import Recorded

log = logging.getLogger(__name__)

#: Seconds between two looks for what other processes wrote.
POLL = 0.25
#: Seconds after which a follower's credential is looked at again without a reason: it may have run out.
RECHECK = 300.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How many follow how much, and how many events they have not taken: all together, and the slowest of them."""

    followers: int
    subscriptions: int
    waiting: int
    slowest: int


#: Called with `socket` or `stream` and the seconds between an event's commit and its delivery.
Delivered = Callable[[str, float], None]


def _uncounted(_over: str, _lag: float) -> None:
    return None


class Hub:
    """One process's part of the live side. `start` and `close` it in the loop it runs in."""

    def __init__(self, db: Database, delivered: Delivered = _uncounted) -> None:
        self.db = db
        self.presence = Presence(db)
        self._feeds: dict[int, Feed] = {}
        self._rooms: dict[int, Room] = {}
        self._inboxes: dict[str, InboxFeed] = {}
        # How far this process's own commands have brought each project's log, and which log that is.
        self._heads: dict[int, tuple[str, int]] = {}
        self._followers: set[Follower] = set()
        # Grows whenever somebody may have lost a right, a session or a token.
        self._access = 0
        self._access_row: int | None = None
        self._poller: asyncio.Task[None] | None = None
        self._rechecks = asyncio.Semaphore(4)
        self._delivered = delivered

    # What commands and the other processes tell.

    def woken(self, project_id: int, log: str, recorded: Sequence[Recorded], access_taken: bool) -> None:
        """A command of this process has committed."""
        if access_taken:
            self._look_at_access()
        if recorded:
            self._heads[project_id] = (log, max(recorded[-1].seq, self._head(project_id, log)))
            feed = self._feeds.get(project_id)
            # Another log means that a backup was restored: the poll tells of it, and everything with it.
            if feed is not None and feed.log == log:
                feed.deleted = feed.deleted or recorded[-1].type == "project.deleted"
                feed.append(recorded)

    def nudged(self, heads: Mapping[str, int]) -> None:
        """A command of this process has brought inboxes to these seqs, by user id."""
        for user_id, seq in heads.items():
            if (feed := self._inboxes.get(user_id)) is not None:
                feed.advance(seq)

    def _head(self, project_id: int, log: str) -> int:
        known, head = self._heads.get(project_id, (log, 0))
        return head if known == log else 0

    def start(self) -> None:
        """Begin to look for what other processes write."""
        self.presence.start()
        self._poller = asyncio.get_running_loop().create_task(self._poll())

    async def close(self) -> None:
        """Stop looking."""
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller
        await self.presence.close()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            if self._followers:
                try:
                    await self._look()
                except Exception as error:
                    # Whatever it is, the next look may do better, and without any nobody learns what others write.
                    known = isinstance(error, (SQLAlchemyError, OSError))
                    log.warning("the database does not answer the hub: %s", in_a_line(error), exc_info=not known)
                    await asyncio.sleep(1)

    async def _look(self) -> None:
        ids, people_ = list(self._feeds), list(self._inboxes)
        async with self.db.read() as session:
            access_row = await session.scalar(sa.select(access.c.seq).where(access.c.id == 1))
            query = sa.select(projects.c.id, projects.c.seq, projects.c.log, projects.c.deleted_at)
            rows = (await session.execute(query.where(projects.c.id.in_(ids)))).all() if ids else []
            if ids:
                await self.presence.read(session, dict(self._rooms))
            heads = await inboxes.heads_of(session, people_) if people_ else {}
        # The first look too: something may have been taken between a subscription and it.
        if access_row != self._access_row:
            self._access_row = access_row
            self._look_at_access()
        for gone in set(ids).difference(row.id for row in rows):
            feed = self._feeds.get(gone)
            if feed is not None and not feed.deleted:
                feed.deleted = True
                self._look_at_access()
        for row in rows:
            feed = self._feeds.get(row.id)
            if feed is None:
                continue
            feed.deleted = row.deleted_at is not None
            if row.log != feed.log:
                feed.renew(row.log, row.seq)
                self._look_at_access()
            else:
                feed.advance(row.seq)

        for user_id, head in heads.items():
            inbox = self._inboxes.get(user_id)
            if inbox is None:
                continue
            if inbox.log != head.log:
                inbox.renew(head)
            else:
                inbox.advance(head.seq)

    def _look_at_access(self) -> None:
        self._access += 1
        for follower in self._followers:
            follower.wake.set()

    # What sockets and streams ask.

    @contextlib.contextmanager
    def follower(self, identity: Identity) -> Iterator[Follower]:
        """A follower, for as long as its socket or stream lasts."""
        with self.following(Follower(identity)) as follower:
            yield follower

    @contextlib.contextmanager
    def following(self, follower: Follower) -> Iterator[Follower]:
        """As `follower`, for one that is made already."""
        follower.checked, follower.checked_at = self._access, time.monotonic()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            for topic in list(follower.subscriptions):
                self.unsubscribe(follower, topic)

    async def subscribe(
        self, follower: Follower, key: str, *, since: int | None = None, log: str | None = None, quiet: bool = False
    ) -> tuple[Subscription, bool]:
        """Follow the project KEY from after `since` (None: from now), replacing an earlier subscription to it.

        One that is `quiet` is not woken for events, only where access may have ended.

        The second answer is True where the cursor does not fit the log (another `log`, beyond its head, or older
        than what is kept of it): the client must fetch the board anew, and what follows comes after the
        subscription's cursor. Raises Problem `not_found` for who may not see the project.
        """
        checked = self._access
        async with self.db.read() as session:
            project = await follower.project(session, key)
            kept = since is None or since >= project.seq or await is_kept(session, project.id, since + 1)
            fresh = Feed(project.id, key, project.log, project.seq)
            room = Room(project.id, key, fresh.wake)
            if project.id not in self._feeds:
                await self.presence.read(session, {project.id: room})
        feed = self._feeds.get(project.id)
        if feed is None:
            feed, self._rooms[project.id] = fresh, room
            feed.head = max(project.seq, self._head(project.id, project.log))
            self._feeds[project.id] = feed
        elif feed.log == project.log:
            feed.advance(project.seq)
        # Another's log means that a restored backup was seen here first: the poll will tell the others.
        else:
            feed.renew(project.log, project.seq)
            self._look_at_access()
        fits = kept and (log is None or log == feed.log) and (since is None or since <= feed.head)
        cursor = since if since is not None and fits else feed.head
        subscription = Subscription(feed, self._rooms[project.id], cursor, feed.log, feed.head, quiet)
        follower.subscriptions[key] = subscription
        (feed.quiet if quiet else feed.wakes).add(follower.wake)
        if checked != self._access:
            follower.checked = -1
        follower.wake.set()
        return subscription, not fits

    async def subscribe_inbox(
        self, follower: Follower, *, since: int | None, log: str | None
    ) -> tuple[Subscription, bool]:
        """Follow the follower's own inbox, under the key `INBOX`; as `subscribe`."""
        user_id = follower.identity.user.id
        async with self.db.read() as session:
            head = await inboxes.head_of(session, user_id)
            kept = since is None or since >= head.seq or await inboxes.is_kept(session, user_id, since + 1)
        feed = self._inboxes.get(user_id)
        if feed is None:
            feed = self._inboxes[user_id] = InboxFeed(user_id, head)
        elif feed.log == head.log:
            feed.advance(head.seq)
        else:
            feed.renew(head)
        fits = kept and (log is None or log == feed.log) and (since is None or since <= feed.head)
        cursor = since if since is not None and fits else feed.head
        subscription = Subscription(feed, None, cursor, feed.log, feed.head)
        follower.subscriptions[INBOX] = subscription
        feed.wakes.add(follower.wake)
        follower.wake.set()
        return subscription, not fits

    def unsubscribe(self, follower: Follower, key: str) -> bool:
        """Stop following; whether it was followed."""
        subscription = follower.subscriptions.pop(key, None)
        if subscription is None:
            return False
        feed = subscription.feed
        feed.wakes.discard(follower.wake)
        if isinstance(feed, InboxFeed):
            if not feed.wakes and self._inboxes.get(feed.user_id) is feed:
                del self._inboxes[feed.user_id]
            return True
        assert subscription.room is not None
        feed.quiet.discard(follower.wake)
        self.presence.leave(subscription.room, follower)
        if not feed.wakes and not feed.quiet:
            self._feeds.pop(feed.project_id, None)
            self._rooms.pop(feed.project_id, None)
            subscription.room.close()
        return True

    async def allowed(self, follower: Follower) -> bool:
        """Whether the follower's session or token is still good; marks the subscriptions that have `ended`.

        Asks the database only when something may have been taken away since it was last asked.
        """
        now = time.monotonic()
        while follower.checked != self._access or now - follower.checked_at > RECHECK:
            checked = self._access
            async with self._rechecks, self.db.read() as session:
                if not await follower.is_known(session):
                    return False
                for key, subscription in list(follower.subscriptions.items()):
                    if key == INBOX:
                        continue
                    try:
                        await follower.project(session, key)
                    except Problem:
                        subscription.ended = "deleted" if subscription.feed.deleted else "access_revoked"
            follower.checked, follower.checked_at = checked, now
        return True

    async def read(self, follower: Follower, subscription: Subscription) -> Sequence[Logged]:
        """The next events after the subscription's cursor, which moves past them; none at the head.

        None either where something was taken from somebody while this read: `allowed` is to be asked again.
        """
        feed, cursor, head = subscription.feed, subscription.cursor, subscription.feed.head
        events = await feed.after(self.db, cursor)
        if follower.checked != self._access or subscription.log != feed.log:
            follower.wake.set()
            return ()
        if (events[0][0] != cursor + 1) if events else cursor < head:
            # What comes next is no longer kept: as after another history, the follower starts anew.
            subscription.log = ""
            follower.wake.set()
            return ()
        if events:
            subscription.cursor = events[-1][0]
        return events

    def handed_over(self, subscription: Subscription, events: Sequence[Logged], over: str) -> None:
        """The frame of these events was handed to the transport of a `socket` or a `stream`."""
        if events[0][0] > subscription.begun_at:
            self._delivered(over, subscription.feed.since_commit(events[0]))

    def standing(self) -> Standing:
        """Who follows, and what they have not taken yet."""
        waiting = [
            sum(max(0, each.feed.head - each.cursor) for each in follower.subscriptions.values() if not each.quiet)
            for follower in self._followers
        ]
        subscriptions = sum(len(follower.subscriptions) for follower in self._followers)
        return Standing(len(self._followers), subscriptions, sum(waiting), max(waiting, default=0))

    def news_of_presence(self, follower: Follower, subscription: Subscription) -> bytes | None:
        """The presence frame that the follower is to get now, if any; it is woken for what has to wait."""
        if subscription.room is None:
            return None
        frame, now = subscription.room.frame, time.monotonic()
        if frame == subscription.present or follower.checked != self._access:
            return None
        rest = subscription.present_since + PUBLISH_EVERY - now
        if rest > 0:
            if not subscription.present_later:
                subscription.present_later = True
                asyncio.get_running_loop().call_later(rest, _presence_now, follower, subscription)
            return None
        subscription.present, subscription.present_since = frame, now
        return frame or subscription.room.written(())


def _presence_now(follower: Follower, subscription: Subscription) -> None:
    # A timer may be early by its resolution: then it is set again.
    subscription.present_later = False
    follower.wake.set()


def in_a_line(error: Exception) -> str:
    """What a database said, without the statement and without what somebody wrote in it."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
