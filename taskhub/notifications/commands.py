"""Notifying within each command, and what people set: what they read, watch and mute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Caller, Commands
from taskhub.db import Row
from taskhub.membership import member_of
from taskhub.notifications import inbox
from taskhub.notifications.inbox import News, Reworded
from taskhub.notifications.model import EVERYWHERE, NO_TASK, Reason, mutes, notifications, watches
from taskhub.notifications.queries import is_watched, load_around, members_who_sign_in, that_quote
from taskhub.notifications.rules import Why, may_hear, may_notify, new_text, recipients
from taskhub.projects.model import projects
from taskhub.tasks.commands import split
from taskhub.tasks.queries import load_task
from taskhub.unit import Recorded, Unit
from taskhub.workflow.model import Workflow
from taskhub.workflow.queries import kept_workflow, load_workflow

#: Characters of a comment that stand in a notification.
EXCERPT_MAX = 200


async def notify(unit: Unit) -> None:
    """Put what a command has recorded into the inboxes of those it is for; a projection."""
    await _tell_roles(unit)
    left = [event for event in unit.recorded if event.type in ("member.removed", "project.deleted")]
    for event in left:
        await _leave(unit, event.entities["member"]["id"] if event.type == "member.removed" else None)
    reworded = await _reworded(unit)
    news = await _news(unit)
    if reworded:
        ahead = [one.user_id for one in news]
        await inbox.reword(unit.session, unit.project_id, unit.at, reworded, ahead=ahead)
    if news:
        await inbox.put(unit.session, unit.project_id, unit.at, news)


async def _reworded(unit: Unit) -> Sequence[Reworded]:
    """The notifications whose words the command has changed or taken away, each once."""
    found: dict[str, Reworded] = {}
    for event in () if unit.is_history else unit.recorded:
        if event.number is None or event.type not in ("comment.edited", "comment.deleted", "task.deleted"):
            continue
        comment_id = None if event.type == "task.deleted" else event.entities["comment"]["id"]
        excerpt = _excerpt(event) if event.type == "comment.edited" else None
        now = {"title": event.entities["task"]["title"], "project_name": unit.project.name}
        rows = await that_quote(unit.session, unit.project_id, event.number, comment_id)
        found |= {row.id: Reworded(row, excerpt, now) for row in rows}
    return list(found.values())


async def _news(unit: Unit) -> list[News]:
    """What people are to hear of what a command has recorded."""
    events = [event for event in _of_now(unit) if may_notify(event)]
    if not events:
        return []
    people = set().union(*map(may_hear, events))
    watched = {event.number for event in events if event.number and event.type in ("comment.created", "task.moved")}
    everybody = any("@" in new_text(event) for event in events)
    is_own = len(events) == len(watched) == 1 and not people and not everybody
    # Most often who moves a task is the only one it concerns: that is found out by the least there is to ask.
    if is_own and not await is_watched(unit.session, unit.project_id, *watched, but=events[0].actor.id):
        return []
    around = await load_around(
        unit.session, unit.project_id, unit.key, people=people, watched=watched, everybody=everybody
    )
    news: list[News] = []
    workflow: Workflow | None = None
    for event in events:
        found = recipients(event, around)
        if found:
            if workflow is None and event.type == "task.moved":
                workflow = await _workflow(unit)
            shared = _told(unit, event, workflow)
            news += [News(user_id, event.number or NO_TASK, shared | _why(why)) for user_id, why in found.items()]
    return news


def _of_now(unit: Unit) -> Sequence[Recorded]:
    """What of a command's events is not of the past."""
    if not unit.is_history:
        return unit.recorded
    if unit.history_until is None:
        return ()
    return [event for event in unit.recorded if unit.history_until < event.at < unit.at]


async def _tell_roles(unit: Unit) -> None:
    roles: dict[str, str | None] = {}
    for event in unit.recorded:
        if event.type in ("member.added", "member.changed") and "role" in event.changes:
            roles[event.entities["member"]["id"]] = event.entities["member"]["role"]
        elif event.type == "member.removed":
            roles[event.entities["member"]["id"]] = None
        elif event.type == "project.deleted":
            roles |= dict.fromkeys(await members_who_sign_in(unit.session, unit.project_id))
    if unit.is_history:
        # The others of a history may never have signed in.
        roles = {user_id: role for user_id, role in roles.items() if user_id == unit.actor.id}
    if roles:
        await inbox.tell(unit.session, unit.key, unit.at, roles)


async def _leave(unit: Unit, user_id: str | None) -> None:
    await inbox.clear(unit.session, unit.project_id, unit.at, user_id)
    if user_id is not None:
        mine = sa.and_(watches.c.project_id == unit.project_id, watches.c.user_id == user_id)
        await unit.session.execute(sa.delete(watches).where(mine))


async def _workflow(unit: Unit) -> Workflow:
    # What a command has changed itself is not what is kept.
    changed = any(one.type == "workflow.changed" for one in unit.recorded)
    return await (load_workflow if changed else kept_workflow)(unit.session, unit.project)


