"""What must hold when the dust has settled: nothing acknowledged is lost, nothing is done twice, nobody is stale."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.comments.model import comments
from taskhub.events.model import events, idempotency
from taskhub.projects.model import projects
from taskhub.tasks.model import live, tasks
from tests.chaos.subscribers import Subscriber
from tests.chaos.writers import Change
from tests.store import fold

Event = dict[str, Any]

#: How many events of which type a change makes, where it was acknowledged.
_MADE = {"create": "task.created", "edit": "task.edited", "comment": "comment.created", "delete": "task.deleted"}


@dataclass(frozen=True)
class Tables:
    """One project as its tables have it, read past TaskHub: the log, the tasks on the board, comments, and keys."""

    seq: int
    log: list[Event]
    tasks: list[tuple[Any, ...]]
    comments: int
    keys: dict[str, Any]


async def read_tables(url: str, key: str) -> Tables:
    """The tables of the project KEY in the database at `url`."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            row = (
                await connection.execute(sa.select(projects.c.id, projects.c.seq).where(projects.c.key == key))
            ).one()
            logged = await connection.execute(
                sa.select(events.c.seq, events.c.command_id, events.c.body)
                .where(events.c.project_id == row.id)
                .order_by(events.c.seq)
            )
            log = []
            for seq, command_id, body in logged:
                event = orjson.loads(body)
                assert (event["seq"], event["command_id"]) == (seq, command_id)
                log.append(event)
            columns = (tasks.c.number, tasks.c.title, tasks.c.description, tasks.c.state, tasks.c.position)
            found = await connection.execute(
                sa.select(*columns, tasks.c.version, tasks.c.comment_count)
                .where(tasks.c.project_id == row.id, live())
                .order_by(tasks.c.number)
            )
            counted = await connection.scalar(
                sa.select(sa.func.count()).where(comments.c.project_id == row.id, comments.c.deleted_at.is_(None))
            )
            keys = await connection.execute(sa.select(idempotency.c.key, idempotency.c.answer))
            return Tables(
                row.seq,
                log,
                [tuple(task) for task in found],
                counted or 0,
                {name: orjson.loads(answer) for name, answer in keys},
            )
    finally:
        await engine.dispose()


def check_changes(changes: Iterable[Change], tables: Tables, since: int) -> None:
    """Every acknowledged change is in the log once, as it was answered; every other is not there at all.

    All events after `since` must come from these changes.
    """
    made: dict[str, list[Event]] = {}
    for command_id, run in groupby(tables.log[since:], key=lambda event: str(event["command_id"])):
        assert command_id not in made, f"{command_id} was applied twice, or another's event stands between its own"
        made[command_id] = list(run)
    for change in changes:
        done = made.pop(change.key, [])
        kept = change.key in tables.keys
        where = f"{change} made {[(event['seq'], event['type']) for event in done]}"
        if not change.acknowledged:
            assert change.status in (404, None), where
            if change.status is not None:
                assert not done, where
                assert not kept, where
            continue
        assert kept, f"the answer to {change.key} was not kept"
        if change.kind == "move":
            assert {event["type"] for event in done} <= {"task.moved"}, where
            # A move to where the task stands already is none.
            assert done or change.answer["version"] <= tables.seq, where
        else:
            assert [event["type"] for event in done] == [_MADE[change.kind]], where
        for event in done:
            if change.kind == "comment":
                assert event["comment"].items() <= change.answer.items(), where
            elif change.kind == "delete":
                assert event["task"]["ref"] == change.path.rpartition("/")[2], where
            elif event["task"]["ref"] == change.answer["ref"]:
                assert event["task"] == change.answer, where
    assert not made, f"nobody asked for {list(made)}"


def check_board(board: Mapping[str, Any], first: dict[str, Any], tables: Tables) -> None:
    """The log has no gap, and the served board, the log applied to the `first` board, and the tables are one."""
    assert [event["seq"] for event in tables.log] == list(range(1, tables.seq + 1)), "the log has a gap"
    folded = fold(first, tables.log[first["seq"] :])
    assert folded == board
    rows = [
        (
            task["number"],
            task["title"],
            task["description"],
            task["state"],
            task["position"],
            task["version"],
            task["comment_count"],
        )
        for task in sorted(folded["tasks"], key=lambda task: int(task["number"]))
    ]
    assert rows == tables.tasks
    places = collections.Counter((task["state"], task["position"]) for task in folded["tasks"])
    assert set(places.values()) <= {1}, f"one position twice: {places.most_common(2)}"
    said = collections.Counter(event["type"] for event in tables.log)
    assert said["comment.created"] == tables.comments


def check_subscriber(subscriber: Subscriber, board: Mapping[str, Any], log: Sequence[Event]) -> None:
    """It saw every event since it came once, in order, and believes the board that is."""
    first = subscriber.seen[0][0] if subscriber.seen else 0
    expected = [(event["seq"], event["command_id"]) for event in log[first - 1 :]]
    assert subscriber.seen == expected, f"{subscriber.kind} saw {len(subscriber.seen)} of {len(expected)} events"
    assert subscriber.settle() == board
    assert subscriber.resyncs == 0
