"""Undoing what happened to a label, and to the tasks that had it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from taskhub.events.model import events
from taskhub.labels.commands import bring_back, find, put_on_tasks, take_away, write_edit
from taskhub.tasks.model import MOST_LINKS, tasks
from taskhub.tasks.queries import load_tasks
from taskhub.undo.conflicts import conflict, refuse_changed
from taskhub.undo.queries import Event, later_events, same_command
from taskhub.unit import Unit


async def created(unit: Unit, event: Event) -> None:
    """Delete the label, and take it off the tasks that got it meanwhile, unless it was edited since."""
    label = await _label_of(unit, event)
    refuse_changed(_named(label), await later_events(unit, event), event["changes"], label)
    await take_away(unit, label)


async def edited(unit: Unit, event: Event) -> None:
    """Put the old name or colour back."""
    label = await _label_of(unit, event)
    refuse_changed(_named(label), await later_events(unit, event), event["changes"], label)
    await write_edit(unit, label, {name: pair[0] for name, pair in event["changes"].items()})


async def deleted(unit: Unit, event: Event) -> None:
    """Bring the label back, and put it on each task it was taken off: where it was among the task's labels."""
    if await later_events(unit, event):
        current = await find(unit, event["label"]["id"])
        since = "brought back" if current else "brought back and deleted again"
        raise conflict(f"{_named(event['label'])} was {since} since.", (), current)
    await bring_back(unit, event["label"])
    label_id = event["label"]["id"]
    took_off = {
        edit["task"]["number"]: edit["changes"]["labels"][0].index(label_id)
        for edit in await same_command(unit, event)
        if edit["type"] == "task.edited" and label_id in edit["changes"].get("labels", ([],))[0]
    }
    if not took_off:
        return
    # By the events that say so, for there may be more of them than a statement takes parameters.
    edits = sa.select(events.c.number).where(
        events.c.project_id == unit.project_id,
        events.c.type == "task.edited",
        events.c.seq.between(event["seq"] - len(took_off), event["seq"]),
    )
    relabelled: list[tuple[dict[str, Any], list[str]]] = []
    for task in await load_tasks(unit.session, unit.project, tasks.c.number.in_(edits)):
        place = took_off.get(task["number"])
        if place is not None and label_id not in task["labels"] and len(task["labels"]) < MOST_LINKS:
            relabelled.append((task, [*task["labels"][:place], label_id, *task["labels"][place:]]))
    await put_on_tasks(unit, label_id, relabelled)


async def _label_of(unit: Unit, event: Event) -> dict[str, Any]:
    label = await find(unit, event["label"]["id"])
    if label is None:
        raise conflict(f"{_named(event['label'])} was deleted since.", (), None)
    return label


def _named(label: dict[str, Any]) -> str:
    return f"The label “{label['name']}”"
