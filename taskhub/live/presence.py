"""Presence: who is in a project right now, at which task, typing or not. Never logged, and gone when the line is.

Each process knows its own clients and tells its followers of them at once. For the other processes it keeps rows in
the database: what changed goes there in one transaction, at most every half second however many clients there are,
and a client that only says again where it is costs none. A row is a lease that its process renews, so what a process
that died has left behind runs out; what ends before is deleted. Rows of the others are read with the hub's poll.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Database, new_id
from taskhub.live.model import presence
from taskhub.people.model import User, users

log = logging.getLogger(__name__)

#: Seconds after which a client that does not say it again is no longer present.
EXPIRES = 30.0
#: Seconds between two frames of one topic, at least.
PUBLISH_EVERY = 0.5
#: Seconds between two transactions of one process, at least.
WRITE_EVERY = 0.5
#: Seconds after which a process renews the rows of its clients: three times before they run out.
RENEW_EVERY = 10.0
_LOOK_EVERY = 1.0
_CLOSE_WITHIN = 2.0

#: `at` of a client that is in the project, but at no task.
NOWHERE = b"null"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where one connection of somebody is; `at` is JSON, as on the wire."""

    name: str
    user_id: str
    at: bytes


@dataclass(slots=True)
class _Client:
    """A client of this process; `until` is by time.monotonic()."""

    connection: int
    room: Room
    who: Hashable
    place: Place
    until: float


class Room:
    """Who is in one project, as this process knows it. `frame` is the newest presence frame, empty for nobody."""

    def __init__(self, project_id: int, key: str, wake: Callable[[], None]) -> None:
        self.project_id = project_id
        self.topic = f"project:{key}"
        self.frame = b""
        self.clients: dict[Hashable, _Client] = {}
        self._elsewhere: Sequence[Place] = ()
        self._wake = wake
        self._published = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def meet(self, elsewhere: Sequence[Place]) -> None:
        """Learn who is here through other processes."""
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            self.changed()

    def changed(self) -> None:
        """Tell the followers: now, or half a second after they were told the last time."""
        if self._timer is not None:
            return
        rest = self._published + PUBLISH_EVERY - time.monotonic()
        if rest > 0:
            self._timer = asyncio.get_running_loop().call_later(rest, self._publish)
        else:
            self._publish()

    def close(self) -> None:
        """Nobody follows any more."""
        if self._timer is not None:
            self._timer.cancel()

    def written(self, places: Sequence[Place]) -> bytes:
        """The frame that says these places, each person once, in the same order in every process."""
        by_user: dict[str, tuple[str, set[bytes]]] = {}
        for place in sorted(places):
            by_user.setdefault(place.user_id, (place.name, set()))[1].add(place.at)
        present = [
            {"id": user_id, "name": name, "at": [orjson.Fragment(at) for at in sorted(found - {NOWHERE})]}
            for user_id, (name, found) in by_user.items()
        ]
        return orjson.dumps({"op": "presence", "topic": self.topic, "users": present})

    def _publish(self) -> None:
        self._timer = None
        places = [*(client.place for client in self.clients.values()), *self._elsewhere]
        frame = self.written(places) if places else b""
        if frame != self.frame:
            self.frame = frame
            self._published = time.monotonic()
            self._wake()


