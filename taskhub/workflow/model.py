"""States and transitions, and the pure rules that answer: may this task go there, for this person, now?

Nothing here touches a database or a request: the API, the command line, the import and the tests ask the same
functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import sqlalchemy as sa

from taskhub.db import metadata
from taskhub.projects.model import Role

Category = Literal["backlog", "todo", "doing", "done", "cancelled"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

#: Where there is still something to do.
OPEN_CATEGORIES = ("backlog", "todo", "doing")

#: Where a task may be born while transitions are enforced.
BIRTH_CATEGORIES = ("backlog", "todo")

STATE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", flags=re.ASCII)

states = sa.Table(
    "states",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("category", sa.String(10), nullable=False),
    sa.Column("wip_limit", sa.Integer),
    sa.Column("rank", sa.Integer, nullable=False),
)

transitions = sa.Table(
    "transitions",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("from_state", sa.String(40), primary_key=True),
    sa.Column("to_state", sa.String(40), primary_key=True),
    sa.Column("roles", sa.JSON(none_as_null=True)),
    sa.Column("requires", sa.JSON(none_as_null=True)),
    sa.ForeignKeyConstraint(
        ["project_id", "from_state"], ["states.project_id", "states.id"], name="fk_transitions_from_state"
    ),
    sa.ForeignKeyConstraint(
        ["project_id", "to_state"], ["states.project_id", "states.id"], name="fk_transitions_to_state"
    ),
)


@dataclass(frozen=True, slots=True)
class State:
    """A column of the board. `wip_limit` counts live tasks; None is no limit."""

    id: str
    name: str
    category: str
    wip_limit: int | None = None

    def on_wire(self) -> dict[str, Any]:
        """As in the workflow document."""
        return {"id": self.id, "name": self.name, "category": self.category, "wip_limit": self.wip_limit}


@dataclass(frozen=True, slots=True)
class Transition:
    """A move that is allowed. `roles` None: to every member; `requires`: fields the task must have set."""

    source: str
    target: str
    roles: tuple[str, ...] | None = None
    requires: tuple[str, ...] = ()

    def on_wire(self) -> dict[str, Any]:
        """As in the workflow document: `{from, to, roles?, requires?}`."""
        wire: dict[str, Any] = {"from": self.source, "to": self.target}
        if self.roles is not None:
            wire["roles"] = list(self.roles)
        if self.requires:
            wire["requires"] = list(self.requires)
        return wire


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is refused: a contract code, a reason for people, and the state ids that would work."""

    code: str
    reason: str
    allowed: tuple[str, ...]


#: What a transition may require of a task, with the words for it.
REQUIREMENTS: Mapping[str, str] = {
    "assignee": "somebody assigned",
    "description": "a description",
    "due": "a due date",
    "priority": "a priority",
    "checklist": "every checklist item ticked",
}