def _told(unit: Unit, event: Recorded, workflow: Workflow | None) -> dict[str, Any]:
    """What everybody who hears of the event is told of it; the workflow for one that moved a task."""
    task = event.entities.get("task")
    state = None
    if workflow is not None and event.type == "task.moved" and task is not None:
        found = workflow.state(task["state"])
        state = task["state"] if found is None else found.name
    return about(
        unit.project,
        task,
        type=event.type,
        at=clock.wire(event.at),
        actor={"id": event.actor.id, "name": event.actor.name},
        event=event.seq,
        excerpt=_excerpt(event),
        state=state,
    )


def about(project: Row, task: Mapping[str, Any] | None, **more: Any) -> dict[str, Any]:
    """A notification about a task or (None) a project as on the wire, but for the reason and what the inbox adds."""
    return {
        "type": None,
        "actor": None,
        "event": None,
        "excerpt": None,
        "state": None,
        **more,
        "project": project.key,
        "project_name": project.name,
        "task": task and task["ref"],
        "title": task and task["title"],
        "due": task and task["due"],
    }


def _why(why: Why) -> dict[str, Any]:
    return {"reason": why.reason, "through": why.through}


def _excerpt(event: Recorded) -> str | None:
    comment = event.entities.get("comment")
    if comment is None:
        return None
    text = " ".join(comment["body"].split())
    return text if len(text) <= EXCERPT_MAX else text[: EXCERPT_MAX - 1].rstrip() + "…"


async def read(
    commands: Commands,
    caller: Caller,
    *,
    ids: Sequence[str] | None = None,
    up_to: int | None = None,
    ref: str | None = None,
) -> dict[str, Any]:
    """Mark notifications of the caller's as read: of these ids, up to a `seq` of the inbox, or about a task.

    What is not there is left. Raises Problem `not_found` for what is no reference.
    """
    if ids is not None:
        which: sa.ColumnElement[bool] = notifications.c.id.in_(ids)
    elif up_to is not None:
        which = notifications.c.seq <= up_to
    else:
        key, number = split(ref or "")
        project_id = sa.select(projects.c.id).where(projects.c.key == key).scalar_subquery()
        which = sa.and_(notifications.c.project_id == project_id, notifications.c.number == number)

    async def change(session: AsyncSession) -> dict[str, Any]:
        unread, seq = await inbox.read(session, caller.user.id, clock.now(), which)
        return {"unread": unread, "seq": seq}

    return await commands.outside(caller, change)


async def unread(commands: Commands, caller: Caller, ids: Sequence[str]) -> dict[str, Any]:
    """Mark notifications of the caller's as unread again; of several about one task the newest.

    What is not there is left, and what is about a task of which something is unread.
    """

    async def change(session: AsyncSession) -> dict[str, Any]:
        many, seq = await inbox.unread(session, caller.user.id, clock.now(), ids)
        return {"unread": many, "seq": seq}

    return await commands.outside(caller, change)


async def watch(commands: Commands, caller: Caller, ref: str, *, on: bool) -> dict[str, Any]:
    """Let the caller hear of what happens to a task, or not any more. Raises Problem `not_found`."""
    key, number = split(ref)

    async def change(session: AsyncSession) -> dict[str, Any]:
        project, _ = await member_of(session, key, caller.user.id)
        await load_task(session, project, number)
        row = {"project_id": project.id, "number": number, "user_id": caller.user.id}
        await _set(session, watches, row, on=on)
        return {"watching": on}

    return await commands.outside(caller, change, may=partial(_is_member, key=key, user_id=caller.user.id))


async def mute(commands: Commands, caller: Caller, reason: Reason, key: str | None, *, on: bool) -> dict[str, Any]:
    """Mute a reason for the caller in the project KEY or (None) everywhere, or let it be heard again there.

    Raises Problem `not_found` for who is no member of the project.
    """

    async def change(session: AsyncSession) -> dict[str, Any]:
        if key is not None:
            await member_of(session, key, caller.user.id)
        row = {"user_id": caller.user.id, "scope": EVERYWHERE if key is None else key, "reason": reason}
        await _set(session, mutes, row, on=on)
        return {"reason": reason, "project": key}

    may = None if key is None else partial(_is_member, key=key, user_id=caller.user.id)
    return await commands.outside(caller, change, may=may)


async def _is_member(session: AsyncSession, *, key: str, user_id: str) -> None:
    await member_of(session, key, user_id)


async def _set(session: AsyncSession, table: sa.Table, row: Mapping[str, Any], *, on: bool) -> None:
    """Let a row that is a key alone be there, or not."""
    this = sa.and_(*(table.c[name] == value for name, value in row.items()))
    if not on:
        await session.execute(sa.delete(table).where(this))
        return
    # Two that come at once are one: the second finds the first one's row.
    await session.execute(inbox.or_nothing(session, table), [dict(row)])
