"""What stands in the way of an undo: that its fields were changed again since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from taskhub.errors import Problem
from taskhub.undo.queries import Event


def conflict(why: str, conflicts: Iterable[str], current: Mapping[str, Any] | None) -> Problem:
    """409 `undo_conflict`: `why` is a sentence, `current` the entity as it is now, None where it is gone."""
    return Problem(
        "undo_conflict",
        f"{why} Nothing was undone: look at what it is now, and change it by hand.",
        conflicts=list(conflicts),
        current=None if current is None else dict(current),
    )


def changed_among(later: Iterable[Event], fields: Collection[str]) -> list[str]:
    """Which of the fields the later events changed, going by their `changes`."""
    touched = {name for event in later for name in event["changes"]}
    return [name for name in fields if name in touched]


def refuse_changed(what: str, later: Iterable[Event], fields: Collection[str], current: Mapping[str, Any]) -> None:
    """Raise Problem `undo_conflict` where later events changed one of the fields of `what`."""
    if changed := changed_among(later, fields):
        raise conflict(f"{what} was changed again since: {', '.join(changed)}.", changed, current)
