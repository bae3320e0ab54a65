"""Reading a project's workflow."""

from __future__ import annotations

from collections import OrderedDict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row
from taskhub.workflow.model import State, Transition, Workflow, states, transitions

_KEPT: OrderedDict[tuple[str, int], Workflow] = OrderedDict()
_MOST_KEPT = 256


async def kept_workflow(session: AsyncSession, project: Row) -> Workflow:
    """The rules of the project whose row is given, read once for each log and version of them.

    Not for a transaction that has changed them itself: its project's row still has the former version.
    """
    name = (project.log, project.workflow_version)
    found = _KEPT.get(name)
    if found is None:
        found = _KEPT[name] = await load_workflow(session, project)
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


async def load_workflow(session: AsyncSession, project: Row) -> Workflow:
    """The rules of the project whose row is given."""
    state_rows = await session.execute(
        sa.select(states).where(states.c.project_id == project.id).order_by(states.c.rank)
    )
    found = tuple(State(row.id, row.name, row.category, row.wip_limit) for row in state_rows)
    if not project.enforced:
        return Workflow(found, None, project.workflow_version)
    transition_rows = await session.execute(
        sa.select(transitions)
        .where(transitions.c.project_id == project.id)
        .order_by(transitions.c.from_state, transitions.c.to_state)
    )
    return Workflow(
        found,
        tuple(
            Transition(
                row.from_state,
                row.to_state,
                tuple(row.roles) if row.roles is not None else None,
                tuple(row.requires or ()),
            )
            for row in transition_rows
        ),
        project.workflow_version,
    )
