"""A workflow as somebody sends it: checked as a whole, so that no half of it is ever in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from taskhub.errors import Problem
from taskhub.workflow.model import BIRTH_CATEGORIES, State, Transition, Workflow

MOST_STATES = 50
MOST_TRANSITIONS = MOST_STATES * (MOST_STATES - 1)


def checked(states: Sequence[State], transitions: Sequence[Transition] | None) -> Workflow:
    """The workflow of these parts, each of which is well formed by itself.

    Raises Problem `invalid` with every fault found, each at its place: `["states", 2, "name"]`.
    """
    faults = [*_faults_of_states(states), *_faults_of_transitions(states, transitions or ())]
    if transitions is not None and not any(state.category in BIRTH_CATEGORIES for state in states):
        faults.append(
            (("states",), "while transitions are enforced, tasks begin in a backlog or to-do state: have one")
        )
    if faults:
        errors = [{"loc": list(loc), "msg": msg} for loc, msg in faults]
        where = ".".join(str(part) for part in faults[0][0])
        raise Problem("invalid", f"{where}: {faults[0][1]}", errors=errors)
    return Workflow(tuple(states), None if transitions is None else tuple(transitions))


def from_wire(document: Mapping[str, Any]) -> Workflow:
    """The workflow of a document as events carry it. Raises Problem `invalid` where its parts don't fit together."""
    transitions = document["transitions"]
    return checked(
        [State(state["id"], state["name"], state["category"], state["wip_limit"]) for state in document["states"]],
        None
        if transitions is None
        else [
            Transition(
                move["from"],
                move["to"],
                tuple(move["roles"]) if move.get("roles") is not None else None,
                tuple(move.get("requires") or ()),
            )
            for move in transitions
        ],
    )


Fault = tuple[tuple[str | int, ...], str]


def _faults_of_states(states: Sequence[State]) -> Iterable[Fault]:
    ids = Counter(state.id for state in states)
    names = Counter(state.name.casefold() for state in states)
    for place, state in enumerate(states):
        if ids[state.id] > 1:
            yield ("states", place, "id"), f"two states have the id {state.id!r}"
        if names[state.name.casefold()] > 1:
            yield ("states", place, "name"), f"two states have the name {state.name!r}"


def _faults_of_transitions(states: Sequence[State], transitions: Sequence[Transition]) -> Iterable[Fault]:
    known = {state.id for state in states}
    moves = Counter((transition.source, transition.target) for transition in transitions)
    for place, transition in enumerate(transitions):
        for side, state in (("from", transition.source), ("to", transition.target)):
            if state not in known:
                yield ("transitions", place, side), f"there is no state {state!r} among the states"
        if transition.source == transition.target:
            yield ("transitions", place, "to"), "within its state a task moves freely"
        elif moves[transition.source, transition.target] > 1:
            yield ("transitions", place), f"it stands twice: from {transition.source!r} to {transition.target!r}"
