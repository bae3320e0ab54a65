"""The catalogue of event types: what happened, which entity each carries, and in which words it is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """`carries`: the names of the whole entities that stand in an event of this type."""

    name: str
    carries: tuple[str, ...]
    meaning: str


def _types(*types: EventType) -> Mapping[str, EventType]:
    return {event_type.name: event_type for event_type in types}


TYPES: Mapping[str, EventType] = _types(
    EventType("project.created", ("project",), "The project begins; the first event of its log."),
    EventType("project.edited", ("project",), "The project's own fields changed."),
    EventType("project.deleted", ("project",), "The project is gone; its log ends here."),
    EventType("workflow.changed", ("workflow",), "States, limits or transitions changed."),
    EventType("member.added", ("member",), "Somebody joined the project."),
    EventType("member.changed", ("member",), "A member's role or name changed."),
    EventType("member.removed", ("member",), "Somebody left the project."),
    EventType("label.created", ("label",), "A label was made."),
    EventType("label.edited", ("label",), "A label's name or colour changed."),
    EventType("label.deleted", ("label",), "A label is gone."),
    EventType("task.created", ("task",), "A task was made."),
    EventType("task.edited", ("task",), "Fields of a task changed."),
    EventType("task.moved", ("task",), "A task went to another state or place in its state."),
    EventType("task.archived", ("task",), "A task left the board, kept for reading."),
    EventType("task.deleted", ("task",), "A task is gone; its tombstone keeps the version."),
    EventType("task.restored", ("task",), "An archived or deleted task is back."),
    EventType("comment.created", ("comment", "task"), "Somebody commented on a task."),
    EventType("comment.edited", ("comment", "task"), "A comment's text changed."),
    EventType("comment.deleted", ("comment", "task"), "A comment is gone."),
)
