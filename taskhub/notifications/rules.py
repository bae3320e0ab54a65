"""Who is to hear of an event, and why: rules over the event and those around it, without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskhub import clock
from taskhub.notifications.mentions import mentioned
from taskhub.notifications.model import Reason, Through
from taskhub.unit import Recorded


@dataclass(frozen=True, slots=True)
class Around:
    """Those of a project who may hear of what happens in it: members who can sign in.

    `watchers` are by task number, `muted` by user id: the reasons that count for this project.
    """

    names: Mapping[str, str]
    watchers: Mapping[int, Collection[str]] = field(default_factory=dict)
    muted: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """The reason for which somebody hears of something, and what they are to the task, where that is the reason."""

    reason: Reason
    through: Through | None = None


def may_notify(event: Recorded) -> bool:
    """Whether anybody might hear of the event; asked of each before anything is read."""
    match event.type:
        case "task.created" | "task.edited":
            return bool(added_assignees(event)) or "@" in new_text(event)
        case "task.moved":
            return "state" in event.changes
        case "comment.created":
            return not is_brought_back(event)
        case "comment.edited":
            return "@" in new_text(event)
        case "member.added":
            return bool(event.entities["member"]["id"] != event.actor.id)
    return False


def may_hear(event: Recorded) -> set[str]:
    """Everybody but watchers and those whom a text names who might hear of the event."""
    if event.type == "member.added":
        return {event.entities["member"]["id"]} - {event.actor.id}
    if event.type in ("task.created", "task.edited"):
        return set(added_assignees(event)) - {event.actor.id}
    if event.type in ("task.moved", "comment.created"):
        task = event.entities["task"]
        return {task["created_by"], *task["assignees"]} - {event.actor.id}
    return set()


def recipients(event: Recorded, around: Around) -> dict[str, Why]:
    """Who hears of the event, each for the weightiest reason that they have not muted."""
    found: dict[str, Why] = {}
    for user_id, why in _candidates(event, around):
        is_told = user_id != event.actor.id and user_id in around.names and user_id not in found
        if is_told and why.reason not in around.muted.get(user_id, ()):
            found[user_id] = why
    return found


def recipients_of_due(
    reason: Reason, task: Mapping[str, Any], around: Around, *, not_to: str | None = None
) -> dict[str, Why]:
    """Who is reminded of a task's due date: its assignees (who made it, where there are none), and who watches it."""
    people: list[tuple[str, Through]] = [(user_id, "assignee") for user_id in task["assignees"]]
    people = people or [(task["created_by"], "creator")]
    people += [(user_id, "watcher") for user_id in around.watchers.get(int(task["number"]), ())]
    found: dict[str, Why] = {}
    for user_id, through in people:
        if user_id in around.names and user_id != not_to and reason not in around.muted.get(user_id, ()):
            found.setdefault(user_id, Why(reason, through))
    return found


def _candidates(event: Recorded, around: Around) -> Iterator[tuple[str, Why]]:
    """Weightiest first."""
    if event.type == "member.added":
        yield event.entities["member"]["id"], Why("invited")
        return
    for user_id in added_assignees(event):
        yield user_id, Why("assigned")
    for user_id in sorted(mentioned(new_text(event), around.names) - mentioned(old_text(event), around.names)):
        yield user_id, Why("mentioned")
    if event.type not in ("comment.created", "task.moved"):
        return
    reason: Reason = "commented" if event.type == "comment.created" else "moved"
    task = event.entities["task"]
    for user_id in task["assignees"]:
        yield user_id, Why(reason, "assignee")
    yield task["created_by"], Why(reason, "creator")
    for user_id in around.watchers.get(int(task["number"]), ()):
        yield user_id, Why(reason, "watcher")


def added_assignees(event: Recorded) -> list[str]:
    """Whom the event made an assignee of its task."""
    if event.type not in ("task.created", "task.edited"):
        return []
    old, new = event.changes.get("assignees", (None, None))
    return [user_id for user_id in new or () if user_id not in (old or ())]


def new_text(event: Recorded) -> str:
    """What the event says that it was told by somebody in words, where names may stand."""
    return _text(event, 1)


def old_text(event: Recorded) -> str:
    """What stood there before."""
    return _text(event, 0)


def _text(event: Recorded, side: int) -> str:
    if event.type in ("comment.created", "comment.edited"):
        name = "body"
    elif event.type in ("task.created", "task.edited"):
        name = "description"
    else:
        return ""
    return str(event.changes.get(name, ("", ""))[side] or "")


def is_brought_back(event: Recorded) -> bool:
    """Whether a comment was deleted once and is there again: its time is not the event's."""
    return bool(event.entities["comment"]["created_at"] != clock.wire(event.at))
