"""What a client makes of a board: a snapshot, and the events that came after it.

The twin of the browser's own store (static/src/store/board.ts), written from the contract alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Entity = dict[str, Any]
Event = dict[str, Any]
Board = dict[str, Any]

#: What events carry. There is one project and one workflow, hence one id for each.
KINDS = ("project", "workflow", "member", "label", "task", "comment")


class Store:
    """A client's copy of one project. Applying an event twice, late or out of order changes nothing.

    `seq` is its cursor. `base` is the seq of the snapshot: whatever an event up to it says is covered.
    """

    def __init__(self, snapshot: Board, comments: Iterable[Entity] = ()) -> None:
        self._begin(snapshot)
        for comment in comments:
            self._entities["comment"][comment["id"]] = comment

    def _begin(self, snapshot: Board) -> None:
        self.log: str = snapshot["log"]
        self.seq: int = snapshot["seq"]
        self.base: int = snapshot["seq"]
        self._entities: dict[str, dict[str, Entity]] = {
            "project": {"": snapshot["project"]},
            "workflow": {"": snapshot["workflow"]},
            "member": {member["id"]: member for member in snapshot["members"]},
            "label": {label["id"]: label for label in snapshot["labels"]},
            "task": {task["ref"]: task for task in snapshot["tasks"]},
            "comment": {},
        }
        # The seq of what was last heard of each entity. It outlives the entity: that is the tombstone.
        self._heard: dict[tuple[str, str], int] = {}

    def apply(self, event: Event) -> bool:
        """Take one event in; whether it was news."""
        seq, before = int(event["seq"]), self.seq
        self.seq = max(seq, self.seq)
        if seq <= self.base:
            return False
        news = self.seq > before
        for kind in KINDS:
            # Under `project` stands the KEY, but in events about the project itself.
            if isinstance(entity := event.get(kind), dict):
                news = self._hear(kind, _id(kind, entity), seq, None if _is_end(event, kind) else entity) or news
        return news

    def _hear(self, kind: str, id_: str, seq: int, entity: Entity | None) -> bool:
        key = (kind, id_)
        if seq <= self._heard.get(key, self.base):
            return False
        self._heard[key] = seq
        if entity is None:
            self._entities[kind].pop(id_, None)
        else:
            self._entities[kind][id_] = entity
        return True

    def answered(self, task: Entity) -> bool:
        """Take in a task as an HTTP answer gave it, unless something newer is here; whether it was news."""
        return self._hear("task", task["ref"], task["version"], task)

    def take(self, snapshot: Board) -> None:
        """Take a snapshot in. What is newer here stays; another log's snapshot replaces everything."""
        if snapshot["log"] == self.log and snapshot["seq"] <= self.base:
            return
        former, heard, seq = self._entities, self._heard, self.seq
        same = snapshot["log"] == self.log
        self._begin(snapshot)
        # Snapshots are without comments.
        if same:
            self._entities["comment"] = former["comment"]
            self.seq = max(self.seq, seq)
            for (kind, id_), known in heard.items():
                self._hear(kind, id_, known, former[kind].get(id_))

    @property
    def deleted(self) -> bool:
        """Whether the project is gone."""
        return not self._entities["project"]

    def one(self, kind: str, id_: str) -> Entity | None:
        """An entity by its kind (one of `KINDS`) and id, a task by its reference, if it is there."""
        return self._entities[kind].get(id_)

    def all(self, kind: str) -> list[Entity]:
        """Every entity of a kind, archived tasks among them."""
        return list(self._entities[kind].values())

    def board(self) -> Board:
        """The snapshot that the server would give, its lists in a fixed order."""
        return {
            "log": self.log,
            "seq": self.seq,
            "project": self._entities["project"].get(""),
            "workflow": self._entities["workflow"][""],
            "members": sorted(self._entities["member"].values(), key=lambda member: str(member["id"])),
            "labels": sorted(self._entities["label"].values(), key=lambda label: str(label["id"])),
            "tasks": sorted(
                (task for task in self._entities["task"].values() if not task["archived"]),
                key=lambda task: (task["state"], task["position"]),
            ),
        }

    def archived(self) -> list[Entity]:
        """The archived tasks it heard of, by number."""
        found = (task for task in self._entities["task"].values() if task["archived"])
        return sorted(found, key=lambda task: int(task["number"]))

    def comments(self, ref: str) -> list[Entity]:
        """The comments on a task that it was given or heard of, oldest first."""
        found = (comment for comment in self._entities["comment"].values() if comment["task"] == ref)
        return sorted(found, key=lambda comment: (comment["created_at"], comment["id"]))


def _id(kind: str, entity: Entity) -> str:
    match kind:
        case "project" | "workflow":
            return ""
        case "task":
            return str(entity["ref"])
        case _:
            return str(entity["id"])


def _is_end(event: Event, kind: str) -> bool:
    return bool(event["type"] in (f"{kind}.deleted", f"{kind}.removed"))


def empty(board: Board) -> Board:
    """The snapshot from before the first event: with the whole log it gives every board of the project."""
    return {
        "log": board["log"],
        "seq": 0,
        "project": None,
        "workflow": {"version": 0, "states": [], "transitions": None},
        "members": [],
        "labels": [],
        "tasks": [],
    }


def fold(board: Board, events: Iterable[Event]) -> Board:
    """The board after `events`, which must follow on it without a gap or a double."""
    store = Store(board)
    for event in events:
        assert event["seq"] == store.seq + 1, "a gap or a double"
        store.apply(event)
    return store.board()


def in_order(board: Board) -> Board:
    """The board with its lists in the order that `fold` gives them."""
    return Store(board).board()
