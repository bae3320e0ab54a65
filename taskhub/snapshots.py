"""Serialised snapshots, kept under the log and seq they were read at: never stale, since both are part of the name."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from typing import NamedTuple


class Moment(NamedTuple):
    """A project as it was at one event of one history."""

    project_id: int
    log: str
    seq: int

    @property
    def tag(self) -> str:
        """The snapshot's ETag."""
        return f"{self.log}-{self.seq}"


class SnapshotCache:
    """The last snapshot of each project, the least recently asked for given up beyond `most_bytes`."""

    def __init__(self, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[int, tuple[Moment, bytes]] = OrderedDict()
        self._making: dict[Moment, asyncio.Event] = {}

    def get(self, moment: Moment) -> bytes | None:
        """The snapshot of exactly that moment, if it is kept."""
        kept = self._kept.get(moment.project_id)
        if kept is None or kept[0] != moment:
            return None
        self._kept.move_to_end(moment.project_id)
        return kept[1]

    def is_made(self, moment: Moment) -> bool:
        """Whether somebody makes the snapshot of that moment just now."""
        return moment in self._making

    async def make(self, moment: Moment, making: Awaitable[bytes]) -> bytes:
        """Make a snapshot, and keep it in place of the project's former one."""
        self._making[moment] = over = asyncio.Event()
        try:
            snapshot = await making
            self._put(moment, snapshot)
            return snapshot
        finally:
            del self._making[moment]
            over.set()

    async def made(self, moment: Moment) -> None:
        """Wait until nobody makes that snapshot any more: then it is kept, or was too large, or could not be made."""
        if (making := self._making.get(moment)) is not None:
            await making.wait()

    def _put(self, moment: Moment, snapshot: bytes) -> None:
        kept = self._kept.get(moment.project_id)
        if kept is not None and kept[0].log == moment.log and kept[0].seq > moment.seq:
            return
        self._forget(moment.project_id)
        if len(snapshot) > self._most:
            return
        self._kept[moment.project_id] = (moment, snapshot)
        self._size += len(snapshot)
        while self._size > self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, project_id: int) -> None:
        kept = self._kept.pop(project_id, None)
        if kept is not None:
            self._size -= len(kept[1])
