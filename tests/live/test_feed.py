"""What a process knows of one log: no gap and no double, whoever writes, and each event serialised once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskhub import clock
from taskhub.db import Database
from taskhub.events.model import events
from taskhub.events.reading import Logged, join
from taskhub.live import feed as feeds
from taskhub.live.feed import Feed
from taskhub.people.model import User
from taskhub.projects.model import projects
from taskhub.unit import Recorded
from tests.databases import Database as TestDatabase

ADA = User("ada", "ada@example.com", "Ada")


class Log:
    """A project's log in the database, that this process or another one writes."""

    def __init__(self, db: Database, project_id: int) -> None:
        self.db = db
        self.project_id = project_id
        self.head = 0
        self.reads = 0

    async def write(self, count: int, size: int = 1) -> list[Recorded]:
        """Append events, as any process may; what was recorded."""
        made = []
        for seq in range(self.head + 1, self.head + count + 1):
            body = b'{"seq":%d,"x":"%b"}' % (seq, b"x" * size)
            made.append(Recorded(seq, "task.edited", body, 1, clock.now(), ADA, {}, {}))
        async with self.db.write() as session:
            await session.execute(
                sa.insert(events),
                [
                    {
                        "project_id": self.project_id,
                        "seq": event.seq,
                        "type": event.type,
                        "at": event.at,
                        "actor_id": "ada",
                        "command_id": "c",
                        "body": event.body.decode(),
                    }
                    for event in made
                ],
            )
        self.head += count
        return made

    async def feed(self, head: int | None = None) -> Feed:
        """A feed that begins at `head`."""
        return Feed(self.project_id, "WEB", "log", self.head if head is None else head)


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[Log]:
    db = Database(sa.make_url(database_url))
    yield await new_log(db)
    await db.close()


async def new_log(db: Database) -> Log:
    async with db.write() as session:
        count = await session.scalar(sa.select(sa.func.count()).select_from(projects))
        project_id = await session.scalar(
            sa.insert(projects)
            .values(key=f"WEB{count}", name="Web", log="log", created_at=clock.now())
            .returning(projects.c.id)
        )
    assert project_id is not None
    return Log(db, project_id)


async def read_all(feed: Feed, db: Database, cursor: int) -> list[int]:
    """Every seq that a follower gets from `cursor` on, until there is nothing more."""
    seen: list[int] = []
    while found := await feed.after(db, cursor):
        seen += [seq for seq, _ in found]
        cursor = seen[-1]
    return seen


async def test_a_follower_who_reads_past_what_the_feed_has_goes_on(log: Log) -> None:
    await log.write(100)
    feed = await log.feed()
    await log.write(50)
    feed.advance(log.head)
    # From 90 the database gives the rest at once: beyond the feed's own end at 100.
    assert await read_all(feed, log.db, 90) == list(range(91, 151))
    feed.append(await log.write(1))
    assert await read_all(feed, log.db, 150) == [151]
    await log.write(700)
    feed.advance(log.head)
    assert await read_all(feed, log.db, 151) == list(range(152, 852))


async def test_a_gap_between_own_events_is_read_from_the_database(log: Log) -> None:
    feed = await log.feed()
    feed.append(await log.write(2))
    await log.write(3)
    feed.append(await log.write(1))
    assert await read_all(feed, log.db, 0) == [1, 2, 3, 4, 5, 6]


async def test_an_event_is_serialised_once_however_many_read_it(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []

    def counted(logged: Sequence[Logged]) -> bytes:
        joined.append(len(logged))
        return join(logged)

    monkeypatch.setattr(feeds, "join", counted)
    feed = await log.feed()
    feed.append(await log.write(5))
    frames = set()
    for _ in range(200):
        found = await feed.after(log.db, 0)
        frames.add(id(feed.serialised("frame", found)))
    assert (len(frames), joined) == (1, [5])


async def test_what_piled_up_comes_in_one_frame_with_a_bound(log: Log) -> None:
    feed = await log.feed()
    for _ in range(10):
        feed.append(await log.write(10))
    assert len(await feed.after(log.db, 0)) == 100
    feed.append(await log.write(20, size=50_000))
    batch = await feed.after(log.db, 100)
    assert 1 < len(batch) < 20
    assert sum(len(body) for _, body in batch) <= feeds._BATCH_BYTES
    assert await read_all(feed, log.db, 100) == list(range(101, 121))


@pytest.mark.parametrize("writer", ["own", "other"])
async def test_the_tail_is_bounded_whoever_writes(log: Log, writer: str) -> None:
    feed = await log.feed()
    follower = 0
    for _ in range(30):
        recorded = await log.write(100)
        if writer == "own":
            feed.append(recorded)
        else:
            feed.advance(log.head)
        follower = (await read_all(feed, log.db, follower))[-1]
        assert len(feed._tail) <= 2 * feeds._TAIL
    assert await read_all(feed, log.db, 0) == list(range(1, 3001))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("own"), st.integers(1, 40)),
        st.tuples(st.just("other"), st.integers(1, 40)),
        st.tuples(st.just("poll"), st.just(0)),
        st.tuples(st.just("read"), st.integers(0, 3)),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
async def module_db(database: TestDatabase) -> AsyncIterator[Database]:
    db = Database(sa.make_url(database.url))
    yield db
    await db.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, behind=st.lists(st.integers(0, 30), min_size=4, max_size=4))
async def test_any_mix_of_writers_and_readers_has_no_gap(
    module_db: Database, steps: list[tuple[str, int]], behind: list[int]
) -> None:
    log = await new_log(module_db)
    await log.write(30)
    feed = await log.feed()
    cursors = [30 - back for back in behind]
    firsts = list(cursors)
    seen: list[list[int]] = [[], [], [], []]

    async def read(reader: int) -> bool:
        found = await feed.after(log.db, cursors[reader])
        seen[reader] += [seq for seq, _ in found]
        cursors[reader] = found[-1][0] if found else cursors[reader]
        return bool(found)

    for kind, number in steps:
        if kind == "own":
            feed.append(await log.write(number))
        elif kind == "other":
            await log.write(number)
        elif kind == "poll":
            feed.advance(log.head)
        else:
            await read(number)
    feed.advance(log.head)
    for reader in range(4):
        while await read(reader):
            pass
        assert seen[reader] == list(range(firsts[reader] + 1, log.head + 1))


async def test_the_tail_is_bounded_in_bytes_too(log: Log) -> None:
    feed = await log.feed()
    for _ in range(20):
        feed.append(await log.write(4, size=200_000))
        assert sum(len(body) for _, body in feed._tail) <= 2 * feeds._TAIL_BYTES + 800_100
    assert sum(len(body) for _, body in feed._tail) == feed._size
    assert await read_all(feed, log.db, 0) == list(range(1, 81))
