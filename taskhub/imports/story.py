"""A Trello card's story: what it was at first, and what happened to it.

An export holds a board as it is now, and at most its last thousand actions. A story starts from the card's creation
where that is among them, else from what the later actions say was there before; where the actions do not lead to
what the card is now, one last entry does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from taskhub.imports.trello import Action, Card, Checklist, Data, Export

#: Types of actions that make a card, say something on it, and change it.
BIRTHS = frozenset(["createCard", "copyCard", "convertToCardFromCheckItem", "emailCard", "moveCardToBoard"])
COMMENTS = frozenset(["commentCard", "copyCommentCard"])
CHANGES = frozenset(
    ["updateCard", "addMemberToCard", "removeMemberFromCard", "addChecklistToCard", "updateCheckItemStateOnCard"]
)

#: The fields of a card of which an `updateCard` tells the old and the new value.
_FIELDS = frozenset(["name", "desc", "due", "list_id", "pos", "closed"])


@dataclass(frozen=True, slots=True)
class Step:
    """An action on one card, with its data."""

    action: Action
    data: Data


@dataclass(frozen=True, slots=True)
class ListStep:
    """An action that archived a list, or brought it back."""

    action: Action
    list_id: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a card is at one moment, in Trello's terms. `shelved`: its list is archived."""

    name: str
    desc: str
    due: datetime | None
    list_id: str
    pos: float
    closed: bool
    shelved: bool
    members: tuple[str, ...]
    labels: tuple[str, ...]
    checklists: tuple[str, ...]
    ticks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a card.

    `name` tells it from every other entry, in this export and in later ones; None where no action says it. `actor`
    is a Trello member's id, None where the file does not say who. A comment has no `look`: it changes none. The
    `last` entry of a card brings it to what it is now; it is `idle` where those before it did.
    """

    at: datetime
    card: Card
    actor: str | None
    name: str | None
    look: Look | None = None
    comment: str | None = None
    first: bool = False
    last: bool = False
    idle: bool = False


class Known:
    """What the stories of a board share. `now` is for cards that nothing dates."""

    def __init__(self, export: Export, list_steps: Mapping[str, Sequence[ListStep]], now: datetime) -> None:
        self.lists = {board_list.id: board_list for board_list in export.lists}
        self.labels = {label.id for label in export.labels}
        self.list_steps = list_steps
        self.now = now
        self.checklists: defaultdict[str, list[Checklist]] = defaultdict(list)
        for checklist in sorted(export.checklists, key=lambda checklist: checklist.pos):
            self.checklists[checklist.card].append(checklist)


class Story:
    """One card's; `steps` are its actions in their order."""

    def __init__(self, card: Card, known: Known, steps: Sequence[Step]) -> None:
        self.card = card
        self._known = known
        self._birth = next((step for step in steps if step.action.type in BIRTHS), None)
        self._steps = [step for step in steps if step.action.type not in BIRTHS]
        self._updates = [step for step in self._steps if step.action.type == "updateCard" and step.data.old]
        self._place = {step.action.id: place for place, step in enumerate(self._updates)}
        self._checklists = known.checklists.get(card.id, [])
        self._items = {item.id for checklist in self._checklists for item in checklist.items}

    def entries(self) -> Iterator[Entry]:
        """In the order they happened; the first makes the card."""
        look = self._first()
        last = born_at = self._born_at()
        birth = self._birth.action if self._birth else None
        name = birth.id if birth else None
        yield Entry(born_at, self.card, birth.actor if birth else None, name, look, first=True)
        shelved: dict[str, bool] = {}
        for step in self._all_steps():
            if isinstance(step, ListStep):
                shelved[step.list_id] = step.closed
                after, name = look, f"{step.action.id}:{self.card.id}"
            elif step.action.type in COMMENTS:
                last = max(last, step.action.date)
                yield Entry(last, self.card, step.action.actor, step.action.id, comment=step.data.text)
                continue
            else:
                after, name = self._after(look, step), step.action.id
            after = replace(after, shelved=shelved.get(after.list_id, False))
            if step.action.date < born_at or (isinstance(step, ListStep) and after == look):
                continue
            look, last = after, max(last, step.action.date)
            yield Entry(last, self.card, step.action.actor, name, look)
        present = self._present()
        at = max(self.card.active_at or last, last)
        yield Entry(at, self.card, None, None, present, last=True, idle=look == present)

    def _born_at(self) -> datetime:
        if self._birth:
            dates = [self._birth.action.date]
        else:
            dates = [date for date in (self.card.born_at, self.card.active_at, self._known.now) if date][:1]
        return min(dates + [step.action.date for step in self._steps[:1]])

    def _all_steps(self) -> list[Step | ListStep]:
        been_in = {self.card.list_id, self._first().list_id}
        for step in self._updates:
            been_in |= {each for each in (step.data.list_after and step.data.list_after.id, _old_list(step)) if each}
        steps: list[Step | ListStep] = list(self._steps)
        for list_id in sorted(been_in):
            steps += self._known.list_steps.get(list_id, ())
        return sorted(steps, key=lambda step: step.action.date)

    def _first(self) -> Look:
        values: dict[str, Any] = {name: self._before(name, 0) for name in _FIELDS}
        if self._birth:
            data = self._birth.data
            if data.card is not None and "name" in data.card.model_fields_set:
                values["name"] = data.card.name
            if data.in_list is not None and data.in_list.id in self._known.lists:
                values["list_id"] = data.in_list.id
        present = self._present()
        ticks = set(present.ticks)
        members = list(present.members)
        checklists = set(present.checklists)
        for step in reversed(self._steps):
            match step.action.type, step.data:
                case "updateCheckItemStateOnCard", Data(item=item) if item is not None:
                    (ticks.discard if item.state == "complete" else ticks.add)(item.id)
                case "addMemberToCard", data:
                    members = [member for member in members if member != _member(data)]
                case "removeMemberFromCard", data:
                    members += [member for member in (_member(data),) if member and member not in members]
                case "addChecklistToCard", Data(checklist=checklist) if checklist is not None:
                    checklists.discard(checklist.id)
        # Archived cards are made on the board, too: an entry of their own takes them off it.
        return replace(
            present,
            **(values | {"closed": False, "shelved": False}),
            members=tuple(members),
            checklists=tuple(each.id for each in self._checklists if each.id in checklists),
            ticks=frozenset(ticks & self._items),
        )

    def _present(self) -> Look:
        card = self.card
        return Look(
            name=card.name,
            desc=card.desc,
            due=card.due,
            list_id=card.list_id,
            pos=card.pos,
            closed=card.closed,
            shelved=self._known.lists[card.list_id].closed,
            members=tuple(dict.fromkeys(card.members)),
            labels=tuple(label for label in dict.fromkeys(card.labels) if label in self._known.labels),
            checklists=tuple(checklist.id for checklist in self._checklists),
            ticks=frozenset(item.id for each in self._checklists for item in each.items if item.state == "complete"),
        )

    def _before(self, name: str, since: int) -> Any:
        """What the field was before the updates from the one at `since` on."""
        for step in self._updates[since:]:
            old = step.data.old
            if old is not None and name in old.model_fields_set:
                value = getattr(old, name)
                if name != "list_id" or value in self._known.lists:
                    return value
        return getattr(self.card, name)

    def _after(self, look: Look, step: Step) -> Look:
        match step.action.type, step.data:
            case "updateCard", _:
                return self._updated(look, step)
            case "addMemberToCard", data if (member := _member(data)) and member not in look.members:
                return replace(look, members=(*look.members, member))
            case "removeMemberFromCard", data:
                return replace(look, members=tuple(each for each in look.members if each != _member(data)))
            case "addChecklistToCard", Data(checklist=added) if added is not None:
                there = {*look.checklists, added.id}
                return replace(look, checklists=tuple(each.id for each in self._checklists if each.id in there))
            case "updateCheckItemStateOnCard", Data(item=item) if item is not None and item.id in self._items:
                changed = {item.id}
                ticks = look.ticks | changed if item.state == "complete" else look.ticks - changed
                return replace(look, ticks=ticks)
        return look

    def _updated(self, look: Look, step: Step) -> Look:
        old, new = step.data.old, step.data.card
        if old is None or new is None:
            return look
        place = self._place[step.action.id] + 1
        values: dict[str, Any] = {}
        for name in old.model_fields_set & _FIELDS:
            if name == "list_id" and step.data.list_after is not None:
                values[name] = step.data.list_after.id
            elif name in new.model_fields_set:
                values[name] = getattr(new, name)
            else:
                values[name] = self._before(name, place)
        if values.get("list_id", look.list_id) not in self._known.lists:
            del values["list_id"]
        elif "list_id" in values and "pos" not in values:
            # Such a move does not tell the place in the list: it is the one that the card had next.
            values["pos"] = self._before("pos", place)
        return replace(look, **values)


def _old_list(step: Step) -> str | None:
    return step.data.old.list_id if step.data.old else None


def _member(data: Data) -> str | None:
    return data.member.id if data.member else data.member_id
