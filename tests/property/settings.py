"""What people do to a project itself: its labels, members, workflow and name; and what nobody should send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.property.commands import WHO, Command, back, base_of, number, one_of, perhaps, some, who
from tests.property.model import Model, Request, pick
from tests.property.world import NOBODY, PEOPLE, email

LABEL_NAMES = ("Red", "red", "Blue", "Ärger", "急")
COLORS = ("red", "blue", "grey")
ROLES = ("viewer", "member", "owner")
STATE_IDS = ("backlog", "todo", "doing", "review", "done", "later")
CATEGORIES = ("backlog", "todo", "doing", "done", "cancelled")
NEEDS = ("assignee", "description", "due", "priority", "checklist")


@dataclass(frozen=True)
class CreateLabel:
    """A new label."""

    who: str
    name: str
    color: str

    def request(self, model: Model) -> Request:
        body = {"name": self.name, "color": self.color}
        request = Request(self.who, "POST", f"{model.url}/labels", body, done=201, emits=("label.created",))
        return model.expect(request, "member", _taken(model, self.name, None))


@dataclass(frozen=True)
class EditLabel:
    """Another name or colour for a label."""

    who: str
    label: int
    fields: dict[str, Any]
    back: int | None

    def request(self, model: Model) -> Request:
        id_, base = model.label(self.label), base_of(model, self.back)
        body = self.fields | ({} if base is None else {"base_version": base})
        request = Request(self.who, "PATCH", f"{model.url}/labels/{id_}", body, emits=("label.edited",))
        label = model.history.store.one("label", id_)
        if label is None:
            return model.expect(request, "member", "not_found")
        meets, certain = model.meets("label", id_, self.fields, base)
        if not certain:
            request.perhaps = frozenset({"edit_conflict"})
        name = str(self.fields.get("name", label["name"]))
        taken = None if name == label["name"] else _taken(model, name, id_)
        return model.expect(request, "member", meets if certain else None, taken)


@dataclass(frozen=True)
class DeleteLabel:
    """A label off all tasks, and away."""

    who: str
    label: int

    def request(self, model: Model) -> Request:
        id_ = model.label(self.label)
        path, emits = f"{model.url}/labels/{id_}", ("task.edited", "label.deleted")
        request = Request(self.who, "DELETE", path, done=204, emits=emits)
        return model.expect(request, "member", None if model.history.store.one("label", id_) else "not_found")


def _taken(model: Model, name: str, by_other_than: str | None) -> str | None:
    others = (label for label in model.history.store.all("label") if label["id"] != by_other_than)
    return "duplicate" if any(label["name"].casefold() == name.casefold() for label in others) else None


@dataclass(frozen=True)
class AddMember:
    """Somebody into the project."""

    who: str
    person: str
    role: str

    def request(self, model: Model) -> Request:
        body = {"email": email(self.person), "role": self.role}
        request = Request(self.who, "POST", f"{model.url}/members", body, done=201, emits=("member.added",))
        return model.expect(request, "owner", "duplicate" if model.role(self.person) else None)


@dataclass(frozen=True)
class ChangeRole:
    """Another role for a member."""

    who: str
    person: str
    role: str
    back: int | None

    def request(self, model: Model) -> Request:
        id_, base = model.ids[self.person], base_of(model, self.back)
        body = {"role": self.role} | ({} if base is None else {"base_version": base})
        request = Request(self.who, "PATCH", f"{model.url}/members/{id_}", body, emits=("member.changed",))
        before = model.role(self.person)
        if before is None:
            return model.expect(request, "owner", "not_found")
        meets, certain = model.meets("member", id_, {"role": self.role}, base)
        if not certain:
            request.perhaps = frozenset({"edit_conflict"})
        last = self.role != "owner" and model.last_owner(self.person)
        return model.expect(request, "owner", meets if certain else None, "last_owner" if last else None)


@dataclass(frozen=True)
class RemoveMember:
    """Somebody out of the project; everybody may leave."""

    who: str
    person: str

    def request(self, model: Model) -> Request:
        path, emits = f"{model.url}/members/{model.ids[self.person]}", ("task.edited", "member.removed")
        request = Request(self.who, "DELETE", path, done=204, emits=emits)
        needs = "viewer" if self.who == self.person else "owner"
        if model.role(self.person) is None:
            return model.expect(request, needs, "not_found")
        return model.expect(request, needs, "last_owner" if model.last_owner(self.person) else None)


@dataclass(frozen=True)
class RenameProject:
    """Another name for the project."""

    who: str
    name: str
    back: int | None

    def request(self, model: Model) -> Request:
        base = base_of(model, self.back)
        body = {"name": self.name} | ({} if base is None else {"base_version": base})
        meets, certain = model.meets("project", "", {"name": self.name}, base)
        perhaps = frozenset() if certain else frozenset({"edit_conflict"})
        request = Request(self.who, "PATCH", model.url, body, emits=("project.edited",), perhaps=perhaps)
        return model.expect(request, "owner", meets if certain else None)


@dataclass(frozen=True)
class RenameMyself:
    """Another name for oneself, in every project."""

    who: str
    name: str

    def request(self, model: Model) -> Request:
        emits = () if model.role(self.who) is None else ("member.changed",)
        request = Request(self.who, "PATCH", "/api/v1/me", {"name": self.name}, emits=emits)
        if self.who == NOBODY:
            request.access, request.refusals = "unauthenticated", frozenset({"unauthenticated"})
        return request


@dataclass(frozen=True)
class State:
    """A state of a workflow to be; one of that id that is there already is changed."""

    id: str
    category: str
    limit: int | None

    def body(self) -> dict[str, Any]:
        """As it is sent."""
        return {"id": self.id, "name": self.id.title(), "category": self.category, "wip_limit": self.limit}


@dataclass(frozen=True)
class PutWorkflow:
    """Other states, limits and transitions: of the states of now the first `keep`, and `states`.

    `fault` 0 sends a state twice, 1 two of one name, 2 each move as drawn; else what can't be meant is left out.
    `full` makes the limit of each state what stands in it now.
    """

    who: str
    keep: int
    states: list[State]
    moves: list[tuple[int, int, list[str] | None, list[str] | None]] | None
    back: int | None
    fault: int
    full: bool = False

    def request(self, model: Model) -> Request:
        states, moves = self._document(model)
        base = base_of(model, self.back)
        body = {"states": states, "transitions": moves} | ({} if base is None else {"base_version": base})
        request = Request(self.who, "PUT", f"{model.url}/workflow", body, emits=("workflow.changed",))
        if _is_wrong(states, moves):
            # Said before it is asked whose project it is: it has nothing to do with the project.
            request = model.expect(request, "owner", "invalid")
            request.refusals |= {"invalid"}
            return request
        standing = {task["state"] for task in model.history.store.all("task")}
        in_use = "state_in_use" if standing - {state["id"] for state in states} else None
        in_order = None if moves is None else sorted(moves, key=lambda move: (move["from"], move["to"]))
        meets, certain = model.meets("workflow", "", {"states": states, "transitions": in_order}, base)
        if not certain:
            request.perhaps = frozenset({"edit_conflict"})
        return model.expect(request, "owner", in_use, meets if certain else None)

    def _document(self, model: Model) -> tuple[list[dict[str, Any]], list[dict[str, Any]] | None]:
        by_id = {state["id"]: state for state in model.history.workflow["states"][: self.keep]}
        by_id |= {state.id: state.body() for state in self.states or [State("todo", "todo", None)]}
        states = list(by_id.values())
        if self.full:
            states = [state | {"wip_limit": len(model.column(state["id"])) or None} for state in states]
        if self.fault == 0:
            states.append(states[0])
        if self.fault == 1:
            states.append({"id": "another", "name": states[0]["name"].upper(), "category": "todo", "wip_limit": None})
        if self.moves is None:
            return states, None
        ids = [state["id"] for state in states]
        moves = [_move(ids, *move) for move in self.moves]
        if self.fault != 2:
            moves = list({(move["from"], move["to"]): move for move in moves if move["from"] != move["to"]}.values())
        return states, moves


def _move(ids: list[str], source: int, target: int, roles: list[str] | None, needs: list[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"from": pick(ids, source), "to": pick(ids, target)}
    return found | ({"roles": roles} if roles else {}) | ({"requires": needs} if needs else {})


def _is_wrong(states: list[dict[str, Any]], moves: list[dict[str, Any]] | None) -> bool:
    ids, names = [state["id"] for state in states], [state["name"].casefold() for state in states]
    pairs = [(move["from"], move["to"]) for move in moves or ()]
    enforced_without_birth = moves is not None and not any(state["category"] in ("backlog", "todo") for state in states)
    return (
        len(set(ids)) < len(ids)
        or len(set(names)) < len(names)
        or len(set(pairs)) < len(pairs)
        or any(source == target for source, target in pairs)
        or enforced_without_birth
    )


#: What nobody should send: a method, a path and a body. `{task}` is a task that is there.
JUNK: tuple[tuple[str, str, Any], ...] = (
    ("POST", "{project}/tasks", {}),
    ("POST", "{project}/tasks", {"title": " "}),
    ("POST", "{project}/tasks", {"title": "x" * 201}),
    ("POST", "{project}/tasks", {"title": "x", "position": "a0"}),
    ("POST", "{project}/tasks", b"{"),
    ("POST", "{project}/tasks", b'{"title": "\\ud800"}'),
    ("POST", "{project}/tasks", b"[" * 5000),
    ("PATCH", "{task}", {"state": "done"}),
    ("PATCH", "{task}", {"title": None}),
    ("PATCH", "{task}", {"title": "a\0b"}),
    ("PATCH", "{task}", {"title": "x", "base_version": -1}),
    ("PATCH", "{task}", {"due": "2026-02-30"}),
    ("PATCH", "{task}", {"assignees": "ada"}),
    ("PATCH", "{task}", []),
    ("POST", "{task}/move", {}),
    ("POST", "{task}/move", {"state": 3}),
    ("POST", "{task}/move", {"state": "todo", "before": ["a"]}),
    ("POST", "{task}/comments", {"body": "  "}),
    ("POST", "{task}/archived", {}),
    ("POST", "{project}/members", {"email": "nobody", "role": "member"}),
    ("POST", "{project}/members", {"email": "ada@example.com", "role": "king"}),
    ("POST", "{project}/labels", {"name": "x", "color": "#ff0000"}),
    ("PUT", "{project}/workflow", {"states": [], "transitions": None}),
    ("PUT", "{project}/workflow", {"states": [{"id": "X", "name": "x", "category": "todo"}], "transitions": None}),
    ("PUT", "{project}/workflow", {"states": [{"id": "x", "name": "x", "category": "todo"}]}),
    ("PATCH", "{project}", {"name": ""}),
    ("PATCH", "{project}", {"key": "NEW"}),
    ("POST", "{project}", {"name": "x"}),
    ("DELETE", "{project}/board", None),
)


@dataclass(frozen=True)
class Junk:
    """Something that can't be meant."""

    who: str
    number: int
    task: int

    def request(self, model: Model) -> Request:
        method, path, body = pick(JUNK, self.number)
        task = pick([*(one["ref"] for one in model.board_tasks()), f"{model.key}-1"], self.task)
        request = Request(self.who, method, path.format(project=model.url, task=f"/api/v1/tasks/{task}"), body)
        codes = ("bad_request", "not_found", "method_not_allowed", "invalid", "forbidden", "unauthenticated")
        request.refusals = frozenset(codes)
        return request


