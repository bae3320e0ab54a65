"""Reading the log for what is to be undone, and for what happened to it since."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from taskhub.events.model import events
from taskhub.events.reading import read_one
from taskhub.unit import Unit

#: An event as the wire has it.
Event = dict[str, Any]


async def load_event(unit: Unit, seq: int) -> Event | None:
    """The event of that seq; None where the project's log has none."""
    body = await read_one(unit.session, unit.project_id, seq)
    return None if body is None else orjson.loads(body)


async def later_events(unit: Unit, event: Event) -> list[Event]:
    """What happened to the event's entity after it, in order: events of its noun alone, not a task's comments."""
    noun = event["type"].partition(".")[0]
    number = event["task"]["number"] if "task" in event else None
    query = sa.select(events.c.body).where(
        events.c.project_id == unit.project_id,
        events.c.number == number,
        events.c.seq > event["seq"],
        events.c.type.startswith(f"{noun}."),
    )
    found = [orjson.loads(body) for body in (await unit.session.execute(query.order_by(events.c.seq))).scalars()]
    return [later for later in found if later[noun].get("id") == event[noun].get("id")]


async def same_command(unit: Unit, event: Event) -> list[Event]:
    """The event, and what its command wrote around it at the same moment, in order.

    An import is one command too, and may have written the whole log: its events have the times they happened at.
    """
    seq = events.c.seq
    logged = events.c.project_id == unit.project_id
    own = (
        await unit.session.execute(sa.select(events.c.command_id, events.c.at).where(logged, seq == event["seq"]))
    ).one()
    other = sa.and_(logged, sa.or_(events.c.command_id != own.command_id, events.c.at != own.at))
    before = sa.select(seq).where(other, seq < event["seq"]).order_by(seq.desc()).limit(1).scalar_subquery()
    after = sa.select(seq).where(other, seq > event["seq"]).order_by(seq).limit(1).scalar_subquery()
    query = (
        sa.select(events.c.body)
        .where(logged, seq > sa.func.coalesce(before, 0), seq < sa.func.coalesce(after, unit.seq + 1))
        .order_by(seq)
    )
    return [orjson.loads(body) for body in (await unit.session.execute(query)).scalars()]
