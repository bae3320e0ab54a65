"""Writing a project's workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from taskhub.command import Unit
from taskhub.workflow.model import State, Workflow, states, transitions
from taskhub.workflow.queries import load_workflow


async def write_first(unit: Unit, workflow: Workflow) -> dict[str, Any]:
    """Give a new project its workflow within the command that makes it."""
    await unit.session.execute(
        sa.insert(states),
        [
            {"project_id": unit.project_id, "rank": rank, **state.on_wire()}
            for rank, state in enumerate(workflow.states)
        ],
    )
    if workflow.transitions:
        await unit.session.execute(
            sa.insert(transitions),
            [
                {
                    "project_id": unit.project_id,
                    "from_state": transition.source,
                    "to_state": transition.target,
                    "roles": list(transition.roles) if transition.roles is not None else None,
                    "requires": list(transition.requires) or None,
                }
                for transition in workflow.transitions
            ],
        )
    entity = workflow.on_wire()
    event = unit.record(
        "workflow.changed",
        lambda seq: {"workflow": entity | {"version": seq}},
        changes={name: [None, entity[name]] for name in ("states", "transitions")},
    )
    unit.project_values["workflow_version"] = event.seq
    return entity | {"version": event.seq}


async def add_states(unit: Unit, added: Sequence[State]) -> None:
    """Put states at the end of a project's workflow, within a command; their ids are none of those there."""
    before = await load_workflow(unit.session, unit.project)
    after = Workflow((*before.states, *added), before.transitions)
    await unit.session.execute(
        sa.insert(states),
        [
            {"project_id": unit.project_id, "rank": rank, **state.on_wire()}
            for rank, state in enumerate(added, start=await _next_rank(unit))
        ],
    )
    event = unit.record(
        "workflow.changed",
        lambda seq: {"workflow": after.on_wire(version=seq)},
        changes={"states": [before.on_wire()["states"], after.on_wire()["states"]]},
    )
    unit.project_values["workflow_version"] = event.seq


async def _next_rank(unit: Unit) -> int:
    highest = await unit.session.scalar(
        sa.select(sa.func.max(states.c.rank)).where(states.c.project_id == unit.project_id)
    )
    return 0 if highest is None else int(highest) + 1
