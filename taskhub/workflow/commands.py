"""Writing a project's workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from taskhub.command import Caller, Commands, Dropped, Dropping
from taskhub.errors import Problem
from taskhub.merging import refuse_conflicts
from taskhub.projects.model import Role
from taskhub.unit import Unit
from taskhub.workflow.model import State, Transition, Workflow, states, transitions
from taskhub.workflow.queries import load_workflow


async def edit(
    commands: Commands,
    caller: Caller,
    key: str,
    workflow: Workflow,
    *,
    targets: Mapping[str, str] | None = None,
    base_version: int | None = None,
) -> dict[str, Any]:
    """Put `workflow` (checked, see `document.py`) in the place of the project's; the workflow as on the wire.

    `targets` says for states that are dropped to which that stay their tasks go; transitions are not asked. Raises
    Problem `state_in_use` with `states` where one that is dropped has tasks and no target, `wip_limit_reached`,
    `edit_conflict`, `invalid` for the version and for targets that are none.
    """

    async def change(unit: Unit) -> dict[str, Any]:
        before = await load_workflow(unit.session, unit.project)
        sent = {name: workflow.on_wire()[name] for name in ("states", "transitions")}
        await refuse_conflicts(unit, "workflow", before.on_wire(), sent, base_version)
        _refuse_no_targets(before, workflow, targets or {})
        return await replace(unit, before, workflow, dropping=commands.dropping, targets=targets or {})

    return await commands.on_project(caller, key, Role.OWNER, "change its workflow", change)


def _refuse_no_targets(before: Workflow, after: Workflow, targets: Mapping[str, str]) -> None:
    for source, target in targets.items():
        if before.state(source) is None or after.state(source) is not None:
            raise _no_target(source, "this is no state that is dropped")
        if after.state(target) is None:
            raise _no_target(source, f"there is no state {target!r} among the states")


def _no_target(source: str, why: str) -> Problem:
    return Problem("invalid", f"targets.{source}: {why}", errors=[{"loc": ["targets", source], "msg": why}])


async def write_first(unit: Unit, workflow: Workflow) -> dict[str, Any]:
    """Give a new project its workflow within the command that makes it."""
    await _insert_states(unit, list(enumerate(workflow.states)))
    await _insert_transitions(unit, workflow.transitions or ())
    entity = workflow.on_wire()
    changes = {name: [None, entity[name]] for name in ("states", "transitions")}
    return _record(unit, workflow, changes)


async def add_states(unit: Unit, added: Sequence[State]) -> None:
    """Put states at the end of a project's workflow, within a command; their ids are none of those there."""
    before = await load_workflow(unit.session, unit.project)
    await replace(unit, before, Workflow((*before.states, *added), before.transitions))


async def replace(
    unit: Unit,
    before: Workflow,
    after: Workflow,
    *,
    dropping: Sequence[Dropping] = (),
    targets: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write `after` in the place of the project's workflow `before`, within a command; as on the wire then.

    `dropping` are asked before states go, with `targets` for what stands in them. Where both are equal nothing is
    written. Raises Problem `state_in_use`, `wip_limit_reached`.
    """
    was, entity = before.on_wire(), after.on_wire()
    changes = {name: [was[name], entity[name]] for name in ("states", "transitions") if was[name] != entity[name]}
    if not changes:
        return was
    await unit.session.execute(sa.delete(transitions).where(transitions.c.project_id == unit.project_id))
    await _write_states(unit, before, after, dropping, targets or {})
    await _insert_transitions(unit, after.transitions or ())
    unit.project_values["enforced"] = after.transitions is not None
    return _record(unit, after, changes)


def _record(unit: Unit, workflow: Workflow, changes: dict[str, Any]) -> dict[str, Any]:
    event = unit.record("workflow.changed", lambda seq: {"workflow": workflow.on_wire(version=seq)}, changes=changes)
    unit.project_values["workflow_version"] = event.seq
    return workflow.on_wire(version=event.seq)


async def _write_states(
    unit: Unit, before: Workflow, after: Workflow, dropping: Sequence[Dropping], targets: Mapping[str, str]
) -> None:
    ranked = list(enumerate(after.states))
    await _insert_states(unit, [(rank, state) for rank, state in ranked if before.state(state.id) is None])
    kept = [(rank, state) for rank, state in ranked if before.state(state.id) is not None]
    if kept:
        here = sa.and_(states.c.project_id == unit.project_id, states.c.id == sa.bindparam("state"))
        changing: dict[str, Any] = {name: sa.bindparam(name) for name in ("name", "category", "wip_limit", "rank")}
        await unit.session.execute(
            sa.update(states).where(here).values(changing),
            [
                {
                    "state": state.id,
                    "name": state.name,
                    "category": state.category,
                    "wip_limit": state.wip_limit,
                    "rank": rank,
                }
                for rank, state in kept
            ],
        )
    dropped = {state.id: state.name for state in before.states if after.state(state.id) is None}
    if dropped:
        limited = {state.id: (state.name, state.wip_limit) for state in after.states if state.wip_limit is not None}
        for ask in dropping:
            await ask(unit, Dropped(dropped, after.birth_state(), targets, limited))
        await unit.session.execute(
            sa.delete(states).where(states.c.project_id == unit.project_id, states.c.id.in_(dropped))
        )


async def _insert_states(unit: Unit, ranked: Sequence[tuple[int, State]]) -> None:
    if ranked:
        await unit.session.execute(
            sa.insert(states),
            [{"project_id": unit.project_id, "rank": rank, **state.on_wire()} for rank, state in ranked],
        )


async def _insert_transitions(unit: Unit, added: Sequence[Transition]) -> None:
    if added:
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
                for transition in added
            ],
        )
