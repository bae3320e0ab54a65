"""What happens to the tasks of states that are dropped from the workflow."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from fractional_indexing import generate_n_keys_between

from taskhub.command import Dropped
from taskhub.db import write_rows
from taskhub.errors import Problem
from taskhub.tasks import positions
from taskhub.tasks.commands import record_changed
from taskhub.tasks.model import tasks
from taskhub.tasks.queries import count_by_state, load_tasks
from taskhub.unit import Unit


async def empty_states(unit: Unit, dropped: Dropped) -> None:
    """Move the tasks of states that are dropped to the end of those that `targets` has for them, in their order.

    Archived ones go along; deleted ones go to the state that stays, without an event. Raises Problem `state_in_use`
    with `states`, the ids of those that have tasks and no target, and `wip_limit_reached` where a target has no room.
    """
    in_them = sa.and_(tasks.c.project_id == unit.project_id, tasks.c.state.in_(dropped.names))
    query = (
        sa.select(tasks.c.state, sa.func.count(), sa.func.count().filter(tasks.c.archived))
        .where(in_them, tasks.c.deleted_at.is_(None))
        .group_by(tasks.c.state)
        .order_by(tasks.c.state)
    )
    used = (await unit.session.execute(query)).all()
    _refuse_without_target(dropped, used)
    if used:
        coming = Counter[str]()
        for state, count, archived in used:
            coming[dropped.targets[state]] += count - archived
        await _refuse_full(unit, dropped, coming)
        await _move(unit, dropped)
    await unit.session.execute(sa.update(tasks).where(in_them).values(state=dropped.stays))


def _refuse_without_target(dropped: Dropped, used: Any) -> None:
    stuck = [row for row in used if row[0] not in dropped.targets]
    if stuck:
        words = "; ".join(
            f"“{dropped.names[state]}” has {count} task{'s' * (count != 1)}"
            + (f" ({archived} archived)" if archived else "")
            for state, count, archived in stuck
        )
        raise Problem(
            "state_in_use",
            f"{words}. Move or delete them first, or say in `targets` where they go; then drop the state.",
            states=[state for state, _, _ in stuck],
        )


async def _refuse_full(unit: Unit, dropped: Dropped, coming: Counter[str]) -> None:
    limited = [state for state in coming if state in dropped.limited and coming[state]]
    there = await count_by_state(unit.session, unit.project_id, limited)
    for state in limited:
        now, (name, limit) = there.get(state, 0), dropped.limited[state]
        if now + coming[state] > limit:
            reason = (
                f"“{name}” takes {limit} at a time and has {now}: there is no room for {coming[state]} more. "
                "Raise its limit, or choose another state."
            )
            raise Problem("wip_limit_reached", reason, reason=reason, allowed=[])


async def _move(unit: Unit, dropped: Dropped) -> None:
    found = await load_tasks(
        unit.session, unit.project, tasks.c.state.in_(dropped.names), order=(tasks.c.state, tasks.c.position)
    )
    places: dict[str, list[str]] = {}
    for state, count in Counter(dropped.targets[one["state"]] for one in found if not one["archived"]).items():
        last = await positions.last(unit.session, unit.project_id, state)
        # To be taken from the end.
        places[state] = generate_n_keys_between(last, None, count)[::-1]
    moved = []
    for task in found:
        fields = {"state": dropped.targets[task["state"]]}
        if not task["archived"]:
            fields["position"] = places[fields["state"]].pop()
        moved.append(record_changed(unit, "task.moved", task, fields))
    own = sa.and_(tasks.c.project_id == unit.project_id, tasks.c.number == sa.bindparam("at_number"))
    changed = {name: sa.bindparam(f"at_{name}", type_=tasks.c[name].type) for name in ("state", "position", "version")}
    await write_rows(
        unit.session,
        sa.update(tasks).where(own).values(updated_at=unit.at, **changed),
        ({f"at_{name}": task[name] for name in ("number", *changed)} for task in moved),
    )
