"""Writing a project's workflow."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from taskhub.command import Unit
from taskhub.workflow.model import Workflow, states, transitions


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
