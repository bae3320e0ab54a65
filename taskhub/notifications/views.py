"""`/inbox`, what is muted, and `/tasks/REF/watch`."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from taskhub import api
from taskhub.errors import invalid
from taskhub.membership import member_of
from taskhub.notifications import commands, queries
from taskhub.notifications.model import REASONS, Reason, Through
from taskhub.notifications.reading import head_of
from taskhub.shapes import Actor, Body, Id, Page, Seq, Shape, page_of
from taskhub.tasks.commands import split
from taskhub.tasks.queries import load_task
from taskhub.tasks.views import TaskPath

bp = APIBlueprint("notifications", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Inbox")])


class Notification(Shape):
    """Something that one person is to hear of a task (or of a project, where `task` is null).

    What comes about a task while one about it is unread goes into that one: `count` says of how many things it tells,
    `reasons` for which reasons, the newest first; all else is of the newest. `through` is what one is to the task,
    where that is the reason. `event` is the `seq` of the project's event that it tells of; `actor`, `type` and `event`
    are null where nobody did anything: when a task becomes due. `excerpt` is of a comment, and null
    once that is deleted; `state` is the name of the state that a task was moved to. `seq` is the inbox's.
    """

    id: str
    seq: int
    read: bool
    count: int
    reason: Reason
    reasons: list[Reason]
    through: Through | None
    type: str | None
    at: str
    actor: Actor | None
    project: str
    project_name: str
    task: str | None
    title: str | None
    event: int | None
    excerpt: str | None
    state: str | None
    due: str | None


class Inbox(Shape):
    """A page of notifications, newest first; `unread` counts those in the whole inbox, `log` and `seq` its cursor."""

    items: list[Notification]
    next_cursor: str | None
    log: str
    seq: int
    unread: int


class InboxPage(Page):
    """A page of the inbox; `unread=true` leaves only what is unread."""

    unread: Literal["true", "false"] | None = None


class WhatWasRead(Body):
    """The `ids` of notifications; or `up_to`, a `seq` of the inbox up to which all were read; or the `task` of some."""

    ids: Annotated[list[Id], Field(max_length=1000)] | None = None
    up_to: Seq | None = None
    task: Annotated[Id, Field(examples=["WEB-42"])] | None = None


class WhatIsUnread(Body):
    """The `ids` of notifications."""

    ids: Annotated[list[Id], Field(max_length=1000)]


class Unread(Shape):
    """How many are unread now, and how far the inbox's log is."""

    unread: int
    seq: int


class Watching(Shape):
    """Whether one watches a task."""

    watching: bool


class MutePath(BaseModel):
    """The reason to mute."""

    reason: str


class ProjectMutePath(MutePath):
    """The reason to mute, and the project's KEY."""

    key: str


class Mute(Shape):
    """A reason that is muted in a project, or everywhere (null)."""

    reason: Reason
    project: str | None


class NamedMute(Mute):
    """The same, with the project's name."""

    project_name: str | None


class Mutes(Shape):
    """What one has muted."""

    items: list[NamedMute]


def _reason(path: MutePath) -> Reason:
    for reason in REASONS:
        if reason == path.reason:
            return reason
    raise invalid("reason", f"use one of {', '.join(REASONS)}")


@bp.get("/inbox", summary="My notifications", responses={"200": Inbox, **api.refusals()})
@api.at_one_moment
async def get_inbox(query: InboxPage) -> Response:
    """Newest first. With the events after `seq` of its `log` it gives every later one."""
    after = query.after()
    if after is not None and not (after.isdecimal() and len(after) < 17):
        raise invalid("cursor", "this is not a cursor that TaskHub gave")
    async with api.read() as session:
        head = await head_of(session, api.user().id)
        items, last = await queries.inbox_of(
            session,
            api.user().id,
            after=None if after is None else int(after),
            limit=query.limit,
            unread=query.unread == "true",
        )
    return api.answer(page_of(items, None if last is None else str(last)) | head._asdict())


