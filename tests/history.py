"""A log read strictly, event by event: what none may contradict, whoever wrote it and whatever came before."""

from __future__ import annotations

from collections import Counter
from typing import Any

from taskhub.events.catalogue import TYPES
from tests.store import Board, Entity, Event, Store

#: What an event about a thing changes without naming it among `changes`.
UNTOLD = {
    "task": {"version", "updated_at", "checklist"},
    "comment": {"version", "edited_at"},
    "workflow": {"version"},
    "project": {"version"},
    "label": {"version"},
    "member": {"version"},
}
_CARRIED_ALONG = UNTOLD["task"] | {"comment_count"}
_BIRTHS = ("backlog", "todo")


class History:
    """A project as its log tells it, from the first event on; `take` asserts that each event fits what is known."""

    def __init__(self, beginning: Board) -> None:
        self.store = Store(beginning)
        self.events: list[Event] = []
        #: The last that was seen of every task and comment, deleted ones among them.
        self.known: dict[tuple[str, str], Entity] = {}
        self.deleted: set[tuple[str, str]] = set()

    def take(self, event: Event, *, ruled: bool = True, undoes: bool = False) -> None:
        """Take the next event in. `ruled`: the workflow's rules are asked too; `undoes`: all but its transitions."""
        seq, type_ = event["seq"], event["type"]
        what = f"{type_} at {seq}: {event}"
        assert seq == self.store.seq + 1, f"a gap or a double: {what}"
        carried = TYPES[type_].carries
        for kind in carried:
            assert event[kind]["version"] == seq, f"the version of its {kind} is not its seq: {what}"
        assert not self.store.deleted, f"after the end: {what}"
        kind = type_.partition(".")[0]
        before = self._before(kind, event[kind])
        self._explained(kind, type_, before, event, what)
        if kind == "comment":
            self._carried_along(event, what)
        if ruled and kind == "task":
            self._ruled(event, before, undoes, what)
        assert self.store.apply(event), what
        self.events.append(event)
        for name in carried:
            key = (name, _id(event[name]))
            self.known[key] = event[name]
            (self.deleted.add if type_ == f"{name}.deleted" else self.deleted.discard)(key)
        self._whole(what)

    # What may be asked of it.

    def state(self, id_: str) -> Entity | None:
        """The state of that id in the workflow now."""
        found = (state for state in self.workflow["states"] if state["id"] == id_)
        return next(found, None)

    @property
    def workflow(self) -> Entity:
        """The workflow now."""
        found = self.store.one("workflow", "")
        assert found is not None
        return found

    def counts(self) -> Counter[str]:
        """The live tasks of each state."""
        return Counter(task["state"] for task in self.store.all("task") if not task["archived"])

    def full(self, state: str) -> bool:
        """Whether the state takes no more."""
        limit = (self.state(state) or {"wip_limit": None})["wip_limit"]
        return limit is not None and self.counts()[state] >= limit

    def role(self, user_id: str) -> str | None:
        """A user's role now."""
        member = self.store.one("member", user_id)
        return None if member is None else str(member["role"])

    def transition_refused(self, task: Entity, target: str, role: str | None) -> bool:
        """Whether the transitions keep somebody of that role from moving the task to another state."""
        transitions = self.workflow["transitions"]
        if transitions is None or target == task["state"]:
            return False
        found = next((one for one in transitions if (one["from"], one["to"]) == (task["state"], target)), None)
        if found is None or (found.get("roles") is not None and role not in found["roles"]):
            return True
        return not all(_has(task, need) for need in found.get("requires") or ())

    def birth_refused(self, state: str) -> bool:
        """Whether the transitions keep a task from beginning in the state."""
        found = self.state(state)
        assert found is not None
        return self.workflow["transitions"] is not None and found["category"] not in _BIRTHS

    def at(self, kind: str, id_: str, seq: int) -> Entity | None:
        """What was known of an entity at a seq; None where it was not there."""
        for event in reversed(self.events):
            if event["seq"] <= seq and isinstance(entity := event.get(kind), dict) and _id(entity) == id_:
                return None if event["type"] in (f"{kind}.deleted", f"{kind}.removed") else entity
        return None

    # What each event has to be.

    def _before(self, kind: str, entity: Entity) -> Entity | None:
        if kind == "workflow" and not self.workflow["version"]:
            return None
        key = (kind, _id(entity))
        return self.known.get(key) if kind in ("task", "comment") else self.store.one(*key)

    def _explained(self, kind: str, type_: str, before: Entity | None, event: Event, what: str) -> None:
        entity, changes = event[kind], event["changes"]
        key = (kind, _id(entity))
        begins = type_.endswith((".created", ".added")) or (kind == "workflow" and before is None)
        if begins:
            # What was deleted may be made again, by undo, under its id.
            assert before is None or key in self.deleted, f"it was there: {what}"
        else:
            assert before is not None, f"it was not there: {what}"
            assert type_ == "task.restored" or key not in self.deleted, f"it is gone: {what}"
        for name, (old, new) in changes.items():
            assert entity[name] == new, f"{name} is not what changed: {what}"
            if not begins:
                assert before is not None
                assert before[name] == old, f"{name} was {before[name]!r}: {what}"
            else:
                assert old is None, f"{name} was nothing: {what}"
        if type_.endswith((".deleted", ".removed")):
            assert changes == {}, f"an end has no changes: {what}"
        if before is not None and not begins:
            untold = UNTOLD[kind] | set(changes)
            was, is_ = ({k: v for k, v in one.items() if k not in untold} for one in (before, entity))
            assert was == is_, f"changes do not name what changed, it was {was}: {what}"

    def _carried_along(self, event: Event, what: str) -> None:
        task, before = event["task"], self.store.one("task", event["task"]["ref"])
        assert before is not None, f"on no task: {what}"
        was, is_ = ({k: v for k, v in one.items() if k not in _CARRIED_ALONG} for one in (before, task))
        assert was == is_, f"a comment changed its task: {what}"
        step = {"comment.created": 1, "comment.edited": 0, "comment.deleted": -1}[event["type"]]
        assert task["comment_count"] == before["comment_count"] + step, what

    def _ruled(self, event: Event, before: Entity | None, undoes: bool, what: str) -> None:
        task, type_ = event["task"], event["type"]
        role = self.role(event["actor"]["id"])
        if type_ == "task.created":
            assert undoes or not self.birth_refused(task["state"]), f"born where none is: {what}"
        elif type_ == "task.moved":
            assert before is not None
            assert undoes or not self.transition_refused(before, task["state"], role), f"no such transition: {what}"
            if before["state"] == task["state"]:
                return
        elif type_ != "task.restored" or task["archived"]:
            return
        assert not self.full(task["state"]), f"beyond the limit: {what}"

    def _whole(self, what: str) -> None:
        places = Counter((task["state"], task["position"]) for task in self.store.all("task") if not task["archived"])
        assert not places or max(places.values()) == 1, f"two tasks at one place after {what}"
        if self.workflow["version"]:
            states = {state["id"] for state in self.workflow["states"]}
            assert all(task["state"] in states for task in self.store.all("task")), f"a state is missing after {what}"
        for kind, field in (("member", "assignees"), ("label", "labels")):
            for task in self.store.all("task"):
                for id_ in task[field]:
                    assert self.store.one(kind, id_), f"{task['ref']} has {field} of the past after {what}"
        if not self.store.deleted and (members := self.store.all("member")):
            assert any(member["role"] == "owner" for member in members), f"no owner after {what}"


def _id(entity: Entity) -> str:
    # One project and one workflow: they have no id.
    return str(entity.get("ref") or entity.get("id") or "")


def _has(task: Entity, need: str) -> Any:
    match need:
        case "assignee":
            return task["assignees"]
        case "priority":
            return task["priority"] != "none"
        case "checklist":
            return task["checklist"] is None or task["checklist"]["done"] == task["checklist"]["total"]
        case _:
            return task[need]
