"""Writing a board's history into a project's log, and its cards and comments into the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from taskhub import clock
from taskhub.comments import commands as comments
from taskhub.comments.model import BODY_MAX
from taskhub.events.model import events
from taskhub.imports import placing
from taskhub.imports.ground import UNKNOWN, Imported, People
from taskhub.imports.naming import line
from taskhub.imports.report import Report
from taskhub.imports.story import Entry, Look
from taskhub.imports.trello import Card, Checklist, Export
from taskhub.people.model import User
from taskhub.tasks import commands as tasks
from taskhub.tasks.model import DESCRIPTION_MAX, TITLE_MAX
from taskhub.tasks.queries import load_tasks
from taskhub.unit import Unit

#: Where in its column a card stood: its id, the state, and Trello's number for the place.
Place = tuple[str, str, float]

_MEANINGFUL = ("task.edited", "task.moved", "task.archived", "task.restored", "task.deleted")


class Translation:
    """Looks as fields of tasks."""

    def __init__(
        self,
        export: Export,
        states: Mapping[str, str],
        people: People,
        labels: Mapping[str, str],
        report: Report,
    ) -> None:
        self._states = states
        self._people = people
        self._labels = labels
        self._checklists = {checklist.id: checklist for checklist in export.checklists}
        self._kept: dict[Look, dict[str, Any]] = {}
        self._report = report
        self._cut: set[tuple[str, str]] = set()

    def state(self, look: Look) -> str:
        """The state of the list."""
        return self._states[look.list_id]

    def fields(self, card: Card, look: Look) -> dict[str, Any]:
        """The task's fields but its position; what was cut is counted once for each card."""
        if look not in self._kept:
            title = line(look.name, 10 * DESCRIPTION_MAX) or "(no title)"
            blocks = [look.desc.strip()]
            blocks += [_as_markdown(self._checklists[each], look.ticks) for each in look.checklists]
            if len(title) > TITLE_MAX:
                blocks.insert(0, title)
                title = title[: TITLE_MAX - 1].rstrip() + "…"
                self._count(card, "titles cut")
            description = "\n\n".join(block for block in blocks if block)
            if len(description) > DESCRIPTION_MAX:
                description = description[: DESCRIPTION_MAX - 1].rstrip() + "…"
                self._count(card, "descriptions cut")
            assignable = self._people.assignable
            self._kept[look] = {
                "title": title,
                "description": description,
                "due": clock.wire(look.due) if look.due else None,
                "assignees": [assignable[member] for member in look.members if member in assignable],
                "labels": list(dict.fromkeys(self._labels[each] for each in look.labels if each in self._labels)),
                "state": self.state(look),
                "archived": look.closed or look.shelved,
            }
        return self._kept[look]

    def _count(self, card: Card, what: str) -> None:
        if (card.id, what) not in self._cut:
            self._cut.add((card.id, what))
            self._report.left[what] += 1


def _as_markdown(checklist: Checklist, ticks: frozenset[str]) -> str:
    items = sorted(checklist.items, key=lambda item: item.pos)
    lines = [f"- [{'x' if item.id in ticks else ' '}] {line(item.name, DESCRIPTION_MAX) or '…'}" for item in items]
    return "\n".join([f"### {line(checklist.name, TITLE_MAX) or 'Checklist'}", "", *lines])


