"""Who hears of what, and why: each reason, by whoever did it, muted or not, member or not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from taskhub import clock
from taskhub.notifications.mentions import mentioned
from taskhub.notifications.model import moments
from taskhub.notifications.rules import Around, Why, may_hear, may_notify, recipients, recipients_of_due
from taskhub.people.model import User
from taskhub.unit import Recorded

NAMES = {"ana": "Ana", "ben": "Ben Okafor", "ben2": "Ben", "chen": "陈伟", "dee": "Dee Lin"}
NOW = clock.parse("2026-11-21T09:00:00Z")


def recorded(type: str, by: str = "ana", *, changes: Any = None, at: Any = NOW, **entities: Any) -> Recorded:
    number = entities["task"]["number"] if "task" in entities else None
    return Recorded(7, type, b"", number, at, User(by, f"{by}@x.com", by), changes or {}, entities)


def task(made_by: str = "ben", assignees: tuple[str, ...] = ("chen",)) -> dict[str, Any]:
    return {"number": 4, "created_by": made_by, "assignees": list(assignees), "state": "doing", "due": "2026-11-22"}


def comment(at: str = clock.wire(NOW)) -> dict[str, Any]:
    return {"id": "c", "created_at": at}


WATCHED = Around(NAMES, watchers={4: ("dee",)})
ASSIGNED = recorded("task.edited", changes={"assignees": [["chen"], ["chen", "ben"]]}, task=task())
BORN = recorded(
    "task.created",
    changes={"assignees": [None, ["ana", "ben"]], "description": [None, "With @Dee and @Ben"]},
    task=task("ana", ("ana", "ben")),
)
MENTIONED = recorded("task.edited", changes={"description": ["See @dee", "See @Dee Lin and @陈伟也"]}, task=task())
SAID = recorded("comment.created", changes={"body": [None, "Hm, @Ben"]}, comment=comment(), task=task())
SAID_ANEW = recorded("comment.edited", changes={"body": ["@Ben", "@Ben @Dee"]}, comment=comment(), task=task())
MOVED = recorded("task.moved", changes={"state": ["todo", "doing"]}, task=task())
INVITED = recorded("member.added", changes={"role": [None, "member"]}, member={"id": "dee"})

HEARD: list[tuple[Recorded, dict[str, Why]]] = [
    (ASSIGNED, {"ben": Why("assigned")}),
    (BORN, {"ben": Why("assigned"), "ben2": Why("mentioned"), "dee": Why("mentioned")}),
    (MENTIONED, {"chen": Why("mentioned")}),
    (
        SAID,
        {
            "ben2": Why("mentioned"),
            "chen": Why("commented", "assignee"),
            "ben": Why("commented", "creator"),
            "dee": Why("commented", "watcher"),
        },
    ),
    (SAID_ANEW, {"dee": Why("mentioned")}),
    (
        MOVED,
        {"chen": Why("moved", "assignee"), "ben": Why("moved", "creator"), "dee": Why("moved", "watcher")},
    ),
    (INVITED, {"dee": Why("invited")}),
]
IDS = [event.type for event, _ in HEARD]


@pytest.mark.parametrize(("event", "heard"), HEARD, ids=IDS)
def test_who_hears_of_it_and_why(event: Recorded, heard: dict[str, Why]) -> None:
    assert may_notify(event)
    assert recipients(event, WATCHED) == heard
    # Whoever else is to be asked about is found by a look at the watchers and the names.
    found_by_name = {who for who, why in heard.items() if why.reason == "mentioned" or why.through == "watcher"}
    assert set(heard) - found_by_name <= may_hear(event)


@pytest.mark.parametrize(("event", "heard"), HEARD, ids=IDS)
def test_nobody_hears_of_what_they_did_or_left_or_muted(event: Recorded, heard: dict[str, Why]) -> None:
    for who, why in heard.items():
        rest = {other: reason for other, reason in heard.items() if other != who}
        own = Recorded(7, event.type, b"", event.number, event.at, User(who, "", who), event.changes, event.entities)
        assert who not in recipients(own, WATCHED)
        assert who not in may_hear(own)
        others = {name: NAMES[name] for name in NAMES if name != who}
        assert who not in recipients(event, Around(others, WATCHED.watchers))
        muted = recipients(event, Around(NAMES, WATCHED.watchers, muted={who: {why.reason}}))
        # Of a comment that names them they hear as of any other, where they are part of the task.
        assert muted.get(who, Why("commented")).reason == "commented"
        assert {other: reason for other, reason in muted.items() if other != who} == rest


def test_a_muted_reason_gives_way_to_the_next_one() -> None:
    event = recorded("comment.created", changes={"body": [None, "@Dee"]}, comment=comment(), task=task())
    assert recipients(event, WATCHED)["dee"] == Why("mentioned")
    muted = {"dee": {"mentioned"}}
    assert recipients(event, Around(NAMES, WATCHED.watchers, muted))["dee"] == Why("commented", "watcher")


@pytest.mark.parametrize(
    "event",
    [
        recorded("task.moved", changes={"position": ["a0", "a1"]}, task=task()),
        recorded("task.edited", changes={"title": ["A", "B"]}, task=task()),
        recorded("task.edited", changes={"assignees": [["chen", "ben"], ["chen"]]}, task=task()),
        recorded("task.created", changes={"description": [None, "Hm"]}, task=task()),
        recorded("task.archived", changes={"archived": [False, True]}, task=task()),
        recorded("comment.deleted", comment=comment(), task=task()),
        # One that is brought back was heard of when it was written.
        recorded("comment.created", comment=comment("2026-11-20T09:00:00.000Z"), task=task()),
        recorded("member.added", by="dee", member={"id": "dee"}),
        recorded("member.removed", member={"id": "dee"}),
        recorded("workflow.changed", workflow={}),
    ],
    ids=lambda event: event.type,
)
def test_of_this_nobody_hears(event: Recorded) -> None:
    assert not may_notify(event)


def test_of_due_dates_the_assignees_hear_or_who_made_it_and_who_watches() -> None:
    assert recipients_of_due("overdue", task(), WATCHED) == {
        "chen": Why("overdue", "assignee"),
        "dee": Why("overdue", "watcher"),
    }
    assert recipients_of_due("overdue", task(assignees=()), Around(NAMES)) == {"ben": Why("overdue", "creator")}
    assert recipients_of_due("due_soon", task(), Around(NAMES), not_to="chen") == {}
    assert recipients_of_due("due_soon", task(), Around(NAMES, muted={"chen": {"due_soon"}})) == {}
    assert recipients_of_due("due_soon", task(), Around({"ana": "Ana"})) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ana", {"ana"}),
        ("hello @ana, hello", {"ana"}),
        ("(@ANA)", {"ana"}),
        ("@Anastasia", set()),
        ("mail ana@Ana.com and x/@Ana", set()),
        ("@Ben Okafor and @Ben", {"ben", "ben2"}),
        ("@Ben Okaforson", {"ben2"}),
        ("@Dee", {"dee"}),
        ("@Dee Linus", {"dee"}),
        ("请@陈伟看看", {"chen"}),
        ("谢谢@陈伟", {"chen"}),
        ("`@Ana` and\n```\n@Ana\n```\n", set()),
        ("`not closed @Ana", {"ana"}),
        ("a ` here\n\n@Ana\n\nand ` there", {"ana"}),
        ("@", set()),
        ("@@Ana", set()),
        ("nobody", set()),
    ],
)
def test_whom_a_text_names(text: str, found: set[str]) -> None:
    assert mentioned(text, NAMES) == found


def test_a_first_word_that_two_share_names_nobody() -> None:
    assert mentioned("@Ben", {"a": "Ben Okafor", "b": "Ben Lin"}) == set()


def test_long_texts_take_one_way_through() -> None:
    # Ten times as long as any may be: where each mark, or each member, or each length of a name, is looked at again for
    # each, it takes minutes.
    size = 200_000
    many = {f"u{number}": f"Person {number}" for number in range(size // 100)}
    many |= {f"l{length}": "y" * length for length in range(1, 4_000)}
    began = time.thread_time()
    for text in (
        "`" * size,
        "~" * size,
        " @x" * (size // 3),
        "".join(f"{'`' * length}a" for length in range(1, 600)),
    ):
        assert mentioned(f"{text} @Person 7", many) == {"u7"}
    assert time.thread_time() - began < 10


def test_when_a_date_is_near_and_past() -> None:
    def told(due: str) -> list[str]:
        return [clock.wire(moment)[:16] for moment in moments(due)]

    assert told("2026-11-22") == ["2026-11-21T00:00", "2026-11-23T00:00"]
    assert told("2026-11-22T15:00:00.000Z") == ["2026-11-21T00:00", "2026-11-22T15:00"]
    for edge in ("0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999Z"):
        assert moments(edge)
