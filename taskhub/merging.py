"""Edits that meet: what somebody else changed since the version that an edit was made from.

Asked of the log's `changes`, not of versions: a task's version also grows by a comment or a move, which no edit of
its title is in the way of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from taskhub.errors import Problem, invalid
from taskhub.events.model import events
from taskhub.unit import Unit


async def refuse_conflicts(
    unit: Unit,
    entity: str,
    current: Mapping[str, Any],
    sent: Mapping[str, Any],
    base_version: int | None,
    *,
    number: int | None = None,
) -> None:
    """Refuse an edit that would undo what somebody changed since `base_version` (None: nothing is refused).

    `entity` is the name under which events carry it (`task`, `comment`, `label`, `member`, `workflow`, `project`);
    `current` is it as on the wire now, `sent` the fields the edit wants. `number` is that of the task for a task
    and a comment. A field that went elsewhere and came back, or was given the very value that is sent, is in
    nobody's way. Raises Problem `edit_conflict` with `current` and `conflicts`, `invalid` for a version above the
    head of the log.
    """
    if base_version is None or base_version == unit.seq:
        return
    if base_version > unit.seq:
        raise invalid("base_version", f"the project's log has only reached {unit.seq}")
    before = await _at(unit, entity, current.get("id"), base_version, number)
    if before is None:
        conflicts = list(sent)
    else:
        conflicts = [
            name
            for name, value in sent.items()
            if name in before and current[name] != value and current[name] != before[name]
        ]
    if conflicts:
        fields = ", ".join(conflicts)
        raise Problem(
            "edit_conflict",
            f"Since version {base_version} somebody else changed: {fields}. Nothing was saved: look at what it is now,"
            f" and edit from version {current['version']}.",
            current=dict(current),
            conflicts=conflicts,
        )


async def _at(unit: Unit, entity: str, id_: str | None, seq: int, number: int | None) -> dict[str, Any] | None:
    """The fields that changed after `seq`, each with its value then; None where the log does not reach back so far."""
    logged = events.c.project_id == unit.project_id
    kept = await unit.session.scalar(sa.select(events.c.seq).where(logged, events.c.seq == seq + 1))
    if kept is None:
        return None
    query = sa.select(events.c.body).where(
        logged, events.c.number == number, events.c.seq > seq, events.c.type.startswith(f"{entity}.")
    )
    then: dict[str, Any] = {}
    for body in (await unit.session.execute(query.order_by(events.c.seq))).scalars():
        event = orjson.loads(body)
        if event[entity].get("id") == id_:
            for name, (old, _new) in event["changes"].items():
                then.setdefault(name, old)
            if event["type"].endswith((".deleted", ".removed")):
                # It was all of this until then, whatever it is made anew from.
                then = event[entity] | then
    return then
