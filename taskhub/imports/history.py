"""The history of a Trello board, card by card, in the order it happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from taskhub import clock
from taskhub.imports.story import BIRTHS, CHANGES, COMMENTS, Entry, Known, ListStep, Step, Story
from taskhub.imports.trello import Action, Export, data_of


@dataclass(slots=True)
class History:
    """All entries of a board in the order of their dates, and how many actions are none, by why.

    Why: `gone` (about a card that is not in the file), `deleted`, `moved away`, `attachment`, `board` (about the
    board or its lists), `other`.
    """

    entries: list[Entry]
    left_out: Counter[str] = field(default_factory=Counter)


def tell(export: Export) -> History:
    """The stories of all cards. Raises Problem `invalid` for an action that is broken."""
    cards = {card.id for card in export.cards}
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    lists: defaultdict[str, list[ListStep]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    # The newest stands first in the file; of two with one date that order still tells which came first.
    oldest_first = list(reversed(export.actions))
    for action in sorted(oldest_first, key=lambda action: action.date):
        if action.type in BIRTHS | COMMENTS | CHANGES:
            data = data_of(action)
            if data.card is None or data.card.id not in cards:
                left_out["gone"] += 1
            else:
                steps[data.card.id].append(Step(action, data))
        elif action.type == "updateList" and (step := _archived_or_back(action)):
            lists[step.list_id].append(step)
        else:
            left_out[_why(action)] += 1
    known = Known(export, lists, clock.now())
    entries = [entry for card in export.cards for entry in Story(card, known, steps[card.id]).entries()]
    # Sorting is stable: what happened to one card at one moment stays in its order, after the card was made.
    entries.sort(key=lambda entry: (entry.at, not entry.first))
    return History(entries, left_out)


def _archived_or_back(action: Action) -> ListStep | None:
    data = data_of(action)
    if data.in_list is None or data.old is None or "closed" not in data.old.model_fields_set:
        return None
    return ListStep(action, data.in_list.id, data.in_list.closed)


def _why(action: Action) -> str:
    if action.type == "deleteCard":
        return "deleted"
    if action.type == "moveCardFromBoard":
        return "moved away"
    if "Attachment" in action.type:
        return "attachment"
    if action.type.startswith(("createList", "updateList", "moveList", "createBoard", "updateBoard")):
        return "board"
    return "other"
