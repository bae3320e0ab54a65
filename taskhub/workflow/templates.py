"""The workflows a new project can start from."""

from __future__ import annotations

from collections.abc import Mapping

from taskhub.workflow.model import State, Transition, Workflow

_SIMPLE = Workflow(
    states=(
        State("backlog", "Backlog", "backlog"),
        State("todo", "To do", "todo"),
        State("doing", "In progress", "doing"),
        State("done", "Done", "done"),
    ),
)

_STRICT = Workflow(
    states=(
        State("backlog", "Backlog", "backlog"),
        State("todo", "To do", "todo"),
        State("doing", "In progress", "doing", wip_limit=4),
        State("review", "Review", "doing", wip_limit=3),
        State("done", "Done", "done"),
        State("cancelled", "Cancelled", "cancelled"),
    ),
    transitions=(
        Transition("backlog", "todo"),
        Transition("todo", "backlog"),
        Transition("todo", "doing"),
        Transition("doing", "todo"),
        Transition("doing", "review"),
        Transition("review", "doing"),
        Transition("review", "done"),
        Transition("done", "review", roles=("owner",)),
        Transition("backlog", "cancelled"),
        Transition("todo", "cancelled"),
        Transition("doing", "cancelled"),
        Transition("cancelled", "backlog"),
    ),
)

TEMPLATES: Mapping[str, Workflow] = {"simple": _SIMPLE, "strict": _STRICT}
