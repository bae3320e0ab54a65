"""What the rules of the contract say about a command before it is asked: a model of rights, limits and meetings.

Written from the contract over what the log has told, without a look at TaskHub's own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.history import History
from tests.property.world import NOBODY, PEOPLE
from tests.store import Board, Entity

T = TypeVar("T")

_RANKS = ("viewer", "member", "owner")


@dataclass
class Request:
    """One request and what is to come of it.

    With `refusals` one of these codes; without, success (status `done`) or one of `perhaps`. `access` is the code
    that lack of rights alone would give. `emits` are the types of event it may write, `target` the task whose place
    it may change, and `then` is called with the answer of a success once its events are known.
    """

    who: str
    method: str
    path: str
    body: Any = None
    done: int = 200
    access: str | None = None
    refusals: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()
    emits: tuple[str, ...] = ()
    target: str | None = None
    undoes: bool = False
    then: Callable[[Any], None] = field(default=lambda _answer: None)


class Model:
    """One project as its log tells it, with the people around it."""

    def __init__(self, key: str, ids: dict[str, str], beginning: Board) -> None:
        self.key = key
        self.ids = ids
        self.history = History(beginning)

    @property
    def url(self) -> str:
        """Where the project is."""
        return f"/api/v1/projects/{self.key}"

    @property
    def head(self) -> int:
        """The seq of the last event."""
        return self.history.store.seq

    def role(self, who: str) -> str | None:
        """One of the `PEOPLE`'s role now."""
        return self.history.role(self.ids[who]) if who != NOBODY else None

    def first(self, role: str) -> str:
        """The first person of a role; there always is an owner."""
        return next(who for who in PEOPLE if self.role(who) == role)

    def name(self, user_id: str) -> str:
        """Which of the `PEOPLE` an id belongs to."""
        return next(who for who, id_ in self.ids.items() if id_ == user_id)

    # Choices: small numbers become what is there.

    def task(self, number: int) -> str:
        """A reference: mostly of a task on the board, now and then of an archived, deleted or unknown one."""
        on_board = [str(task["ref"]) for task in self.board_tasks()]
        others = [ref for kind, ref in self.history.known if kind == "task" and ref not in on_board]
        if number % 6 < 5 and on_board:
            return pick(on_board, number // 6 * 5 + number % 6)
        return pick([*others, f"{self.key}-999"], number // 6)

    def board_tasks(self) -> list[Entity]:
        """Live tasks in the order of the board."""
        live = (task for task in self.history.store.all("task") if not task["archived"])
        return sorted(live, key=lambda task: (task["state"], task["position"]))

    def found(self, ref: str) -> Entity | None:
        """A task that is there, archived or not."""
        return self.history.store.one("task", ref)

    def column(self, state: str) -> list[str]:
        """The references in a state, from top to bottom."""
        return [task["ref"] for task in self.board_tasks() if task["state"] == state]

    def state(self, number: int) -> str:
        """The id of a state, now and then of none."""
        return pick([*(str(state["id"]) for state in self.history.workflow["states"]), "nowhere"], number)

    def label(self, number: int) -> str:
        """The id of a label, now and then of none."""
        return pick([*(str(label["id"]) for label in self.history.store.all("label")), "nolabel"], number)

    def comment(self, number: int) -> str:
        """The id of a comment, of a deleted one or of none."""
        return pick([*(id_ for kind, id_ in self.history.known if kind == "comment"), "nocomment"], number)

    # What the contract says.

    def access(self, who: str, needs: str) -> str | None:
        """The code with which somebody is kept from what a role `needs`, whatever it is about."""
        if who == NOBODY:
            return "unauthenticated"
        role = self.role(who)
        if role is None:
            return "not_found"
        return None if _RANKS.index(role) >= _RANKS.index(needs) else "forbidden"

    def expect(self, request: Request, needs: str, *refusals: str | None) -> Request:
        """The request with `access` and `refusals` filled in: lack of rights comes before everything else."""
        request.access = self.access(request.who, needs)
        others = frozenset(code for code in refusals if code is not None)
        if request.access is None:
            request.refusals = others
        elif request.access == "forbidden":
            request.refusals = frozenset({"forbidden"}) | (others & {"not_found"})
        else:
            request.refusals = frozenset({request.access})
        return request

    def meets(self, kind: str, id_: str, sent: dict[str, Any], base: int | None) -> tuple[str | None, bool]:
        """The code with which an edit made from version `base` is refused, and whether that is certain."""
        current = self.history.store.one(kind, id_)
        if base is None or current is None:
            return None, True
        if base > self.head:
            return "invalid", True
        then = self.history.at(kind, id_, base)
        if then is None:
            return "edit_conflict", False
        changed = [name for name, value in sent.items() if current[name] not in (value, then[name])]
        return ("edit_conflict" if changed else None), True

    def strangers(self, fields: dict[str, Any]) -> str | None:
        """The code with which people and labels of elsewhere are refused on a task."""
        for kind, name in (("member", "assignees"), ("label", "labels")):
            if any(self.history.store.one(kind, id_) is None for id_ in fields.get(name) or ()):
                return "invalid"
        return None

    def limit(self, state: str) -> str | None:
        """The code with which a state that is full is refused."""
        return "wip_limit_reached" if self.history.full(state) else None

    def birth_state(self) -> str:
        """Where a task begins that names no state: the first to-do state, else the first that takes new tasks."""
        states = self.history.workflow["states"]
        for category in ("todo", "backlog"):
            for state in states:
                if state["category"] == category:
                    return str(state["id"])
        return str(states[0]["id"])

    def last_owner(self, who: str) -> bool:
        """Whether one of the `PEOPLE` is the only owner."""
        return [person for person in PEOPLE if self.role(person) == "owner"] == [who]


def pick(items: Sequence[T], number: int) -> T:
    """The item of that number, counted round and round."""
    return items[number % len(items)]


def placed(column: Iterable[str], ref: str, before: str | None, after: str | None, here: bool) -> list[str]:
    """A column after a move: `here` says whether the task was in it before."""
    anchor = before or after
    order = list(column)
    if anchor == ref and here:
        return order
    order = [one for one in order if one != ref]
    at = order.index(anchor) + (0 if before else 1) if anchor in order else len(order)
    return [*order[:at], ref, *order[at:]]
