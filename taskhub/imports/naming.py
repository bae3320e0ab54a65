"""What Trello's lists and labels are called in TaskHub."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from taskhub.imports.trello import BoardList, Label
from taskhub.projects.model import LABEL_COLORS
from taskhub.workflow.model import State

STATE_NAME_MAX = 60
LABEL_NAME_MAX = 50

# The first that fits is taken, so “not done” stands before “done”, and “未完成” before “完成”. Words are matched
# whole, after everything that is no letter or digit became one space; Chinese ones anywhere.
_CATEGORIES: Sequence[tuple[str, str, str]] = (
    (
        "cancelled",
        "cancelled|canceled|rejected|declined|dropped|abandoned|discarded|won t do|wont do|won t fix|wontfix|duplicate",
        "取消|废弃|作废|放弃|拒绝|不做",
    ),
    ("todo", "not done|not started|undone|unfinished|incomplete|open", "未完成|未开始|待完成"),
    (
        "doing",
        "doing|in progress|progress|wip|review|reviewing|in review|testing|test|qa|active|working|ongoing|started"
        "|blocked|waiting|on hold|development|in development|implementing|in work|today|current",
        "进行中|处理中|开发中|测试|审核|评审|验收|正在|阻塞|等待|在做",
    ),
    (
        "done",
        "done|complete|completed|finished|closed|shipped|released|live|deployed|resolved|accepted|published|launched",
        "完成|已发布|已上线|已解决|已关闭|结束|搞定",
    ),
    (
        "backlog",
        "backlog|icebox|ideas|idea|someday|later|wishlist|wish list|inbox|maybe|brainstorm|parking lot|future",
        "需求池|想法|点子|灵感|以后|积压|收集|备选|待定",
    ),
    (
        "todo",
        "to do|todo|todos|to dos|next|next up|ready|planned|queue|queued|upcoming|this week|this sprint|sprint|new",
        "待办|要做|计划|准备|下一步|本周|待处理|待开发",
    ),
)

#: Trello's colours that are none of TaskHub's. Each has a `_light` and a `_dark` shade as well.
_COLORS = {"lime": "green", "sky": "blue", "black": "grey"}


def categories(names: Sequence[str]) -> list[str]:
    """The category of each list of a board, from its name, else from where it stands among the others.

    Names that say nothing are to-do before the first list that is being worked in, and doing after it. Where no
    name says anything, the lists are topics rather than steps: all are to-do.
    """
    said = [_said(name) for name in names]
    if not any(said):
        return ["todo"] * len(names)
    if "doing" in said:
        first_doing = said.index("doing")
    else:
        # “To do, Ann, Bob, Done”: what comes after the to-do list is in somebody's hands.
        starts = [place for place, category in enumerate(said) if category in ("todo", "backlog")]
        first_doing = (starts[-1] if starts else 0) + 1
    return [category or ("todo" if place < first_doing else "doing") for place, category in enumerate(said)]


def _said(name: str) -> str | None:
    words = f" {' '.join(re.sub(r'[^0-9a-z一-鿿]+', ' ', name.casefold()).split())} "
    for category, english, chinese in _CATEGORIES:
        if any(f" {word} " in words for word in english.split("|")) or any(w in words for w in chinese.split("|")):
            return category
    return None


def states(lists: Sequence[BoardList], taken: Collection[str]) -> list[State]:
    """A new state for each list, in their order; their ids are none of those `taken`."""
    ids = set(taken)
    made = []
    for place, (board_list, category) in enumerate(
        zip(lists, categories([each.name for each in lists]), strict=True), start=1
    ):
        name = line(board_list.name, STATE_NAME_MAX) or f"List {place}"
        state_id = unique(slug(name) or f"list-{place}", ids)
        ids.add(state_id)
        made.append(State(state_id, name, category))
    return made


def slug(name: str) -> str:
    """A state's id from a name: `in-progress`; empty where the name has no Latin letter and no digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")


def unique(id_: str, taken: Collection[str]) -> str:
    """The id itself, or with `-2`, `-3`, … where it is taken; at most 40 characters."""
    number, candidate = 2, id_
    while candidate in taken:
        end = f"-{number}"
        candidate = id_[: 40 - len(end)] + end
        number += 1
    return candidate


def label_names(labels: Sequence[Label], taken: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Name and colour of each label by its id. One without a name is named by its colour.

    No two are equal, nor is one of those `taken`: a second “bug” becomes “bug (red)”, a third “bug (red) 2”.
    """
    names = set(taken)
    found: dict[str, tuple[str, str]] = {}
    for label in labels:
        shade = (label.color or "").split("_")[0]
        color = _COLORS.get(shade, shade)
        name = line(label.name, LABEL_NAME_MAX) or shade[:LABEL_NAME_MAX] or "label"
        candidates = [name, f"{name[: LABEL_NAME_MAX - 10]} ({shade or 'grey'})"]
        number = 2
        while (candidate := candidates.pop(0))[:LABEL_NAME_MAX] in names:
            if not candidates:
                candidates.append(f"{name[: LABEL_NAME_MAX - 16]} ({shade or 'grey'}) {number}")
                number += 1
        names.add(candidate[:LABEL_NAME_MAX])
        found[label.id] = (candidate[:LABEL_NAME_MAX], color if color in LABEL_COLORS else "grey")
    return found


def line(text: str, most: int) -> str:
    """A text on one line, cut to `most` characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