@bp.post("/inbox/read", summary="Read notifications", responses={"200": Unread, **api.refusals()})
async def read_inbox(body: WhatWasRead) -> Response:
    """What is read already, or not there, is left."""
    if [body.ids, body.up_to, body.task].count(None) != 2:
        raise invalid("ids", "send one of ids, up_to and task")
    read = await commands.read(api.instance().commands, api.caller(), ids=body.ids, up_to=body.up_to, ref=body.task)
    return api.answer(read)


@bp.post("/inbox/unread", summary="Mark notifications as unread", responses={"200": Unread, **api.refusals()})
async def unread_inbox(body: WhatIsUnread) -> Response:
    """Of several about one task it is the newest, and none where something about it is unread already.

    What is not there, or about a project that one may not see any more, is left.
    """
    return api.answer(await commands.unread(api.instance().commands, api.caller(), body.ids))


@bp.get("/inbox/mutes", summary="What I muted", responses={"200": Mutes, **api.refusals()})
@api.at_one_moment
async def list_mutes() -> Response:
    """Everywhere first, then by project."""
    async with api.read() as session:
        return api.answer({"items": await queries.mutes_of(session, api.user().id)})


@bp.put("/inbox/mutes/<reason>", summary="Mute a reason everywhere", responses={"200": Mute, **api.refusals()})
async def mute_everywhere(path: MutePath) -> Response:
    """No notification comes for this reason any more; what came stays."""
    return api.answer(await commands.mute(api.instance().commands, api.caller(), _reason(path), None, on=True))


@bp.delete("/inbox/mutes/<reason>", summary="Unmute a reason", responses={"204": None, **api.refusals()})
async def unmute_everywhere(path: MutePath) -> Response:
    """It stays muted in the projects where it was muted by itself."""
    await commands.mute(api.instance().commands, api.caller(), _reason(path), None, on=False)
    return api.no_content()


@bp.put(
    "/projects/<key>/mutes/<reason>", summary="Mute a reason in a project", responses={"200": Mute, **api.refusals()}
)
async def mute_here(path: ProjectMutePath) -> Response:
    """No notification of this project comes for this reason any more; what came stays."""
    return api.answer(await commands.mute(api.instance().commands, api.caller(), _reason(path), path.key, on=True))


@bp.delete("/projects/<key>/mutes/<reason>", summary="Unmute a reason there", responses={"204": None, **api.refusals()})
async def unmute_here(path: ProjectMutePath) -> Response:
    """It stays muted where it is muted everywhere."""
    await commands.mute(api.instance().commands, api.caller(), _reason(path), path.key, on=False)
    return api.no_content()


@bp.get("/tasks/<ref>/watch", summary="Whether I watch a task", responses={"200": Watching, **api.refusals()})
@api.at_one_moment
async def get_watch(path: TaskPath) -> Response:
    """Who made a task or is assigned to it hears of it all the same."""
    key, number = split(path.ref)
    async with api.read() as session:
        project, _ = await member_of(session, key, api.user().id)
        await load_task(session, project, number)
        watching = await queries.watches_task(session, project.id, number, api.user().id)
    return api.answer({"watching": watching})


@bp.put("/tasks/<ref>/watch", summary="Watch a task", responses={"200": Watching, **api.refusals()})
async def watch_task(path: TaskPath) -> Response:
    """Comments on it and its moves come into the inbox from now on."""
    return api.answer(await commands.watch(api.instance().commands, api.caller(), path.ref, on=True))


@bp.delete("/tasks/<ref>/watch", summary="Watch a task no more", responses={"204": None, **api.refusals()})
async def unwatch_task(path: TaskPath) -> Response:
    """Who made it or is assigned to it still hears of it; they may mute the reason."""
    await commands.watch(api.instance().commands, api.caller(), path.ref, on=False)
    return api.no_content()
