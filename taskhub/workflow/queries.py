"""Reading a project's workflow."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row
from taskhub.workflow.model import State, Transition, Workflow, states, transitions


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