class Presence:
    """One process's part: its clients, and what it writes of them. `start` and `close` it in the loop it runs in."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.process = new_id()
        self._connections = itertools.count(1)
        self._clients: dict[tuple[int, int], _Client] = {}
        # By connection and project: what the table does not say yet.
        self._unwritten: set[tuple[int, int]] = set()
        self._wanted = asyncio.Event()
        self._renewed = time.monotonic()
        self._has_rows = False
        self._failing = False
        self._tender: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write, and to look for who went silent."""
        self._tender = asyncio.get_running_loop().create_task(self._tend())

    async def close(self) -> None:
        """Stop, and take away what was written, if the database takes it."""
        if self._tender is not None:
            self._tender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tender
        if self._has_rows:
            try:
                async with asyncio.timeout(_CLOSE_WITHIN), self._db.write() as session:
                    await session.execute(sa.delete(presence).where(presence.c.process == self.process))
            except Exception as error:
                log.warning("presence is left to run out: %s", error)

    # What the clients of this process say.

    def say(self, room: Room, who: Hashable, user: User, at: bytes) -> None:
        """`who`, one connection of the user, is in the room now, for the next 30 seconds."""
        client = room.clients.get(who)
        place = Place(user.name, user.id, at)
        until = time.monotonic() + EXPIRES
        if client is None:
            client = _Client(next(self._connections), room, who, place, until)
            room.clients[who] = self._clients[client.connection, room.project_id] = client
        else:
            client.until = until
            if client.place == place:
                return
            client.place = place
        self._changed(client)

    def leave(self, room: Room, who: Hashable) -> None:
        """`who` is not in the room any more, if it was."""
        client = room.clients.pop(who, None)
        if client is not None:
            del self._clients[client.connection, room.project_id]
            self._changed(client)

    def _changed(self, client: _Client) -> None:
        self._unwritten.add((client.connection, client.room.project_id))
        self._wanted.set()
        client.room.changed()

    # What the processes tell each other.

    async def read(self, session: AsyncSession, rooms: Mapping[int, Room]) -> None:
        """Let the rooms, by project, know who is there through other processes."""
        rows = await session.execute(
            sa.select(presence.c.project_id, presence.c.user_id, users.c.name, presence.c.at)
            .join(users, users.c.id == presence.c.user_id)
            .where(
                presence.c.project_id.in_(list(rooms)),
                presence.c.process != self.process,
                presence.c.expires_at > clock.now(),
            )
        )
        found: dict[int, list[Place]] = {project_id: [] for project_id in rooms}
        for row in rows:
            found[row.project_id].append(Place(row.name, row.user_id, row.at.encode()))
        for project_id, places in found.items():
            rooms[project_id].meet(sorted(places))

    async def _tend(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY if self._clients else None):
                    await self._wanted.wait()
            self._wanted.clear()
            self._expire()
            try:
                await self._write()
                self._failing = False
            except Exception as error:
                if not self._failing:
                    known = isinstance(error, (SQLAlchemyError, OSError))
                    log.warning("presence could not be written, it is tried again: %s", error, exc_info=not known)
                self._failing = True
                self._wanted.set()
                await asyncio.sleep(_LOOK_EVERY)
            await asyncio.sleep(WRITE_EVERY)

    def _expire(self) -> None:
        now = time.monotonic()
        for client in [client for client in self._clients.values() if client.until <= now]:
            self.leave(client.room, client.who)

    async def _write(self) -> None:
        renew = bool(self._clients) and time.monotonic() - self._renewed > RENEW_EVERY
        if not self._unwritten and not renew:
            return
        taken, self._unwritten = self._unwritten, set()
        now = clock.now()
        expires_at = now + timedelta(seconds=EXPIRES)
        here, gone = [], []
        for name in sorted(taken):
            client = self._clients.get(name)
            if client is None:
                gone.append({"_process": self.process, "_connection": name[0], "_project_id": name[1]})
            else:
                row = {"process": self.process, "connection": name[0], "project_id": name[1]}
                place = {"user_id": client.place.user_id, "at": client.place.at.decode(), "expires_at": expires_at}
                here.append(row | place)
        try:
            async with self._db.write() as session:
                self._has_rows = True
                if renew:
                    own = sa.update(presence).where(presence.c.process == self.process)
                    await session.execute(own.values(expires_at=expires_at))
                if here:
                    await session.execute(_upsert(self._db.is_sqlite), here)
                if gone:
                    await session.execute(_DELETE, gone)
                if renew:
                    await session.execute(sa.delete(presence).where(presence.c.expires_at < now))
        except BaseException:
            self._unwritten |= taken
            raise
        if renew:
            self._renewed = time.monotonic()


def _upsert(is_sqlite: bool) -> sa.Executable:
    insert = sqlite.insert(presence) if is_sqlite else postgresql.insert(presence)
    return insert.on_conflict_do_update(
        index_elements=["process", "connection", "project_id"],
        set_={"at": insert.excluded.at, "expires_at": insert.excluded.expires_at},
    )


_DELETE = sa.delete(presence).where(
    presence.c.process == sa.bindparam("_process"),
    presence.c.connection == sa.bindparam("_connection"),
    presence.c.project_id == sa.bindparam("_project_id"),
)
