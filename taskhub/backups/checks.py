"""Whether a loaded backup keeps the promises of the log. What single tables promise, their constraints have shown."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from taskhub import integrity
from taskhub.backups.scratch import Scratch


def trouble(loaded: Scratch) -> str | None:
    """The first promise that is broken, in words: a log with a gap, a version that its log has not reached."""
    with loaded.reading() as connection:
        return next(_broken(connection), None)


def _broken(connection: sa.Connection) -> Iterator[str]:
    for row in integrity.heads(connection):
        if not integrity.reaches_head(row) or integrity.has_gap(row):
            found = f"{row.events} events, from {row.first} to {row.last}" if row.events else "no events"
            yield f"the log of {row.key} has {found}, and its head is {row.seq}"
    for row in integrity.beyond(connection):
        yield f"{row.what} of {row.key} is of version {row.version}, and the log ends at {row.seq}"
    for row in integrity.unheard(connection):
        told = "never" if row.heard is None else f"at {row.heard} at last"
        yield f"{row.key}-{row.number} is of version {row.version}, and the log tells of it {told}"
    for row in integrity.unreadable(connection):
        yield f"event {row.seq} of {row.key} is not what it should be"
