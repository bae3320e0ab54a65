"""What stands in the way of dropping a state from the workflow: the tasks in it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from taskhub.errors import Problem
from taskhub.tasks.model import tasks
from taskhub.unit import Unit


async def refuse_states_in_use(unit: Unit, dropped: Mapping[str, str], stays: str) -> None:
    """Refuse to drop states (name by id) that live or archived tasks stand in; deleted ones go to the state `stays`.

    Raises Problem `state_in_use` with `states`, the ids of those.
    """
    in_them = sa.and_(tasks.c.project_id == unit.project_id, tasks.c.state.in_(dropped))
    query = (
        sa.select(tasks.c.state, sa.func.count(), sa.func.count().filter(tasks.c.archived))
        .where(in_them, tasks.c.deleted_at.is_(None))
        .group_by(tasks.c.state)
        .order_by(tasks.c.state)
    )
    used = (await unit.session.execute(query)).all()
    if used:
        words = "; ".join(
            f"“{dropped[state]}” has {count} task{'s' * (count != 1)}" + (f" ({archived} archived)" if archived else "")
            for state, count, archived in used
        )
        raise Problem(
            "state_in_use",
            f"{words}. Move or delete them first, then drop the state.",
            states=[state for state, _, _ in used],
        )
    await unit.session.execute(sa.update(tasks).where(in_them).values(state=stays))
