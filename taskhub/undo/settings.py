"""Undoing what owners changed of the project itself and of its workflow."""

from __future__ import annotations

from collections.abc import Sequence

from taskhub.command import Dropping
from taskhub.errors import Problem
from taskhub.projects.commands import write_edit
from taskhub.projects.model import Role, project_on_wire
from taskhub.undo.conflicts import conflict, refuse_changed
from taskhub.undo.queries import Event, later_events
from taskhub.unit import Unit
from taskhub.workflow.commands import replace
from taskhub.workflow.document import from_wire
from taskhub.workflow.queries import load_workflow


async def project_edited(unit: Unit, event: Event) -> None:
    """Put the old fields back."""
    unit.require(Role.OWNER, "undo a change of its settings")
    refuse_changed("The project", await later_events(unit, event), event["changes"], project_on_wire(unit.project))
    write_edit(unit, {name: pair[0] for name, pair in event["changes"].items()})


async def workflow_changed(unit: Unit, event: Event, *, dropping: Sequence[Dropping]) -> None:
    """Put the old states or transitions back.

    Raises Problem `state_in_use` where a state that goes has tasks, `not_undoable` for a project's first workflow.
    """
    unit.require(Role.OWNER, "undo a change of its workflow")
    old = {name: pair[0] for name, pair in event["changes"].items()}
    if old.get("states", ()) is None:
        raise Problem("not_undoable", "This is the workflow that the project began with; there is none before it.")
    before = await load_workflow(unit.session, unit.project)
    current = before.on_wire()
    refuse_changed("The workflow", await later_events(unit, event), old, current)
    try:
        after = from_wire(current | old)
    except Problem as fault:
        others = [name for name in ("states", "transitions") if name not in old]
        raise conflict(
            f"The old workflow does not fit what was changed since ({fault.detail}).", others, current
        ) from None
    await replace(unit, before, after, dropping=dropping)