@dataclass(frozen=True)
class Workflow:
    """The rules of one project. `transitions` None: any move is allowed."""

    states: tuple[State, ...]
    transitions: tuple[Transition, ...] | None = None
    version: int = 0
    _by_id: Mapping[str, State] = field(init=False, repr=False, compare=False)
    _by_move: Mapping[tuple[str, str], Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {state.id: state for state in self.states})
        moves = {(t.source, t.target): t for t in self.transitions or ()}
        object.__setattr__(self, "_by_move", moves)

    def state(self, state_id: str) -> State | None:
        """The state of that id, if there is one."""
        return self._by_id.get(state_id)

    @property
    def limited(self) -> tuple[str, ...]:
        """The ids of the states with a WIP limit: the only ones whose tasks need counting."""
        return tuple(state.id for state in self.states if state.wip_limit is not None)

    def on_wire(self, *, version: int | None = None) -> dict[str, Any]:
        """The workflow document of the contract."""
        moves = None if self.transitions is None else sorted(self.transitions, key=lambda t: (t.source, t.target))
        return {
            "version": self.version if version is None else version,
            "states": [state.on_wire() for state in self.states],
            "transitions": None if moves is None else [move.on_wire() for move in moves],
        }

    def may_move(
        self,
        task: Mapping[str, Any],
        target: str,
        *,
        role: Role,
        counts: Mapping[str, int],
        ask_transitions: bool = True,
    ) -> Refusal | None:
        """Why `task` may not go to `target` now, or None where it may.

        `task` is a task as on the wire; `counts` are the live tasks of each `limited` state (absent: none). Within a
        state nothing is asked. `ask_transitions` False asks the WIP limit alone, as the undo of a move does.
        """
        if target == task["state"]:
            return None
        code, reason = self._refuses(task, target, role, counts, ask_transitions)
        if code is None:
            return None
        return Refusal(code, reason, self.where_to(task, role=role, counts=counts))

    def where_to(self, task: Mapping[str, Any], *, role: Role, counts: Mapping[str, int]) -> tuple[str, ...]:
        """The ids of the other states that `task` may go to now, in the order of the board."""
        return tuple(
            state.id
            for state in self.states
            if state.id != task["state"] and self._refuses(task, state.id, role, counts, True)[0] is None
        )

    def may_create(self, target: str, *, counts: Mapping[str, int]) -> Refusal | None:
        """Why a task may not be created in `target`, or None where it may."""
        state = self._by_id[target]
        if self.transitions is not None and state.category not in BIRTH_CATEGORIES:
            reason = f"New tasks begin in a backlog or to-do state; “{state.name}” is reached by moving them there."
            return Refusal("transition_not_allowed", reason, self._births(counts))
        if _is_full(state, counts):
            return Refusal("wip_limit_reached", _full(state), self._births(counts))
        return None

    def may_return(self, target: str, *, counts: Mapping[str, int]) -> Refusal | None:
        """Why an archived or deleted task may not come back to `target` now, or None where it may.

        Its limit alone is asked. No other state would do: where a task comes back is not chosen.
        """
        state = self._by_id[target]
        return Refusal("wip_limit_reached", _full(state), ()) if _is_full(state, counts) else None

    def birth_state(self) -> str:
        """Where a task goes that names no state: the first to-do state, else the first that takes new tasks."""
        for category in ("todo", "backlog"):
            for state in self.states:
                if state.category == category:
                    return state.id
        return self.states[0].id

    def _births(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        return tuple(
            state.id
            for state in self.states
            if (self.transitions is None or state.category in BIRTH_CATEGORIES) and not _is_full(state, counts)
        )

    def _refuses(
        self,
        task: Mapping[str, Any],
        target: str,
        role: Role,
        counts: Mapping[str, int],
        ask_transitions: bool,
    ) -> tuple[str | None, str]:
        state = self._by_id[target]
        if ask_transitions and self.transitions is not None:
            source = self._by_id.get(task["state"])
            source_name = source.name if source else task["state"]
            transition = self._by_move.get((task["state"], target))
            if transition is None:
                return "transition_not_allowed", f"From “{source_name}” a task can't go to “{state.name}”."
            if transition.roles is not None and role not in transition.roles:
                who = " or ".join(transition.roles)
                return (
                    "transition_not_allowed",
                    f"From “{source_name}” to “{state.name}” a task is moved by: {who}.",
                )
            missing = [REQUIREMENTS.get(need, need) for need in transition.requires if not _has(task, need)]
            if missing:
                return (
                    "transition_not_allowed",
                    f"To go to “{state.name}” the task needs {', '.join(missing)}.",
                )
        if _is_full(state, counts):
            return "wip_limit_reached", _full(state)
        return None, ""


def _is_full(state: State, counts: Mapping[str, int]) -> bool:
    return state.wip_limit is not None and counts.get(state.id, 0) >= state.wip_limit


def _full(state: State) -> str:
    return f"“{state.name}” is full: it takes {state.wip_limit} at a time. Finish or move one of its tasks first."


def _has(task: Mapping[str, Any], need: str) -> bool:
    match need:
        case "assignee":
            return bool(task["assignees"])
        case "priority":
            return bool(task["priority"] != "none")
        case "checklist":
            checklist = task["checklist"]
            return checklist is None or checklist["done"] == checklist["total"]
        case _:
            return bool(task.get(need))
