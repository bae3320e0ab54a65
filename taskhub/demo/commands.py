"""Making the demo: accounts that everybody may use, and projects with a past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from fractional_indexing import generate_key_between, generate_n_keys_between
from sqlalchemy.exc import IntegrityError

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.comments import commands as comments
from taskhub.db import new_id
from taskhub.demo.calendar import working_hours
from taskhub.demo.history import Step, steps
from taskhub.demo.others import MOBILE, RESEARCH
from taskhub.demo.story import PASSWORD, PEOPLE, Project
from taskhub.demo.website import WEBSITE
from taskhub.errors import Problem
from taskhub.people import passwords
from taskhub.people.commands import create_user
from taskhub.people.model import PLACEHOLDERS, User, users
from taskhub.projects.commands import add_label_row, add_member_row, create
from taskhub.projects.model import Role, projects
from taskhub.projects.queries import free_key
from taskhub.tasks import commands as tasks
from taskhub.unit import Unit
from taskhub.workflow.commands import write_first

PROJECTS = (WEBSITE, MOBILE, RESEARCH)
#: What happened within this time before is in the inboxes of the demo's people.
NEWS = timedelta(hours=66)


@dataclass(frozen=True, slots=True)
class Demo:
    """`made` names the new projects; `password` is None where somebody gave the first account another one."""

    made: Sequence[str]
    email: str
    password: str | None


async def make_demo(commands: Commands) -> Demo:
    """Make what is missing of the demo; what is there stays as it is.

    Raises Problem `duplicate` where a project that is not the demo's has one of its keys.
    """
    email = PEOPLE["ana"][0]
    async with commands.db.read() as session:
        query = sa.select(users).where(users.c.email.in_([address for address, _ in PEOPLE.values()]))
        there = {row.email: row for row in await session.execute(query)}
        has_people = await session.scalar(sa.select(users.c.id).where(users.c.password_hash.is_not(None)).limit(1))
        keys = (await session.scalars(sa.select(projects.c.key))).all()
    missing = [project for project in PROJECTS if project.key not in keys]
    if len(missing) < len(PROJECTS) and email not in there:
        taken = next(project.key for project in PROJECTS if project.key in keys)
        raise Problem("duplicate", f"There is a project {taken} already: the demo needs a database without one.")
    people = {}
    for short, (address, name) in PEOPLE.items():
        if row := there.get(address):
            people[short] = User(row.id, row.email, row.name, row.is_admin)
            continue
        people[short] = await create_user(
            commands, email=address, name=name, password=PASSWORD, is_admin=has_people is None and short == "ana"
        )

    async def known(_unit: Unit) -> Mapping[str, User]:
        return people

    # The first has the latest news, and is made last: an inbox has what came last on top.
    for project in reversed(missing):
        await _make(commands, Caller(people[project.people[0]]), project, known, news=NEWS)
    kept = there[email].password_hash if email in there else None
    own = kept is not None and not await passwords.verify(kept, PASSWORD)
    return Demo([project.name for project in missing], email, None if own else PASSWORD)


async def make_own_demo(commands: Commands, caller: Caller, key: str | None) -> dict[str, Any]:
    """Make the demo's first project as the caller's own; the others in it are placeholders that can't sign in.

    Answers it as on the wire, with the caller's role. Without a key it is DEMO, or with a number where that is taken.
    Raises Problem `invalid` for a malformed key, `duplicate` for one that is or was taken.
    """
    if key is None:
        async with commands.db.read() as session:
            key = await free_key(session, "DEMO")
    project = _under(WEBSITE, key)

    async def people(unit: Unit) -> Mapping[str, User]:
        return {project.people[0]: unit.actor} | await _placeholders(unit, project.people[1:])

    return await _make(commands, caller, project, people)


def _under(project: Project, key: str) -> Project:
    """The project under another key, also where its texts name its tasks."""

    def named(text: str) -> str:
        return text.replace(f"{project.key}-", f"{key}-")

    return replace(
        project,
        key=key,
        tasks=tuple(
            replace(
                task,
                text=named(task.text),
                notes=tuple(replace(note, body=named(note.body)) for note in task.notes),
            )
            for task in project.tasks
        ),
    )


async def _placeholders(unit: Unit, shorts: Sequence[str]) -> dict[str, User]:
    """The people of the story, the same in each demo of somebody's own."""
    emails = {f"demo-{short}@{PLACEHOLDERS}": short for short in shorts}
    rows = await unit.session.execute(sa.select(users).where(users.c.email.in_(emails)))
    found = {emails[row.email]: User(row.id, row.email, row.name) for row in rows}
    fresh = {short: User(new_id(), email, PEOPLE[short][1]) for email, short in emails.items() if short not in found}
    if fresh:
        values = {"password_hash": None, "is_admin": False, "created_at": unit.at}
        try:
            await unit.session.execute(
                sa.insert(users),
                [{"id": user.id, "email": user.email, "name": user.name, **values} for user in fresh.values()],
            )
        except IntegrityError:
            raise Problem("duplicate", "Somebody else makes a demo right now. Try again.") from None
    return found | fresh


