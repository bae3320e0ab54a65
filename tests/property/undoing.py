"""Undoing an event of the log: what the contract says comes of it, and a board without what an undo leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from taskhub.events.catalogue import TYPES
from tests.property.commands import Command, who
from tests.property.model import Model, Request
from tests.property.world import NOBODY
from tests.store import Entity, Event

#: What an undo gives back otherwise than it was, and nobody minds.
_ANEW = {"version", "updated_at", "edited_at", "position"}


@dataclass(frozen=True)
class Undo:
    """The event so many before the last one is undone; -1 is one that has not happened."""

    who: str
    back: int

    def request(self, model: Model) -> Request:
        seq = max(1, model.head - self.back)
        path, body = f"{model.url}/undo", {"seq": seq}
        request = Request(self.who, "POST", path, body, emits=tuple(TYPES), undoes=True)
        if seq > model.head:
            return model.expect(request, "member", "not_found")
        event = model.history.events[seq - 1]
        kind, _, _ = event["type"].partition(".")
        request.target = event["task"]["ref"] if kind == "task" else None
        request.then = lambda answer: _undone(model, event, answer["events"])
        needs = "owner" if kind in ("project", "workflow") and event["type"] != "project.created" else "member"
        refusals = _refusals(model, event, self.who)
        if kind == "workflow" and refusals == {None}:
            # What the old part makes together with the other part as it is now may be no workflow.
            request.perhaps = frozenset({"undo_conflict"})
        return model.expect(request, needs, *refusals)


def _refusals(model: Model, event: Event, who: str) -> set[str | None]:
    history, type_ = model.history, event["type"]
    kind, _, what = type_.partition(".")
    if kind == "member" or type_ == "project.created":
        return {"not_undoable"}
    if kind == "workflow" and event["changes"].get("states", [()])[0] is None:
        return {"not_undoable"}
    match kind:
        case "task":
            return _of_task(model, event, what)
        case "comment":
            return _of_comment(model, event, what, who)
        case "label":
            return _of_label(model, event, what)
        case "project":
            return {_changed_since(model, event, ("name",))}
        case _:
            standing = {task["state"] for task in history.store.all("task")}
            old = event["changes"].get("states")
            gone = old is not None and bool(standing - {state["id"] for state in old[0]})
            return {_changed_since(model, event, event["changes"]), "state_in_use" if gone else None}


def _of_task(model: Model, event: Event, what: str) -> set[str | None]:
    ref, seq, changes = event["task"]["ref"], event["seq"], event["changes"]
    task, last = model.found(ref), model.history.known["task", event["task"]["ref"]]
    if what == "deleted":
        if task is not None or last["version"] != seq:
            return {"undo_conflict"}
        state = last["state"] if model.history.state(last["state"]) else model.birth_state()
        return {None if last["archived"] else model.limit(state)}
    if task is None:
        return {"undo_conflict"}
    touched = None if task["version"] == seq else "undo_conflict"
    match what:
        case "created":
            return {touched}
        case "restored":
            return {_changed_since(model, event, ("archived",)) if "archived" in changes else touched}
        case "archived":
            return {_changed_since(model, event, ("archived",)), model.limit(task["state"])}
        case "moved":
            state = changes.get("state", [task["state"]])[0]
            if task["archived"] or model.history.state(state) is None:
                return {"undo_conflict"}
            limit = model.limit(state) if state != task["state"] else None
            return {_changed_since(model, event, ("state", "position")), limit}
        case _:
            return {_changed_since(model, event, changes)}


def _of_comment(model: Model, event: Event, what: str, who: str) -> set[str | None]:
    comment = event["comment"]
    last = model.history.known["comment", comment["id"]]
    is_gone = model.history.store.one("comment", comment["id"]) is None
    theirs = comment["author"] == model.ids.get(who)
    allowed = theirs or (what != "edited" and who != NOBODY and model.role(who) == "owner")
    fits = (
        model.found(comment["task"]) is not None and last["version"] == event["seq"] and is_gone == (what == "deleted")
    )
    return {None if allowed else "forbidden", None if fits else "undo_conflict"}


def _of_label(model: Model, event: Event, what: str) -> set[str | None]:
    id_ = event["label"]["id"]
    now = model.history.store.one("label", id_)
    if (now is None) != (what == "deleted"):
        return {"undo_conflict"}
    old: Entity = {name: pair[0] for name, pair in event["changes"].items()}
    name = event["label"]["name"] if what == "deleted" else old.get("name")
    others = (label for label in model.history.store.all("label") if label["id"] != id_)
    taken = name is not None and any(label["name"].casefold() == name.casefold() for label in others)
    fields = ("name", "color") if what == "deleted" else event["changes"]
    since = any(one["label"]["id"] == id_ for one in _later(model, event) if what == "deleted")
    return {"undo_conflict" if since else _changed_since(model, event, fields), "duplicate" if taken else None}


def _later(model: Model, event: Event) -> list[Event]:
    kind = event["type"].partition(".")[0]
    return [one for one in model.history.events[event["seq"] :] if one["type"].startswith(f"{kind}.")]


def _changed_since(model: Model, event: Event, fields: Any) -> str | None:
    kind = event["type"].partition(".")[0]
    name = "ref" if kind == "task" else "id"
    same = (one for one in _later(model, event) if one[kind].get(name) == event[kind].get(name))
    return "undo_conflict" if any(set(fields) & set(one["changes"]) for one in same) else None


def _undone(model: Model, event: Event, written: list[Event]) -> None:
    """The answer tells what was written, and what the event changed is what it was."""
    assert written == model.history.events[model.head - len(written) :]
    kind, _, what = event["type"].partition(".")
    id_ = str(event[kind].get("ref") or event[kind].get("id") or "")
    now = model.history.store.one(kind, id_)
    if what == "created":
        assert now is None
        return
    assert now is not None or what == "restored"
    for name, (old, _) in event["changes"].items():
        if now is None or name == "position":
            continue
        if name in ("assignees", "labels"):
            of = "member" if name == "assignees" else "label"
            old = [one for one in old if model.history.store.one(of, one)]
        assert now[name] == old, f"{name} is {now[name]!r}, and was {old!r} before {event}"


def content(model: Model) -> dict[str, Any]:
    """What a project is about: everything but versions, times of change and the very strings of positions."""
    store = model.history.store
    columns = {state["id"]: model.column(state["id"]) for state in model.history.workflow["states"]}
    entities = {
        (kind, str(one.get("ref") or one.get("id") or "")): {k: v for k, v in one.items() if k not in _ANEW}
        for kind in ("project", "workflow", "member", "label", "task", "comment")
        for one in store.all(kind)
    }
    return {"columns": columns, "entities": entities}


ON_THE_LOG: tuple[tuple[int, Callable[[Random], Command]], ...] = ((6, lambda r: Undo(who(r), _back(r))),)


def _back(chance: Random) -> int:
    return chance.choice((-1, chance.randint(0, 3), chance.randint(0, 8), chance.randint(0, 40)))
