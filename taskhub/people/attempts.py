"""Attempts, counted in a file that all processes of one machine share; a storage for the library `limits`.

A file of its own, not the database: who guesses passwords must not be able to keep the database's one writer busy.
It holds hashes in place of e-mail and network addresses. Where it does not work, each process counts for itself.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from limits.storage import MemoryStorage, MovingWindowSupport, Storage

log = logging.getLogger(__name__)

T = TypeVar("T")

_TABLE = """
CREATE TABLE IF NOT EXISTS attempts (name TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL);
CREATE INDEX IF NOT EXISTS attempts_by_name ON attempts (name, at);
CREATE INDEX IF NOT EXISTS attempts_by_end ON attempts (until);
"""
_SINCE = "FROM attempts WHERE name = ? AND at > ?"


class SharedStorage(Storage, MovingWindowSupport):
    """Moving windows in the file at `path`, which is made at first use. For one thread of each process."""

    STORAGE_SCHEME = None

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._opened: sqlite3.Connection | None = None
        self._own = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage's own failures are; none leaves it."""
        return sqlite3.Error

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` attempts, unless with them there were more than `limit` in `expiry` seconds."""

        def acquire(connection: sqlite3.Connection) -> bool:
            now, name = time.time(), _name(key)
            connection.execute("DELETE FROM attempts WHERE until < ?", (now,))
            (found,) = connection.execute(f"SELECT count(*) {_SINCE}", (name, now - expiry)).fetchone()
            if found + amount > limit:
                return False
            row = (name, now, now + expiry)
            connection.executemany("INSERT INTO attempts VALUES (?, ?, ?)", [row] * amount)
            return True

        return self._run(acquire, lambda: self._own.acquire_entry(key, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The moment of the first attempt of the last `expiry` seconds (now without any), and how many there were."""

        def window(connection: sqlite3.Connection) -> tuple[float, int]:
            now = time.time()
            query = f"SELECT coalesce(min(at), ?), count(*) {_SINCE}"
            first, found = connection.execute(query, (now, _name(key), now - expiry)).fetchone()
            return first, found

        return self._run(window, lambda: self._own.get_moving_window(key, limit, expiry))

    def clear(self, key: str) -> None:
        """Forget what was counted under `key`."""

        def forget(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM attempts WHERE name = ?", (_name(key),))

        self._run(forget, lambda: self._own.clear(key))

    def _run(self, work: Callable[[sqlite3.Connection], T], otherwise: Callable[[], T]) -> T:
        try:
            if self._opened is None:
                self._opened = _open(self._path)
            with self._opened:
                self._opened.execute("BEGIN IMMEDIATE")
                return work(self._opened)
        except sqlite3.Error as error:
            log.warning("attempts to sign in are counted by each process for itself: %s: %s", self._path, error)
            return otherwise()

    # What counters in fixed windows would need.

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not for fixed windows."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Not for fixed windows."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Not for fixed windows."""
        raise NotImplementedError

    def check(self) -> bool:
        """It works, or does without the file."""
        return True

    def reset(self) -> int | None:
        """Not for fixed windows."""
        raise NotImplementedError


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # What is lost with the power is no loss.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_TABLE)
    except BaseException:
        connection.close()
        raise
    return connection


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
