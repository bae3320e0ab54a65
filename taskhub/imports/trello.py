"""Reading a board that Trello exported as JSON (board menu → Print, export and share → Export as JSON).

The shapes hold what TaskHub takes over and what it counts as left behind; whatever else a file holds is not looked
at. Trello's own description of the fields: https://developer.atlassian.com/cloud/trello/guides/rest-api/object-definitions/
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from taskhub import clock
from taskhub.errors import Problem

#: Bytes of the largest file that is read. The largest boards Trello allows export to some tens of megabytes.
LARGEST = 256 * 1024 * 1024

T = TypeVar("T")


def _clean(value: str) -> str:
    # No database keeps U+0000 in a text, and no other control character was meant.
    return "".join(c for c in value.replace("\r\n", "\n") if c >= " " or c in "\n\t").replace("\x7f", "")


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    moment = clock.parse(value)
    if moment.year < 1970:
        raise ValueError(f"{value!r} is before there were boards")
    return moment


def _none_is_empty(value: object) -> object:
    return [] if value is None else value


def _none_is_blank(value: object) -> object:
    return "" if value is None else value


def _none_is_false(value: object) -> object:
    return False if value is None else value


Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,30}$")]
Text = Annotated[str, BeforeValidator(_none_is_blank), AfterValidator(_clean)]
Flag = Annotated[bool, BeforeValidator(_none_is_false)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
ListOf = Annotated[list[T], BeforeValidator(_none_is_empty)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Ref(_Shape):
    """Something that an action names."""

    id: Id


class Member(_Shape):
    """Somebody on the board, or behind an action."""

    id: Id
    full_name: Text = Field("", alias="fullName")
    username: Text = ""


class Label(_Shape):
    """A label; many have a colour and no name."""

    id: Id
    name: Text = ""
    color: str | None = None


class BoardList(_Shape):
    """A list of cards; `closed` is archived."""

    id: Id
    name: Text = ""
    closed: Flag = False
    pos: float = 0.0


class CheckItem(_Shape):
    """A line of a checklist."""

    id: Id
    name: Text = ""
    state: Literal["complete", "incomplete"] = "incomplete"
    pos: float = 0.0


class Checklist(_Shape):
    """A checklist of a card."""

    id: Id
    card: Id = Field(alias="idCard")
    name: Text = ""
    pos: float = 0.0
    items: ListOf[CheckItem] = Field(default_factory=list, alias="checkItems")


class Card(_Shape):
    """A card as it is now; `closed` is archived."""

    id: Id
    name: Text
    desc: Text = ""
    closed: Flag = False
    list_id: Id = Field(alias="idList")
    pos: float = 0.0
    due: Moment | None = None
    active_at: Moment | None = Field(None, alias="dateLastActivity")
    members: ListOf[Id] = Field(default_factory=list, alias="idMembers")
    labels: ListOf[Id] = Field(default_factory=list, alias="idLabels")
    # What TaskHub has no place for; counted, to say so.
    attachments: ListOf[Any] = Field(default_factory=list)
    cover: Any = Field(None, alias="idAttachmentCover")
    votes: ListOf[Any] = Field(default_factory=list, alias="idMembersVoted")
    due_complete: Flag = Field(False, alias="dueComplete")
    start: Any = None
    custom_fields: ListOf[Any] = Field(default_factory=list, alias="customFieldItems")
    plugin_data: ListOf[Any] = Field(default_factory=list, alias="pluginData")
    stickers: ListOf[Any] = Field(default_factory=list)

    @property
    def born_at(self) -> datetime | None:
        """When it was made: the first four bytes of Trello's ids are seconds since 1970."""
        if len(self.id) != 24:
            return None
        try:
            return datetime.fromtimestamp(int(self.id[:8], 16), UTC)
        except ValueError:
            return None


class CardFields(_Shape):
    """The fields of a card whose changes the history tells; those that did not change are not set."""

    name: Text = ""
    desc: Text = ""
    due: Moment | None = None
    list_id: Id | None = Field(None, alias="idList")
    closed: Flag = False
    pos: float = 0.0


class ActionCard(CardFields):
    """A card in an action: what it has become."""

    id: Id


class ActionList(_Shape):
    """A list in an action."""

    id: Id
    closed: Flag = False


class ActionItem(_Shape):
    """A checklist's line in an action."""

    id: Id
    state: str | None = None


class Data(_Shape):
    """What an action of a type that TaskHub takes over says."""

    card: ActionCard | None = None
    in_list: ActionList | None = Field(None, alias="list")
    list_after: Ref | None = Field(None, alias="listAfter")
    old: CardFields | None = None
    text: Text = ""
    member: Ref | None = None
    member_id: Id | None = Field(None, alias="idMember")
    checklist: Ref | None = None
    item: ActionItem | None = Field(None, alias="checkItem")