def _state(chance: Random) -> State:
    return State(chance.choice(STATE_IDS), chance.choice(CATEGORIES), perhaps(chance, one_of(1, 2, 3)))


def _moves(chance: Random) -> list[tuple[int, int, list[str] | None, list[str] | None]]:
    return [
        (
            number(chance),
            number(chance),
            perhaps(chance, one_of(["member"], ["owner"], ["member", "owner"])),
            perhaps(chance, lambda _: chance.sample(NEEDS, chance.randint(1, 2))),
        )
        for _ in range(chance.randint(0, 12))
    ]


def _workflow(chance: Random) -> PutWorkflow:
    states = [_state(chance) for _ in range(chance.randint(0, 3))]
    owner_mostly = chance.choice(("ada", "ada", "ada", *WHO))
    fault = chance.randrange(20)
    full = chance.random() < 0.5
    return PutWorkflow(owner_mostly, chance.randint(1, 6), states, perhaps(chance, _moves), back(chance), fault, full)


ON_THE_PROJECT: tuple[tuple[int, Callable[[Random], Command]], ...] = (
    (3, lambda r: CreateLabel(who(r), r.choice(LABEL_NAMES), r.choice(COLORS))),
    (2, lambda r: EditLabel(who(r), number(r), some(r, name=one_of(*LABEL_NAMES), color=one_of(*COLORS)), back(r))),
    (1, lambda r: DeleteLabel(who(r), number(r))),
    (2, lambda r: AddMember(who(r), r.choice(PEOPLE), r.choice(ROLES))),
    (2, lambda r: ChangeRole(who(r), r.choice(PEOPLE), r.choice(ROLES), back(r))),
    (1, lambda r: RemoveMember(who(r), r.choice(PEOPLE))),
    (1, lambda r: RenameProject(who(r), r.choice(("One", "Two")), back(r))),
    (1, lambda r: RenameMyself(who(r), r.choice(("Ada", "Ada B", "Ben")))),
    (5, _workflow),
    (2, lambda r: Junk(who(r), number(r), number(r))),
)
