"""Positions for cards that come into a column, in Trello's order, between the tasks that stand there already."""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fractional_indexing import generate_n_keys_between

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Slot(Generic[K]):
    """A place in a column. `position` is that of a task which stands there already and stays."""

    key: K
    position: str | None = None


def place(slots: Sequence[Slot[K]], taken: Iterable[str]) -> dict[K, str]:
    """A position for each slot, which are given in their order; none is one of those `taken` by others.

    New ones go directly below the slot before them that has a position, else directly above the first that has one;
    where none has, below everything that is taken.
    """
    column = sorted({*taken, *(slot.position for slot in slots if slot.position is not None)})
    first = next((slot.position for slot in slots if slot.position is not None), None)
    if first is None:
        floor, ceiling = (column[-1] if column else None), None
    else:
        floor, ceiling = _below(column, first), first
    placed: dict[K, str] = {}
    run: list[K] = []

    def fill() -> None:
        for key, position in zip(run, generate_n_keys_between(floor, ceiling, len(run)), strict=True):
            placed[key] = position
            bisect.insort(column, position)
        run.clear()

    for slot in slots:
        if slot.position is None:
            run.append(slot.key)
            continue
        fill()
        placed[slot.key] = floor = slot.position
        ceiling = _above(column, floor)
    fill()
    return placed


def _below(column: Sequence[str], position: str) -> str | None:
    place = bisect.bisect_left(column, position)
    return column[place - 1] if place else None


def _above(column: Sequence[str], position: str) -> str | None:
    place = bisect.bisect_right(column, position)
    return column[place] if place < len(column) else None
