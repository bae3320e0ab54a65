"""What the cards of an import stand on: states for its lists, people, labels; found in the project, or made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from taskhub.db import new_id
from taskhub.errors import Problem
from taskhub.imports import naming
from taskhub.imports.model import imported
from taskhub.imports.report import Report
from taskhub.imports.story import Entry
from taskhub.imports.trello import BoardList, Export, Member
from taskhub.people.model import PLACEHOLDERS, User, users
from taskhub.projects.commands import add_label_row, add_member_row
from taskhub.projects.model import Role
from taskhub.projects.queries import labels_of, load_members
from taskhub.unit import Unit
from taskhub.workflow.commands import add_states
from taskhub.workflow.model import State
from taskhub.workflow.queries import load_workflow

#: The one state of all archived lists, among what is imported.
ARCHIVED_LISTS = "archived"
#: Stands for whoever the file does not name.
UNKNOWN = "unknown"
UNKNOWN_NAME = "Unknown (Trello)"

_ROWS_AT_ONCE = 500


@dataclass(slots=True)
class Imported:
    """The project's rows of `imported`, and those that this import adds: `known[source][external_id]`."""

    known: Mapping[str, dict[str, str]]
    changed: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Imported:
        """Of a project that is yet to be made."""
        return cls(defaultdict(dict))

    def get(self, source: str, external_id: str) -> str | None:
        """The id here of something that came already."""
        return self.known[source].get(external_id)

    def put(self, source: str, external_id: str, target: str) -> None:
        """Note that something has come; `write` keeps it."""
        if self.known[source].get(external_id) != target:
            self.known[source][external_id] = target
            self.changed[source, external_id] = target

    async def write(self, unit: Unit) -> None:
        """Keep what was noted."""
        key = sa.tuple_(imported.c.source, imported.c.external_id)
        pairs = list(self.changed)
        for start in range(0, len(pairs), _ROWS_AT_ONCE):
            some = pairs[start : start + _ROWS_AT_ONCE]
            await unit.session.execute(
                sa.delete(imported).where(imported.c.project_id == unit.project_id, key.in_(some))
            )
            await unit.session.execute(
                sa.insert(imported),
                [
                    {
                        "project_id": unit.project_id,
                        "source": source,
                        "external_id": external_id,
                        "target": self.changed[source, external_id],
                    }
                    for source, external_id in some
                ],
            )


async def load_imported(unit: Unit) -> Imported:
    """What came into the project so far."""
    known: defaultdict[str, dict[str, str]] = defaultdict(dict)
    query = sa.select(imported.c.source, imported.c.external_id, imported.c.target)
    for row in await unit.session.execute(query.where(imported.c.project_id == unit.project_id)):
        known[row.source][row.external_id] = row.target
    return Imported(known)


@dataclass(frozen=True, slots=True)
class States:
    """`of` gives each list's state; `added` are new to the project; `shelved` archived lists share one."""

    of: Mapping[str, str]
    added: Sequence[State]
    shelved: int = 0


def choose_states(export: Export, entries: Iterable[Entry], came: Imported, there: Sequence[State]) -> States:
    """A state for every list that needs one: the one it had, one of that name, or a new one.

    Archived lists share one, unless they came when they were not archived yet.
    """
    ids = {state.id for state in there}
    of: dict[str, str] = {}
    for board_list in export.lists:
        state_id = came.get("trello:list", board_list.id)
        if state_id in ids:
            of[board_list.id] = str(state_id)
    claimed = set(of.values())
    lists = sorted(export.lists, key=lambda board_list: board_list.pos)
    missing: list[BoardList] = []
    for board_list in lists:
        if board_list.closed or board_list.id in of:
            continue
        name = naming.line(board_list.name, naming.STATE_NAME_MAX).casefold()
        same = next((state for state in there if state.name.casefold() == name and state.id not in claimed), None)
        if same is not None:
            of[board_list.id] = same.id
            claimed.add(same.id)
        else:
            missing.append(board_list)
    # Named from all open lists, so that each is guessed from where it stands among the others.
    guessed = naming.categories([board_list.name for board_list in lists if not board_list.closed])
    category = dict(zip((each.id for each in lists if not each.closed), guessed, strict=True))
    added = []
    for board_list, state in zip(missing, naming.states(missing, ids), strict=True):
        added.append(State(state.id, state.name, category[board_list.id]))
        of[board_list.id] = state.id
    seen = {card.list_id for card in export.cards} | {entry.look.list_id for entry in entries if entry.look}
    shelved = [each.id for each in lists if each.closed and each.id in seen and each.id not in of]
    if shelved:
        shelf = came.get("trello:list", ARCHIVED_LISTS)
        if shelf not in ids:
            shelf = naming.unique("archived-lists", ids | {state.id for state in added})
            added.append(State(shelf, "Archived lists", "cancelled"))
        of |= dict.fromkeys(shelved, str(shelf))
        came.put("trello:list", ARCHIVED_LISTS, str(shelf))
    for list_id in of.keys() - set(shelved):
        came.put("trello:list", list_id, of[list_id])
    if not there and not added:
        added.append(State("todo", "To do", "todo"))
    return States(of, added, len(shelved))


