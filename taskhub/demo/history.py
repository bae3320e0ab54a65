"""A project's story as dated steps, the oldest first: who did what to which task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskhub.demo.story import Project, Task

_TICK = re.compile(r"^- \[x\] ", flags=re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` is the event's type; `fields` are in the story's words: short names, label names, due in days."""

    ago: float
    number: int
    kind: str
    by: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def steps(project: Project) -> list[Step]:
    """All that happened in the project."""
    found = [step for number, task in enumerate(project.tasks, start=1) for step in _steps(project, number, task)]
    return sorted(found, key=lambda step: -step.ago)


def _steps(project: Project, number: int, task: Task) -> Iterator[Step]:
    made = _made(project, number)
    moves = [_move(part, task, project) for part in task.path.split(",") if part.strip()]
    author = project.people[number % len(project.people)]
    text = _TICK.sub("- [ ] ", task.text)
    yield Step(
        made,
        number,
        "task.created",
        author,
        {
            "title": task.was or task.title,
            "description": text,
            "labels": task.labels.split(),
            "priority": task.priority,
            "state": project.workflow.states[0].id,
        },
    )
    started = moves[0][1] if moves else project.until / 2
    if task.was:
        yield Step(made - (made - started) * 0.2, number, "task.edited", author, {"title": task.title})
    agreed: dict[str, Any] = {"assignees": task.who.split()} if task.who else {}
    if task.due is not None:
        agreed["due"] = task.due
    if agreed:
        yield Step(made - (made - started) * 0.5, number, "task.edited", project.people[0], agreed)
    for state, ago, by in moves:
        yield Step(ago, number, "task.moved", by, {"state": state})
    yield from _ticks(number, task, moves)
    for note in task.notes:
        yield Step(note.ago, number, "comment.created", note.by, {"body": note.body})
    if task.archived is not None:
        yield Step(task.archived, number, "task.archived", project.people[0], {"archived": True})


#: Days between two tasks that are written down in one go.
_BREATH = 0.004


def _made(project: Project, number: int) -> float:
    """How many days ago a task was made: with the first of its session, which came in its turn."""
    first = 1
    for size in project.sessions:
        if number < first + size:
            break
        first += size
    else:
        first = number
    evenly = (project.since - project.until) * (first - 1) / (len(project.tasks) - 1)
    return project.since - evenly - _BREATH * (number - first)


def _ticks(number: int, task: Task, moves: list[tuple[str, float, str]]) -> Iterator[Step]:
    """The items that are ticked by now, one after the other while the task was worked on."""
    items = len(_TICK.findall(task.text))
    began = next((ago for state, ago, _ in moves if state == "doing"), None)
    if not items or began is None:
        return
    ended = next((ago for state, ago, _ in moves if state in ("review", "done")), 0.05)
    text = _TICK.sub("- [ ] ", task.text)
    ticked = [match.group() for match in _TICK.finditer(task.text)]
    for place in range(1, len(ticked) + 1):
        text = _tick_next(task.text, text)
        ago = began - (began - ended) * place / (len(ticked) + 1)
        yield Step(ago, number, "task.edited", task.who.split()[0], {"description": text})


def _tick_next(whole: str, text: str) -> str:
    """`text` with one more of the ticks that `whole` has."""
    place = next(i for i, (a, b) in enumerate(zip(whole, text, strict=True)) if a != b)
    return text[:place] + whole[place] + text[place + 1 :]


def _move(part: str, task: Task, project: Project) -> tuple[str, float, str]:
    state, ago, *by = part.split()
    return state, float(ago), by[0] if by else (task.who.split() or project.people)[0]