class Writer:
    """One import's writing. `prepare`, then `write` each entry in order, then `finish`."""

    def __init__(self, unit: Unit, export: Export, came: Imported, report: Report) -> None:
        self._unit = unit
        self._export = export
        self._came = came
        self._report = report
        # By card: the task as it is by now, or None for one that was deleted here.
        self._tasks: dict[str, dict[str, Any] | None] = {}
        self._fresh: set[str] = set()
        self._touched: set[str] = set()
        self._changed: defaultdict[str, set[str]] = defaultdict(set)
        self._comments: list[dict[str, Any]] = []
        self._looks: dict[str, Look] = {}
        self._positions: Mapping[Place, str] = {}

    async def prepare(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Look at what came before; the entries that may have something new in them."""
        unit = self._unit
        self._there = await load_tasks(unit.session, unit.project)
        by_number = {str(task["number"]): task for task in self._there}
        last_change = {}
        query = sa.select(events.c.number, sa.func.max(events.c.seq))
        query = query.where(events.c.project_id == unit.project_id, events.c.type.in_(_MEANINGFUL))
        for number, seq in await unit.session.execute(query.group_by(events.c.number)):
            last_change[str(number)] = int(seq)
        for card in self._export.cards:
            number = self._came.get("trello:card", card.id)
            if number is None:
                self._fresh.add(card.id)
                continue
            task = self._tasks[card.id] = by_number.get(number)
            if task is None:
                self._report.left["removed"] += 1
                continue
            self._report.there_already += 1
            if last_change.get(number, 0) > self._left(card)[0]:
                self._touched.add(card.id)
        return [entry for entry in entries if not self._is_old(entry)]

    def place(self, entries: Sequence[Entry], translation: Translation) -> None:
        """Find a position for every place in which a card stood or stands."""
        self._translation = translation
        order = {each.id: rank for rank, each in enumerate(sorted(self._export.lists, key=lambda each: each.pos))}
        wanted: defaultdict[str, dict[Place, tuple[int, float, int]]] = defaultdict(dict)
        anchored: dict[Place, str] = {}
        ranks = {card.id: rank for rank, card in enumerate(self._export.cards)}
        for entry in entries:
            look, card = entry.look, entry.card
            if look is None or card.id in self._touched:
                continue
            place = self._place(card, look)
            wanted[place[1]].setdefault(place, (order[look.list_id], look.pos, ranks[card.id]))
        for card in self._export.cards:
            task = self._tasks.get(card.id)
            if task is None:
                continue
            place = (card.id, str(task["state"]), self._left(card)[1])
            if not task["archived"]:
                anchored[place] = str(task["position"])
                wanted[place[1]].setdefault(place, (order[card.list_id], place[2], ranks[card.id]))
        taken: defaultdict[str, list[str]] = defaultdict(list)
        for task in self._there:
            taken[task["state"]].append(task["position"])
        positions: dict[Place, str] = {}
        for state, places in wanted.items():
            slots = [placing.Slot(place, anchored.get(place)) for place in sorted(places, key=places.__getitem__)]
            positions |= placing.place(slots, taken[state])
        self._positions = positions

    def write(self, entry: Entry, people: Callable[[str | None], User]) -> None:
        """Record what an entry says, where it is new."""
        if entry.look is None:
            self._comment(entry, people)
            return
        card, look = entry.card, entry.look
        before = self._looks.get(card.id)
        self._looks[card.id] = look
        if entry.name is not None and self._came.get("trello:action", entry.name) is not None:
            return
        if entry.first:
            if card.id in self._fresh:
                self._create(entry, look, people(entry.actor))
        elif card.id not in self._touched and self._tasks[card.id] is not None:
            self._change(entry, look, None if entry.last else before, people)
        if entry.name is not None:
            self._came.put("trello:action", entry.name, str(self._unit.seq))

    async def finish(self) -> None:
        """Write the rows."""
        fresh = [task for id_, task in self._tasks.items() if task is not None and id_ in self._fresh]
        await tasks.write_created(self._unit, fresh)
        for id_, names in self._changed.items():
            task = self._tasks[id_]
            if task is not None and id_ not in self._fresh:
                await tasks.write_changed(self._unit, task, names)
        await comments.write_created(self._unit, self._comments)
        for card in self._export.cards:
            task = self._tasks.get(card.id)
            if task is not None and card.id not in self._touched:
                self._came.put("trello:left", card.id, f"{task['version']} {card.pos!r}")
        self._report.left["touched"] = len(self._touched)
        self._report.came["archived"] = sum(1 for task in fresh if task["archived"])

    def actors(self, entries: Sequence[Entry]) -> set[str]:
        """Trello's ids of everybody who did something in these entries, or is assigned to a card."""
        found = {entry.actor or UNKNOWN for entry in entries if not self._is_importers(entry)}
        return found | {member for card in self._export.cards for member in card.members}

    def _is_importers(self, entry: Entry) -> bool:
        # What changed since the last import and no action tells is brought by the person who imports.
        return entry.actor is None and (entry.last or entry.first) and entry.card.id not in self._fresh

    def fresh_cards(self) -> list[Card]:
        """The cards that were not here before."""
        return [card for card in self._export.cards if card.id in self._fresh]

    def _is_old(self, entry: Entry) -> bool:
        if entry.card.id in self._fresh:
            return entry.idle
        return entry.comment is not None and self._came.get("trello:action", entry.name or "") is not None

    def _left(self, card: Card) -> tuple[int, float]:
        """The version and the place in its list in which the last import left a card."""
        version, _, pos = (self._came.get("trello:left", card.id) or "0 0").partition(" ")
        return int(version), float(pos)

    def _place(self, card: Card, look: Look) -> Place:
        return card.id, self._translation.state(look), look.pos

    def _create(self, entry: Entry, look: Look, actor: User) -> None:
        card = entry.card
        fields = dict(self._translation.fields(card, look))
        del fields["archived"]
        task = tasks.record_created(
            self._unit, fields, position=self._positions[self._place(card, look)], actor=actor, at=entry.at
        )
        self._tasks[card.id] = task
        self._came.put("trello:card", card.id, str(task["number"]))
        if entry.name is None:
            self._report.left["unknown birth"] += 1

    def _change(self, entry: Entry, look: Look, before: Look | None, people: Callable[[str | None], User]) -> None:
        """Apply what differs from the look `before`; all of the look where there is none."""
        card = entry.card
        fields = self._translation.fields(card, look)
        was = self._translation.fields(card, before) if before else None
        wanted = {name: value for name, value in fields.items() if was is None or was[name] != value}
        place = self._place(card, look)
        back = was is not None and was["archived"]
        if (before is None or back or self._place(card, before) != place) and not fields["archived"]:
            # Also for what comes back to the board: its old place may be taken by now.
            wanted["position"] = self._positions[place]
        archived = wanted.pop("archived", None)
        moved: dict[str, Any] = {name: wanted.pop(name) for name in ("state", "position") if name in wanted}
        task = self._tasks[card.id]
        if task is not None and moved.get("state", task["state"]) != task["state"]:
            moved["position"] = self._positions[place]
        seq = self._unit.seq
        self._apply(card, "task.edited", wanted, people, entry)
        self._apply(card, "task.moved", moved, people, entry)
        task = self._tasks[card.id]
        if archived is not None and task is not None and task["archived"] != archived:
            kind = "task.archived" if archived else "task.restored"
            self._apply(card, kind, {"archived": archived}, people, entry)
        if entry.name is None and self._unit.seq > seq:
            self._report.left["unexplained"] += 1

    def _apply(
        self, card: Card, type: str, fields: Mapping[str, Any], people: Callable[[str | None], User], entry: Entry
    ) -> None:
        task = self._tasks[card.id]
        if task is None or all(task[name] == value for name, value in fields.items()):
            return
        self._changed[card.id] |= fields.keys()
        actor = self._unit.actor if self._is_importers(entry) else people(entry.actor)
        self._tasks[card.id] = tasks.record_changed(self._unit, type, task, fields, actor=actor, at=entry.at)

    def _comment(self, entry: Entry, people: Callable[[str | None], User]) -> None:
        task = self._tasks.get(entry.card.id)
        if task is None or entry.name is None or entry.comment is None:
            return
        if self._came.get("trello:action", entry.name) is not None:
            return
        body = entry.comment.strip()
        if not body:
            self._report.left["comments blank"] += 1
            self._came.put("trello:action", entry.name, "")
            return
        if len(body) > BODY_MAX:
            body = body[: BODY_MAX - 1].rstrip() + "…"
            self._report.left["comments cut"] += 1
        comment, after = comments.record_created(self._unit, task, body, actor=people(entry.actor), at=entry.at)
        self._tasks[entry.card.id] = after
        self._changed[entry.card.id].add("comment_count")
        self._comments.append(comment)
        self._came.put("trello:action", entry.name, str(comment["id"]))
