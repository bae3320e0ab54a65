"""What people do to tasks and comments: each command as data, which becomes a request on the project as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeVar

from tests.property.model import Model, Request, pick, placed
from tests.property.world import NOBODY, PEOPLE

T = TypeVar("T")


class Command(Protocol):
    """One command of one of the `PEOPLE` or `NOBODY`; its numbers choose among what there is."""

    @property
    def who(self) -> str:
        """Who asks."""

    def request(self, model: Model) -> Request:
        """The request it is now, and what is to come of it."""


TITLES = ("Paint the fence", "Fix it", "Ein Zaun für Grün", "任务")
TEXTS = ("", "One line", "- [ ] open\n- [x] done", "- [x] done", "*Mark* <b>down</b>")
DUES = (None, "2026-12-24", "2027-01-31T08:00:00.000Z")
PRIORITIES = ("none", "low", "urgent")

#: Who writes most, and who should not.
WHO = ("ada", "ada", "ada", "ada", "ben", "ben", "ben", *PEOPLE, NOBODY)


@dataclass(frozen=True)
class Create:
    """A new task."""

    who: str
    state: int | None
    fields: dict[str, Any]

    def request(self, model: Model) -> Request:
        state = None if self.state is None else model.state(self.state)
        fields = fields_of(model, self.fields)
        target = state or model.birth_state()
        body = {"title": "Task"} | fields | ({} if state is None else {"state": state})
        before = model.column(target)

        def then(task: Any) -> None:
            assert model.column(target) == [*before, task["ref"]]
            assert {name: task[name] for name in fields} == fields

        request = Request(self.who, "POST", f"{model.url}/tasks", body, done=201, emits=("task.created",), then=then)
        if model.history.state(target) is None:
            return model.expect(request, "member", "invalid")
        birth = "transition_not_allowed" if model.history.birth_refused(target) else None
        return model.expect(request, "member", birth, model.limit(target), model.strangers(fields))


@dataclass(frozen=True)
class Edit:
    """Other fields for a task."""

    who: str
    task: int
    fields: dict[str, Any]
    back: int | None

    def request(self, model: Model) -> Request:
        ref = model.task(self.task)
        fields, base = fields_of(model, self.fields), base_of(model, self.back)
        body = fields | ({} if base is None else {"base_version": base})

        def then(task: Any) -> None:
            assert {name: task[name] for name in fields} == fields

        request = Request(self.who, "PATCH", f"/api/v1/tasks/{ref}", body, emits=("task.edited",), then=then)
        if model.found(ref) is None:
            return model.expect(request, "member", "not_found")
        meets, certain = model.meets("task", ref, fields, base)
        if not certain:
            request.perhaps = frozenset({"edit_conflict"})
        return model.expect(request, "member", meets if certain else None, model.strangers(fields))


@dataclass(frozen=True)
class Move:
    """A task to another place."""

    who: str
    task: int
    state: int
    before: int | None
    after: int | None

    def request(self, model: Model) -> Request:
        ref, state = model.task(self.task), model.state(self.state)
        anchors = {
            side: model.task(number)
            for side, number in (("before", self.before), ("after", self.after))
            if number is not None
        }
        task = model.found(ref)
        expected = placed(
            model.column(state),
            ref,
            anchors.get("before"),
            anchors.get("after"),
            task is not None and task["state"] == state,
        )

        def then(_task: Any) -> None:
            assert model.column(state) == expected

        path, body = f"/api/v1/tasks/{ref}/move", {"state": state, **anchors}
        request = Request(self.who, "POST", path, body, emits=("task.moved",), target=ref, then=then)
        if task is None:
            return model.expect(request, "member", "not_found")
        if task["archived"] or model.history.state(state) is None:
            return model.expect(request, "member", "invalid")
        if state == task["state"]:
            return model.expect(request, "member")
        refused = model.history.transition_refused(task, state, model.role(self.who))
        return model.expect(request, "member", "transition_not_allowed" if refused else None, model.limit(state))


@dataclass(frozen=True)
class Archive:
    """A task off the board."""

    who: str
    task: int

    def request(self, model: Model) -> Request:
        ref = model.task(self.task)
        path = f"/api/v1/tasks/{ref}/archive"
        request = Request(self.who, "POST", path, emits=("task.archived",), target=ref)
        return model.expect(request, "member", None if model.found(ref) else "not_found")


@dataclass(frozen=True)
class Restore:
    """An archived or deleted task back."""

    who: str
    task: int

    def request(self, model: Model) -> Request:
        ref = model.task(self.task)
        path = f"/api/v1/tasks/{ref}/restore"
        request = Request(self.who, "POST", path, emits=("task.restored",), target=ref)
        task = model.found(ref)
        last = model.history.known.get(("task", ref))
        if last is None:
            return model.expect(request, "member", "not_found")
        if task is not None and not task["archived"]:
            return model.expect(request, "member")
        if task is None and last["archived"]:
            # Deleted as an archived task, it is one again.
            return model.expect(request, "member")
        state = last["state"] if model.history.state(last["state"]) else model.birth_state()
        return model.expect(request, "member", model.limit(state))


@dataclass(frozen=True)
class Delete:
    """A task away."""

    who: str
    task: int

    def request(self, model: Model) -> Request:
        ref = model.task(self.task)
        path = f"/api/v1/tasks/{ref}"
        request = Request(self.who, "DELETE", path, done=204, emits=("task.deleted",), target=ref)
        return model.expect(request, "member", None if model.found(ref) else "not_found")


@dataclass(frozen=True)
class Comment:
    """Something said about a task."""

    who: str
    task: int
    text: str

    def request(self, model: Model) -> Request:
        ref = model.task(self.task)
        path = f"/api/v1/tasks/{ref}/comments"
        request = Request(self.who, "POST", path, {"body": self.text}, done=201, emits=("comment.created",))
        return model.expect(request, "member", None if model.found(ref) else "not_found")


@dataclass(frozen=True)
class EditComment:
    """Something said otherwise."""

    who: str
    comment: int
    text: str
    back: int | None

    def request(self, model: Model) -> Request:
        id_, base = model.comment(self.comment), base_of(model, self.back)
        body = {"body": self.text} | ({} if base is None else {"base_version": base})
        request = Request(self.who, "PATCH", f"/api/v1/comments/{id_}", body, emits=("comment.edited",))
        return _on_comment(model, request, id_, False, *model.meets("comment", id_, {"body": self.text}, base))


@dataclass(frozen=True)
class DeleteComment:
    """Something said away."""

    who: str
    comment: int

    def request(self, model: Model) -> Request:
        id_ = model.comment(self.comment)
        request = Request(self.who, "DELETE", f"/api/v1/comments/{id_}", done=204, emits=("comment.deleted",))
        return _on_comment(model, request, id_, True, None, True)


def _on_comment(
    model: Model, request: Request, id_: str, owners_too: bool, meets: str | None, certain: bool
) -> Request:
    last = model.history.known.get(("comment", id_))
    if last is None:
        # Whose project would it be?
        request.access = "unauthenticated" if request.who == NOBODY else None
        request.refusals = frozenset({request.access or "not_found"})
        return request
    if model.history.store.one("comment", id_) is None or model.found(last["task"]) is None:
        request = model.expect(request, "member", "not_found")
        if request.access is None and last["author"] != model.ids.get(request.who):
            request.refusals |= {"forbidden"}
        return request
    theirs = last["author"] == model.ids.get(request.who)
    allowed = theirs or (owners_too and model.role(request.who) == "owner")
    if not certain and allowed:
        request.perhaps = frozenset({"edit_conflict"})
    return model.expect(request, "member", meets if allowed and certain else None, None if allowed else "forbidden")


def base_of(model: Model, back: int | None) -> int | None:
    """A base version so many events back."""
    return None if back is None else max(0, model.head - back)


def fields_of(model: Model, fields: dict[str, Any]) -> dict[str, Any]:
    """A task's fields, with the numbers of people and labels made into their ids."""
    chosen = dict(fields)
    if "assignees" in chosen:
        people = dict.fromkeys(model.ids[pick(PEOPLE, number)] for number in chosen["assignees"])
        chosen["assignees"] = list(people)
    if "labels" in chosen:
        chosen["labels"] = list(dict.fromkeys(model.label(number) for number in chosen["labels"]))
    return chosen