async def _make(
    commands: Commands,
    caller: Caller,
    project: Project,
    people_of: Callable[[Unit], Awaitable[Mapping[str, User]]],
    *,
    news: timedelta = timedelta(0),
) -> dict[str, Any]:
    async def first(unit: Unit) -> None:
        await write_first(unit, project.workflow)

    async def then(unit: Unit) -> None:
        unit.is_history = True
        unit.history_until = unit.at - news
        people = await people_of(unit)
        for short in project.people[1:]:
            await add_member_row(unit, people[short], Role.MEMBER)
        labels = {
            name: str((await add_label_row(unit, name=name, color=color))["id"])
            for name, color in project.labels.items()
        }
        await _Telling(unit, project, people, labels).tell()

    return await create(
        commands,
        caller,
        key=project.key,
        name=project.name,
        enforced=project.workflow.transitions is not None,
        first=first,
        then=then,
    )


class _Telling:
    def __init__(self, unit: Unit, project: Project, people: Mapping[str, User], labels: Mapping[str, str]) -> None:
        self._unit = unit
        self._people = people
        self._project = project
        self._labels = labels
        self._ago = working_hours(unit.at)
        self._tasks: dict[int, dict[str, Any]] = {}
        # By state the position of what was put there last; the newest stands at the top.
        self._highest: dict[str, str] = {}
        self._final: dict[tuple[str, int], str] = {}

    async def tell(self) -> None:
        written: list[Mapping[str, Any]] = []
        told = steps(self._project)
        self._keep_tops(told)
        for step in told:
            if step.kind == "comment.created":
                comment, self._tasks[step.number] = comments.record_created(
                    self._unit, self._tasks[step.number], step.fields["body"], **self._when(step)
                )
                written.append(comment)
            else:
                self._change(step)
        await tasks.write_created(self._unit, list(self._tasks.values()))
        await comments.write_created(self._unit, written)

    def _keep_tops(self, told: Sequence[Step]) -> None:
        """Keep the first places of each column for the tasks that stand there at the end."""
        ends = {step.number: step.fields["state"] for step in told if "state" in step.fields}
        tops: defaultdict[str, list[int]] = defaultdict(list)
        for number in self._project.top:
            tops[ends[number]].append(number)
        for state, numbers in tops.items():
            keys = generate_n_keys_between(None, None, len(numbers))
            self._final |= {(state, number): key for number, key in zip(numbers, keys, strict=True)}

    def _position(self, state: str, number: int) -> str:
        if (state, number) in self._final:
            return self._final[state, number]
        last_top = max((key for (where, _), key in self._final.items() if where == state), default=None)
        self._highest[state] = key = str(generate_key_between(last_top, self._highest.get(state)))
        return key

    def _change(self, step: Step) -> None:
        fields = {name: self._meant(name, value) for name, value in step.fields.items()}
        if "state" in fields:
            position = self._position(str(fields["state"]), step.number)
            if step.kind == "task.created":
                self._tasks[step.number] = tasks.record_created(
                    self._unit, fields, position=position, **self._when(step)
                )
                return
            fields["position"] = position
        self._tasks[step.number] = tasks.record_changed(
            self._unit, step.kind, self._tasks[step.number], fields, **self._when(step)
        )

    def _when(self, step: Step) -> dict[str, Any]:
        at = self._unit.at - timedelta(days=self._ago(step.ago))
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return {"actor": self._people[step.by], "at": at}

    def _meant(self, name: str, value: Any) -> Any:
        meanings: Mapping[str, Callable[[Any], Any]] = {
            "assignees": lambda names: [self._people[short].id for short in names],
            "labels": lambda names: [self._labels[label] for label in names],
            "due": lambda days: clock.wire(self._unit.at + timedelta(days=days))[:10],
        }
        return meanings[name](value) if name in meanings else value