async def bring_states(unit: Unit, export: Export, entries: Iterable[Entry], came: Imported, report: Report) -> States:
    """Choose the states in a project that is there, and add those that are new."""
    workflow = await load_workflow(unit.session, unit.project)
    states = choose_states(export, entries, came, workflow.states)
    if states.added:
        await add_states(unit, states.added)
        if workflow.transitions is not None:
            report.left["states without transitions"] += len(states.added)
    return states


@dataclass(frozen=True, slots=True)
class People:
    """`users` by Trello's id; `assignable` are those of them that are in the project."""

    users: Mapping[str, User]
    assignable: Mapping[str, str]


async def bring_people(unit: Unit, export: Export, needed: Collection[str], came: Imported, report: Report) -> People:
    """The board's members and whoever else is `needed`, as placeholders without sign-in where they are new."""
    named = {member.id: member for action in export.actions if (member := action.creator)}
    named |= {member.id: member for member in export.members}
    wanted = list(dict.fromkeys([*(member.id for member in export.members), *needed]))
    found = await _load_users(unit, [came.get("trello:member", id_) for id_ in wanted])
    by_id = {user.id: user for user, _ in found}
    emails = {id_: f"trello-{id_.lower()}@{PLACEHOLDERS}" for id_ in wanted}
    placeholders = {
        user.email: user for user, placeholder in await _load_by_email(unit, emails.values()) if placeholder
    }
    fresh = {
        email: User(new_id(), email, _name(named.get(id_)))
        for id_, email in emails.items()
        if came.get("trello:member", id_) not in by_id and email not in placeholders
    }
    try:
        if fresh:
            await unit.session.execute(
                sa.insert(users),
                [
                    {
                        "id": user.id,
                        "email": user.email,
                        "name": user.name,
                        "password_hash": None,
                        "is_admin": False,
                        "created_at": unit.at,
                    }
                    for user in fresh.values()
                ],
            )
    except IntegrityError:
        raise Problem("duplicate", "Another import makes the same people right now. Try again.") from None
    inside = {row.user_id for row in await load_members(unit.session, unit.project_id)}
    people: dict[str, User] = {}
    for id_ in wanted:
        mapped = came.get("trello:member", id_)
        if mapped in by_id:
            people[id_] = by_id[str(mapped)]
            continue
        user = people[id_] = placeholders.get(emails[id_]) or fresh[emails[id_]]
        came.put("trello:member", id_, user.id)
        if user.id not in inside:
            await add_member_row(unit, user, Role.MEMBER)
            inside.add(user.id)
            report.came["people"] += 1
    return People(people, {id_: user.id for id_, user in people.items() if user.id in inside})


def _name(member: Member | None) -> str:
    if member is None:
        return UNKNOWN_NAME
    return naming.line(member.full_name, 100) or naming.line(member.username, 100) or UNKNOWN_NAME


_USER = (users.c.id, users.c.email, users.c.name, users.c.password_hash.is_(None).label("placeholder"))


async def _load_users(unit: Unit, ids: Iterable[str | None]) -> list[tuple[User, bool]]:
    return await _load(unit, users.c.id, [id_ for id_ in ids if id_ is not None])


async def _load_by_email(unit: Unit, emails: Iterable[str]) -> list[tuple[User, bool]]:
    return await _load(unit, users.c.email, list(emails))


async def _load(unit: Unit, column: sa.Column[str], values: Sequence[str]) -> list[tuple[User, bool]]:
    found = []
    for start in range(0, len(values), _ROWS_AT_ONCE):
        rows = await unit.session.execute(sa.select(*_USER).where(column.in_(values[start : start + _ROWS_AT_ONCE])))
        found += [(User(row.id, row.email, row.name), bool(row.placeholder)) for row in rows]
    return found


async def bring_labels(unit: Unit, export: Export, came: Imported, report: Report) -> Mapping[str, str]:
    """The label here of each of the board's: the one it became, one of that name, or a new one.

    Labels without a name that no card wears are left: Trello gives them to every board.
    """
    worn = {label for card in export.cards for label in card.labels}
    there = {str(label["name"]): str(label["id"]) for label in await labels_of(unit.session, unit.project_id)}
    ids = set(there.values())
    of: dict[str, str] = {}
    missing = []
    for label in export.labels:
        mapped = came.get("trello:label", label.id)
        if mapped in ids:
            of[label.id] = str(mapped)
        elif mapped is not None:
            report.left["labels gone"] += 1
        elif not label.name.strip() and label.id not in worn:
            report.left["labels unworn"] += 1
        else:
            missing.append(label)
    claimed = set(of.values())
    new = []
    for label in missing:
        name = next(iter(naming.label_names([label], ()).values()))[0]
        if there.get(name, "") in claimed or name not in there:
            new.append(label)
        else:
            of[label.id] = there[name]
            claimed.add(there[name])
    for label_id, (name, color) in naming.label_names(new, there.keys()).items():
        entity = await add_label_row(unit, name=name, color=color)
        of[label_id] = str(entity["id"])
        report.came["labels"] += 1
    for label_id, target in of.items():
        came.put("trello:label", label_id, target)
    return of
