"""What happened inside a server under test, for the tests to read over HTTP."""

from __future__ import annotations

import asyncio

from flask import Blueprint, abort

journal = Blueprint("journal", __name__)

_entries: list[str] = []
_news = asyncio.Event()


def note(entry: str) -> None:
    """Write down that something happened."""
    _entries.append(entry)
    _news.set()


@journal.get("/journal")
def entries() -> list[str]:
    return _entries


@journal.get("/journal/<path:entry>")
async def wait_for(entry: str) -> str:
    """Answers once `entry` has been written down; 504 after 10 s."""
    try:
        async with asyncio.timeout(10):
            while entry not in _entries:
                _news.clear()
                await _news.wait()
    except TimeoutError:
        abort(504, f"{entry!r} did not happen; what did: {_entries[-20:]}")
    return entry
