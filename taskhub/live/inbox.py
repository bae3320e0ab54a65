"""What one process knows of one person's inbox: how far it is. What is in it is read anew for each delivery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from taskhub.db import Database
from taskhub.events.reading import Logged
from taskhub.live.feed import Form, as_frame, as_messages, bounded, moment_of
from taskhub.notifications.reading import Head, read_after

#: The topic of one's own inbox, and the name of a subscription to it.
INBOX = "inbox"
_BATCH = 100


class InboxFeed:
    """One inbox as its owner's windows follow it; `head` is the newest seq known of.

    Nothing is kept: who may see what is asked of the database with the events themselves, each time.
    """

    topic = INBOX
    #: No project's.
    project_id = 0
    deleted = False

    def __init__(self, user_id: str, head: Head) -> None:
        self.user_id = user_id
        self.log = head.log
        self.head = head.seq
        self.wakes: set[asyncio.Event] = set()

    def advance(self, head: int) -> None:
        """Learn that the inbox has reached `head`."""
        if head > self.head:
            self.head = head
            self._wake()

    def renew(self, head: Head) -> None:
        """Learn that the inbox has another history now."""
        self.log, self.head = head.log, head.seq
        self._wake()

    def _wake(self) -> None:
        for wake in self.wakes:
            wake.set()

    def since_commit(self, event: Logged) -> float:
        """Seconds since the event was committed, from its own moment on."""
        return max(0.0, time.time() - moment_of(event[1]))

    async def after(self, db: Database, cursor: int) -> Sequence[Logged]:
        """The next events after `cursor`, in order and without a gap; none at the head."""
        if cursor >= self.head:
            return ()
        async with db.read() as session:
            return bounded(await read_after(session, self.user_id, cursor, _BATCH))

    def serialised(self, form: Form, events: Sequence[Logged]) -> bytes:
        """The events as one WebSocket frame or as a piece of an event stream."""
        return as_frame(self.topic, events) if form == "frame" else as_messages(events)
