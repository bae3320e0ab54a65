"""What an import brought over, what it did not, and why: in words for the person at the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """`came` and `left` count by the keys of the tables below; `notes` are whole sentences."""

    key: str
    board: str
    made_project: bool = False
    dry_run: bool = False
    there_already: int = 0
    came: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def on_wire(self) -> dict[str, Any]:
        """The report for programs; `words` say in English what `what` counts."""
        return {
            "key": self.key,
            "board": self.board,
            "made_project": self.made_project,
            "dry_run": self.dry_run,
            "there_already": self.there_already,
            "came": [
                {"what": key, "count": self.came[key], "words": one if self.came[key] == 1 else many}
                for key, (one, many) in _CAME.items()
                if self.came[key]
            ],
            "left": [
                {"what": key, "count": self.left[key], "words": f"{one if self.left[key] == 1 else many}: {why}"}
                for key, (one, many, why) in _LEFT.items()
                if self.left[key]
            ],
            "notes": list(self.notes),
        }

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Report:
        """The report that was on the wire so."""
        counted = {name: Counter({one["what"]: one["count"] for one in wire[name]}) for name in ("came", "left")}
        return cls(**{**wire, **counted})

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        verb = "Would import" if self.dry_run else "Imported"
        where = f"a new project {self.key}" if self.made_project else f"the project {self.key}"
        if any(self.came.values()):
            yield f"{verb} the Trello board “{self.board}” into {where}:"
            for key, (one, many) in _CAME.items():
                if self.came[key]:
                    yield f"  {_number(self.came[key], one, many)}"
        else:
            yield f"Nothing in the Trello board “{self.board}” is new to {where}."
        if self.there_already:
            yield f"  {_number(self.there_already, 'task was', 'tasks were')} there already"
        left = [(key, words) for key, words in _LEFT.items() if self.left[key]]
        if left or self.notes:
            yield "Not taken over, or not as it was:"
            for key, (one, many, why) in left:
                yield f"  {_number(self.left[key], one, many)}: {why}"
            for note in self.notes:
                yield f"  {note}"
        if self.dry_run:
            yield "This was a dry run: nothing was written."


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


_CAME = {
    "states": ("new state", "new states"),
    "labels": ("new label", "new labels"),
    "people": ("person, as a placeholder without sign-in", "people, as placeholders without sign-in"),
    "task.created": ("task", "tasks"),
    "archived": ("of them is archived", "of them are archived"),
    "comment.created": ("comment", "comments"),
    "task.moved": ("move", "moves"),
    "task.edited": ("edit (titles, descriptions, dates, people)", "edits (titles, descriptions, dates, people)"),
    "task.archived": ("time a task was archived", "times a task was archived"),
    "task.restored": ("time a task was brought back", "times a task was brought back"),
}

_LEFT = {
    "titles cut": ("title", "titles", "over 200 characters, cut; the whole title begins the description"),
    "descriptions cut": ("description", "descriptions", "over 20,000 characters with its checklists, cut"),
    "comments cut": ("comment", "comments", "over 20,000 characters, cut"),
    "comments blank": ("comment", "comments", "empty"),
    "labels unworn": ("label", "labels", "without a name, and on no card"),
    "labels gone": ("label", "labels", "removed in TaskHub since, not made again"),
    "archived lists": ("archived list", "archived lists", "all such share the state “Archived lists”"),
    "states without transitions": (
        "new state",
        "new states",
        "the project enforces transitions, and none leads there until an owner adds it",
    ),
    "touched": ("task", "tasks", "changed in TaskHub since, so only new comments were added"),
    "removed": ("card", "cards", "deleted in TaskHub since, not made again"),
    "unknown birth": (
        "task",
        "tasks",
        "made before the history in the file begins; dated by Trello's id, by “Unknown (Trello)”",
    ),
    "unexplained": (
        "task",
        "tasks",
        "changed in a way that the history in the file does not tell; a last entry brings them to what they are",
    ),
    "attachments": ("attachment", "attachments", "the file holds only addresses that need a sign-in at Trello"),
    "covers": ("cover", "covers", "TaskHub has none"),
    "votes": ("vote", "votes", "TaskHub has none"),
    "due ticks": ("due date ticked as done", "due dates ticked as done", "the dates came, the ticks did not"),
    "starts": ("start date", "start dates", "TaskHub has none"),
    "custom fields": ("custom field value", "custom field values", "TaskHub has none"),
    "stickers": ("sticker", "stickers", "TaskHub has none"),
    "power-ups": ("entry of Power-Ups", "entries of Power-Ups", "only the Power-Up can read them"),
    "board text": ("description of the board", "descriptions of the board", "projects have none"),
    "deleted": ("deleted card", "deleted cards", "the file only says that there was one"),
    "moved away": ("card moved to another board", "cards moved to another board", "export that board for them"),
    "gone": ("entry of the history", "entries of the history", "about cards that are not in the file"),
    "attachment": ("entry of the history", "entries of the history", "about attachments"),
    "board": ("entry of the history", "entries of the history", "about lists and the board; they came as they are now"),
    "other": ("entry of the history", "entries of the history", "of a kind that TaskHub has no place for"),
}