def who(chance: Random) -> str:
    """One of the `PEOPLE` or `NOBODY`."""
    return chance.choice(WHO)


def number(chance: Random) -> int:
    """A choice among what there will be."""
    return chance.randrange(1000)


def perhaps(chance: Random, draw: Callable[[Random], T]) -> T | None:
    """What is drawn, or as often nothing."""
    return draw(chance) if chance.random() < 0.5 else None


def back(chance: Random) -> int | None:
    """How many events an edit's base version lies back, where it says one; -1 is above the head."""
    return perhaps(chance, lambda _: chance.randint(-1, 12))


def some(chance: Random, **fields: Callable[[Random], Any]) -> dict[str, Any]:
    """Some of the fields, each with what is drawn for it."""
    return {name: draw(chance) for name, draw in fields.items() if chance.random() < 0.4}


def one_of(*values: T) -> Callable[[Random], T]:
    """What draws one of the values."""
    return lambda chance: chance.choice(values)


def up_to_two(draw: Callable[[Random], T]) -> Callable[[Random], list[T]]:
    """What draws a list."""
    return lambda chance: [draw(chance) for _ in range(chance.randint(0, 2))]


def _fields(chance: Random) -> dict[str, Any]:
    return some(
        chance,
        title=one_of(*TITLES),
        description=one_of(*TEXTS),
        priority=one_of(*PRIORITIES),
        due=one_of(*DUES),
        assignees=up_to_two(number),
        labels=up_to_two(number),
    )


#: How often each kind is drawn, and how.
ON_TASKS: tuple[tuple[int, Callable[[Random], Command]], ...] = (
    (12, lambda r: Move(who(r), number(r), number(r), perhaps(r, number), perhaps(r, number))),
    (5, lambda r: Create(who(r), perhaps(r, number), _fields(r))),
    (5, lambda r: Edit(who(r), number(r), _fields(r), back(r))),
    (3, lambda r: Archive(who(r), number(r))),
    (5, lambda r: Restore(who(r), number(r))),
    (3, lambda r: Delete(who(r), number(r))),
    (3, lambda r: Comment(who(r), number(r), r.choice(TEXTS[1:]))),
    (2, lambda r: EditComment(who(r), number(r), r.choice(TEXTS[1:]), back(r))),
    (2, lambda r: DeleteComment(who(r), number(r))),
)
