"""What one process knows of one project's log: its head, and its newest events, each serialised once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from taskhub.db import Database
from taskhub.events.reading import Logged, join, read_after
from taskhub.unit import Recorded

_TAIL = 512
_TAIL_BYTES = 4 * 1024 * 1024
_BATCH = 200
#: Rows asked of the database at once: so few that the largest events there are fit into memory easily.
_PIECE = 50
_BATCH_BYTES = 256 * 1024
_FRAMES = 16

Form = Literal["frame", "stream"]


class Feed:
    """One project's log as everybody who follows it in this process reads it.

    `head` is the newest seq known of. The tail is a run of events without gaps up to `_end`, which is the head but
    for the moment after another process has written.
    """

    def __init__(self, project_id: int, key: str, log: str, head: int) -> None:
        self.project_id = project_id
        self.key = key
        self.topic = f"project:{key}"
        self.log = log
        self.head = head
        self.deleted = False
        self.wakes: set[asyncio.Event] = set()
        # Of those who follow without being woken for each event: somebody else tells them.
        self.quiet: set[asyncio.Event] = set()
        self._tail: list[Logged] = []
        self._end = head
        self._size = 0
        self._extending = asyncio.Lock()
        # What many read from the database at once adds up.
        self._catching_up = asyncio.Semaphore(2)
        # When events were committed, by this process's clock for intervals.
        self._committed: dict[int, float] = {}
        self._forms: OrderedDict[tuple[Form, int, int], bytes] = OrderedDict()

    def wake(self) -> None:
        """Let everybody who follows look."""
        for wake in self.wakes:
            wake.set()

    def append(self, recorded: Sequence[Recorded]) -> None:
        """Take over what a command of this process has just committed."""
        now = time.perf_counter()
        for event in recorded:
            self._committed[event.seq] = now
            if event.seq == self._end + 1:
                self._tail.append((event.seq, event.body))
                self._size += len(event.body)
                self._end = event.seq
        self._trim()
        self.advance(recorded[-1].seq)

    def advance(self, head: int) -> None:
        """Learn that the log has reached `head`."""
        if head > self.head:
            self.head = head
            self.wake()

    def renew(self, log: str, head: int) -> None:
        """Learn that the project has another history now."""
        self.log, self.head, self._end = log, head, head
        self._tail.clear()
        self._size = 0
        self._forms.clear()
        self._committed.clear()
        self.wake()

    def since_commit(self, event: Logged) -> float:
        """Seconds since the event was committed; what another process wrote counts from its own moment on."""
        seq, body = event
        committed = self._committed.get(seq)
        if committed is None:
            ago = time.time() - moment_of(body)
            committed = self._committed[seq] = time.perf_counter() - ago
        if len(self._committed) > 2 * _TAIL:
            for old in list(self._committed)[:_TAIL]:
                del self._committed[old]
        return max(0.0, time.perf_counter() - committed)

    async def after(self, db: Database, cursor: int) -> Sequence[Logged]:
        """The next events after `cursor`, in order and without a gap; none at the head.

        Where the next one is no longer kept, what comes after the gap, or nothing.
        """
        if cursor >= self.head:
            return ()
        # A follower that caught up from the database may have read beyond what is here.
        while cursor >= self._end and self._end < self.head and await self._extend(db):
            pass
        start = self._end - len(self._tail)
        if cursor >= start:
            return bounded(self._tail[cursor - start : cursor - start + _BATCH])
        return await self._from_database(db, cursor)

    def serialised(self, form: Form, events: Sequence[Logged]) -> bytes:
        """The events as one WebSocket frame or as a piece of an event stream, made once for all who take it."""
        name = (form, events[0][0], events[-1][0])
        made = self._forms.get(name)
        if made is None:
            made = as_frame(self.topic, events) if form == "frame" else as_messages(events)
            self._forms[name] = made
            if len(self._forms) > _FRAMES:
                self._forms.popitem(last=False)
        return made

    async def _from_database(self, db: Database, cursor: int) -> Sequence[Logged]:
        found: list[Logged] = []
        async with self._catching_up, db.read() as session:
            while len(found) < _BATCH and sum(len(body) for _, body in found) < _BATCH_BYTES:
                piece = await read_after(session, self.project_id, found[-1][0] if found else cursor, _PIECE)
                found += piece
                if len(piece) < _PIECE:
                    break
        return bounded(found)

    def _trim(self) -> None:
        if len(self._tail) <= 2 * _TAIL and self._size <= 2 * _TAIL_BYTES:
            return
        kept, size = 0, 0
        for _, body in reversed(self._tail):
            if kept and (kept == _TAIL or size + len(body) > _TAIL_BYTES):
                break
            kept, size = kept + 1, size + len(body)
        del self._tail[:-kept]
        self._size = size

    async def _extend(self, db: Database) -> bool:
        """Read on from the end of the tail; whether that may have brought something."""
        async with self._extending:
            if self._end >= self.head:
                return True
            log, end = self.log, self._end
            async with db.read() as session:
                found = await read_after(session, self.project_id, end, _PIECE)
            # While this waited for the database a command may have appended, or the history been renewed.
            if self.log == log:
                fresh = [event for event in found if event[0] > self._end]
                if fresh and fresh[0][0] != self._end + 1:
                    self._tail.clear()
                    self._size = 0
                self._tail.extend(fresh)
                self._size += sum(len(body) for _, body in fresh)
                self._end = max(self._end, found[-1][0]) if found else self._end
                self._trim()
            return bool(found)


def moment_of(body: bytes) -> float:
    """When an event happened, in seconds since the epoch."""
    start = body.index(b'"at":"') + 6
    return datetime.fromisoformat(body[start : body.index(b'"', start)].decode()).timestamp()


def as_frame(topic: str, events: Sequence[Logged]) -> bytes:
    """The events as one WebSocket frame."""
    return f'{{"op":"events","topic":"{topic}","events":'.encode() + join(events) + b"}"


def as_messages(events: Sequence[Logged]) -> bytes:
    """The events as a piece of an event stream."""
    return b"".join(b"id: %d\ndata: %b\n\n" % event for event in events)


def bounded(events: Sequence[Logged]) -> Sequence[Logged]:
    """As many of the events, from the first on, as should be sent at once."""
    size = 0
    for index, (_, body) in enumerate(events):
        size += len(body)
        if size > _BATCH_BYTES and index:
            return events[:index]
    return events
