"""Waiting for a turn in this process, in order and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator

import sqlalchemy as sa

#: Seconds after which somebody who waits gives up.
TURN_SECONDS = 60.0


async def take(turn: asyncio.Semaphore | asyncio.Lock) -> None:
    """Acquire it. Raises SQLAlchemy's TimeoutError where others have it for too long."""
    if not turn.locked():
        await turn.acquire()
        return
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await turn.acquire()
    except TimeoutError:
        raise sa.exc.TimeoutError(f"the database was in use for {TURN_SECONDS:.0f} s") from None


class Turns:
    """Turns by name: those who name the same come one after another."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def take(self, name: str) -> AsyncIterator[None]:
        """Have the turn of that name. Raises SQLAlchemy's TimeoutError."""
        lock = self._locks.get(name)
        if lock is None:
            self._locks[name] = lock = asyncio.Lock()
        await take(lock)
        try:
            yield
        finally:
            lock.release()