class Action(_Shape):
    """An entry of the board's history; `data` depends on the type, see `data_of`."""

    id: Id
    type: str
    date: Moment
    by: Id | None = Field(None, alias="idMemberCreator")
    creator: Member | None = Field(None, alias="memberCreator")
    data: dict[str, Any] = Field(default_factory=dict)

    @property
    def actor(self) -> str | None:
        """The member's id, where the file still knows it."""
        return self.by or (self.creator.id if self.creator else None)


class Export(_Shape):
    """A whole export. `actions` are the newest first, at most a thousand."""

    id: Id
    name: Text
    desc: Text = ""
    lists: list[BoardList]
    cards: list[Card]
    labels: ListOf[Label] = Field(default_factory=list)
    members: ListOf[Member] = Field(default_factory=list)
    checklists: ListOf[Checklist] = Field(default_factory=list)
    actions: ListOf[Action] = Field(default_factory=list)
    plugin_data: ListOf[Any] = Field(default_factory=list, alias="pluginData")


def data_of(action: Action) -> Data:
    """The action's data in their shape. Raises Problem `invalid`."""
    try:
        return Data.model_validate(action.data)
    except ValidationError as error:
        raise _refused(f"The action {action.id} in the file is broken: {_words(error)}.") from None


def read(path: Path) -> Export:
    """Read and check an export. Raises Problem `invalid`, whose text is one line that names what is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _refused(f"Can't read {_shown(path)}: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise _refused(f"{_shown(path)} is larger than {LARGEST >> 20} MiB: no Trello board is.")
    return parse(content, _shown(path))


def parse(content: bytes, name: str) -> Export:
    """As `read`, of bytes that are here already; `name` is the file's in what is said of it."""
    if not content.strip():
        raise _refused(f"{name} is empty.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(f"{name} is in UTF-16: save it as UTF-8, as Trello does.")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        board = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        try:
            content.decode()
        except UnicodeDecodeError as wrong:
            raise _refused(f"{name} is not in UTF-8 (byte {wrong.start + 1}): save it as Trello gave it.") from None
        if error.pos >= len(content.decode().rstrip()) - 1:
            raise _refused(f"{name} is cut off: it ends in the middle. Export the board again.") from None
        raise _refused(f"{name} is no JSON (line {error.lineno}, column {error.colno}), so no Trello export.") from None
    missing = [part for part in ("id", "name", "lists", "cards") if not isinstance(board, dict) or part not in board]
    if missing:
        raise _refused(f"{name} is no Trello export: it has no “{missing[0]}”.")
    try:
        export = _in_parts(board)
    except ValidationError as error:
        raise _refused(f"{name} is no sound Trello export: {_words(error)}.") from None
    _check(export, name)
    return export


def _in_parts(board: dict[str, Any]) -> Export:
    """As `Export.model_validate`, with the long lists checked thing by thing: other threads run in between."""
    kinds: dict[str, type[_Shape]] = {"cards": Card, "actions": Action, "checklists": Checklist}
    checked: dict[str, Any] = {}
    for name, kind in kinds.items():
        if isinstance(things := board.get(name), list):
            try:
                checked[name] = [kind.model_validate(thing) for thing in things]
            except ValidationError:
                # Checked as a whole the error knows where.
                break
    return Export.model_validate(board | checked)


def _check(export: Export, name: str) -> None:
    kinds: Sequence[tuple[str, Sequence[Any]]] = (
        ("list", export.lists),
        ("card", export.cards),
        ("label", export.labels),
        ("checklist", export.checklists),
        ("action", export.actions),
    )
    for kind, things in kinds:
        seen: set[str] = set()
        for thing in things:
            if thing.id in seen:
                raise _refused(f"{name} is no sound Trello export: the {kind} {thing.id} is in it twice.")
            seen.add(thing.id)
    lists = {board_list.id for board_list in export.lists}
    for card in export.cards:
        if card.list_id not in lists:
            title = " ".join(card.name.split())[:60]
            raise _refused(f"{name}: the card “{title}” is in a list that is not in the file ({card.list_id}).")


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    message = " ".join(first["msg"].split()).removeprefix("Value error, ")[:200]
    return f"{where}: {message}"


def _shown(path: Path) -> str:
    return "".join(c if c.isprintable() else "�" for c in str(path))


def _refused(line: str) -> Problem:
    return Problem("invalid", line)
