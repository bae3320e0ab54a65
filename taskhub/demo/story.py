"""The demo's story: who there is, and what became of each task.

All times are days before now, so that the story is always of the past weeks and the same every time. `history` makes
steps of it, and `calendar` puts them into working hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taskhub.workflow.model import Workflow

PASSWORD = "six bikes and a kettle"  # noqa: S105 (everybody is told it)

#: By short name: e-mail address, and the name that is shown.
PEOPLE: Mapping[str, tuple[str, str]] = {
    "ana": ("ana@example.com", "Ana"),
    "ben": ("ben@example.com", "Ben"),
    "chen": ("chen@example.com", "Chen 陈"),
    "dee": ("dee@example.com", "Dee"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A comment: days ago, who, and what they said."""

    ago: float
    by: str
    body: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task. It begins in the project's first state.

    `path`: where it went, as `state DAYS_AGO [who]`, with commas between; without a name it was the first of `who`.
    `who` and `labels` have spaces between. `text` is the description as it is now: the ticks in it were made one by
    one since the work began. `due` is in days from today. `was` is the title at first.
    """

    title: str
    path: str = ""
    who: str = ""
    labels: str = ""
    priority: str = "none"
    due: int | None = None
    text: str = ""
    notes: tuple[Note, ...] = ()
    was: str = ""
    archived: float | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project. Its tasks are in the order of their numbers, made one after the other from `since` to `until` days
    ago, so many at a time as `sessions` says (none: each by itself); `top` are the numbers that stand first in their
    columns. The first of `people` owns it.
    """

    key: str
    name: str
    people: tuple[str, ...]
    labels: Mapping[str, str]
    workflow: Workflow
    tasks: tuple[Task, ...]
    since: float
    until: float
    sessions: tuple[int, ...] = ()
    top: tuple[int, ...] = ()
