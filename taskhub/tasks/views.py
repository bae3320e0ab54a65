"""`/projects/KEY/board`, `/projects/KEY/tasks`, `/tasks/REF`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import sqlalchemy as sa
from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field

from taskhub import api, clock, markdown
from taskhub.errors import invalid
from taskhub.events.reading import join, read_of_task
from taskhub.membership import member_of
from taskhub.projects.views import Member, Project, ProjectPath
from taskhub.shapes import Body, Edit, Event, Id, Line, Page, Shape, Text, page_of
from taskhub.snapshots import Moment
from taskhub.tasks import archive, commands
from taskhub.tasks.model import DESCRIPTION_MAX, MOST_LINKS, TITLE_MAX, tasks
from taskhub.tasks.queries import board_as_json, load_task, load_tasks
from taskhub.workflow.views import WorkflowShape

bp = APIBlueprint("tasks", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Tasks")])

Priority = Literal["none", "low", "medium", "high", "urgent"]
Due = Annotated[str, Field(max_length=40), AfterValidator(clock.due)]
Title = Annotated[Line, Field(max_length=TITLE_MAX)]
Description = Annotated[Text, Field(max_length=DESCRIPTION_MAX)]


def _distinct(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))


Ids = Annotated[list[Id], Field(max_length=MOST_LINKS), AfterValidator(_distinct)]


class TaskPath(BaseModel):
    """The task's reference, such as WEB-42."""

    ref: str


class NewTask(Body):
    """A task to be made, at the end of its state."""

    title: Title
    description: Description | None = None
    state: Id | None = None
    priority: Priority = "none"
    due: Due | None = None
    assignees: Ids = Field(default_factory=list)
    labels: Ids = Field(default_factory=list)


class TaskEdit(Edit):
    """What may be changed of a task; an absent field stays, null clears. State and position change by a move."""

    title: Title | None = None
    description: Description | None = None
    priority: Priority | None = None
    due: Due | None = None
    assignees: Ids | None = None
    labels: Ids | None = None


class Move(Body):
    """Where a task is to go: directly above `before`, else directly below `after`, else to the end of `state`."""

    state: Id
    before: Id | None = None
    after: Id | None = None


class Checklist(Shape):
    """The Markdown task lists of the description, counted."""

    done: int
    total: int


class Task(Shape):
    """A task; `version` is the `seq` of the last event that carried it."""

    ref: str
    project: str
    number: int
    title: str
    description: str
    state: str
    position: str
    priority: Priority
    due: str | None
    assignees: list[str]
    labels: list[str]
    archived: bool
    comment_count: int
    checklist: Checklist | None
    version: int
    created_at: str
    updated_at: str
    created_by: str


class TaskRead(Task):
    """One task, with its description as sanitised HTML."""

    description_html: str


class Tasks(Shape):
    """A page of tasks."""

    items: list[Task]
    next_cursor: str | None


class Label(Shape):
    """A label of the project."""

    id: str
    name: str
    color: str
    version: int


class Board(Shape):
    """The snapshot of a board at one moment: with the events after `seq` it gives every later one."""

    log: str
    seq: int
    project: Project
    workflow: WorkflowShape
    members: list[Member]
    labels: list[Label]
    tasks: list[Task]


class TasksPage(Page):
    """A page of tasks; `archived` leaves only those that are (`true`), or only those on the board (`false`)."""

    archived: Literal["true", "false"] | None = None


class TaskEventsQuery(BaseModel):
    """Newest first; `before` is a `seq`."""

    before: int | None = Field(None, ge=1, le=2**53)
    limit: int = Field(50, ge=1, le=200)


class TaskEvents(Shape):
    """Events of one task, newest first."""

    events: list[Event]
    has_more: bool


@bp.get("/projects/<key>/board", summary="The board", responses={"200": Board, **api.refusals()})
@api.at_one_moment
async def get_board(path: ProjectPath) -> Response:
    """The same bytes for every viewer; without archived and deleted tasks."""
    moment, snapshot = await snapshot_of(path.key, known=lambda now: api.client_has(now.tag))
    return api.not_modified(moment.tag) if snapshot is None else api.answer(snapshot, etag=moment.tag)


async def snapshot_of(key: str, *, known: Callable[[Moment], bool] = lambda _: False) -> tuple[Moment, bytes | None]:
    """A board as it is now, in JSON; None where who asks has it as of then. Raises Problem `not_found`."""
    here = api.instance()
    moment: Moment | None = None
    while True:
        # What another request was making when this one asked is of a moment that is right for this one too.
        snapshot = moment and here.boards.get(moment)
        if moment is None or snapshot is None:
            async with api.read() as session:
                project, _ = await member_of(session, key, api.user().id)
                moment = Moment(project.id, project.log, project.seq)
                if known(moment):
                    return moment, None
                snapshot = here.boards.get(moment)
                if snapshot is None and not here.boards.is_made(moment):
                    snapshot = await here.boards.make(moment, board_as_json(session, project))
        if snapshot is not None:
            return moment, snapshot
        await here.boards.made(moment)


@bp.get("/projects/<key>/tasks", summary="Tasks", responses={"200": Tasks, **api.refusals()})
@api.at_one_moment
async def list_tasks(path: ProjectPath, query: TasksPage) -> Response:
    """By number, archived ones among them unless `archived` says otherwise."""
    after = query.after()
    if after is not None and not (after.isdecimal() and len(after) < 10):
        raise invalid("cursor", "this is not a cursor that TaskHub gave")
    wanted = [tasks.c.number > int(after or 0)]
    if query.archived is not None:
        wanted.append(tasks.c.archived.is_(sa.true() if query.archived == "true" else sa.false()))
    async with api.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        found = await load_tasks(session, project, *wanted, limit=query.limit + 1)
    more = len(found) > query.limit
    items = found[: query.limit]
    return api.answer(page_of(items, str(items[-1]["number"]) if more else None))


@bp.post(
    "/projects/<key>/tasks",
    summary="Make a task",
    responses={"201": Task, **api.refusals("transition_not_allowed", "wip_limit_reached")},
)
async def create_task(path: ProjectPath, body: NewTask) -> Response:
    """Without a state it goes where new tasks begin."""
    fields = body.model_dump(exclude={"state"})
    task = await commands.create(api.instance().commands, api.caller(), path.key, fields, body.state)
    return api.answer(task, 201, etag=str(task["version"]))


@bp.get("/tasks/<ref>", summary="One task", responses={"200": TaskRead, **api.refusals()})
@api.at_one_moment
async def get_task(path: TaskPath) -> Response:
    """With its description as HTML."""
    key, number = commands.split(path.ref)
    async with api.read() as session:
        project, _ = await member_of(session, key, api.user().id)
        task = await load_task(session, project, number)
    task["description_html"] = await markdown.to_html(task["description"])
    return api.answer(task, etag=str(task["version"]))


@bp.patch("/tasks/<ref>", summary="Edit a task", responses={"200": Task, **api.refusals("edit_conflict")})
async def edit_task(path: TaskPath, body: TaskEdit) -> Response:
    """Fields that are not sent stay as they are."""
    fields = body.fields()
    if "title" in fields and fields["title"] is None:
        raise invalid("title", "a task keeps a title")
    for name, empty in (("description", ""), ("priority", "none"), ("assignees", []), ("labels", [])):
        if name in fields and fields[name] is None:
            fields[name] = empty
    task = await commands.edit(api.instance().commands, api.caller(), path.ref, fields, base_version=body.base_version)
    return api.answer(task, etag=str(task["version"]))


@bp.delete("/tasks/<ref>", summary="Delete a task", responses={"204": None, **api.refusals()})
async def delete_task(path: TaskPath) -> Response:
    """It leaves a tombstone: what arrives late can't bring it back."""
    await commands.delete(api.instance().commands, api.caller(), path.ref)
    return api.no_content()


@bp.post(
    "/tasks/<ref>/move",
    summary="Move a task",
    responses={"200": Task, **api.refusals("transition_not_allowed", "wip_limit_reached")},
)
async def move_task(path: TaskPath, body: Move) -> Response:
    """Refused with the reason and with `allowed`, the states it may go to."""
    task = await commands.move(
        api.instance().commands,
        api.caller(),
        path.ref,
        state=body.state,
        before=body.before,
        after=body.after,
    )
    return api.answer(task, etag=str(task["version"]))


@bp.post("/tasks/<ref>/archive", summary="Archive a task", responses={"200": Task, **api.refusals()})
async def archive_task(path: TaskPath) -> Response:
    """It leaves the board and stays readable; `restore` brings it back."""
    task = await archive.archive(api.instance().commands, api.caller(), path.ref)
    return api.answer(task, etag=str(task["version"]))


@bp.post(
    "/tasks/<ref>/restore",
    summary="Restore a task",
    responses={"200": Task, **api.refusals("wip_limit_reached")},
)
async def restore_task(path: TaskPath) -> Response:
    """Brings back an archived task, or a deleted one, to where it stood; only the limit of its state is asked."""
    task = await archive.restore(api.instance().commands, api.caller(), path.ref)
    return api.answer(task, etag=str(task["version"]))


@bp.get("/tasks/<ref>/events", summary="A task's history", responses={"200": TaskEvents, **api.refusals()})
@api.at_one_moment
async def list_task_events(path: TaskPath, query: TaskEventsQuery) -> Response:
    """Newest first; ask on with the last event's `seq` as `before`."""
    key, number = commands.split(path.ref)
    async with api.read() as session:
        project, _ = await member_of(session, key, api.user().id)
        await load_task(session, project, number)
        found = await read_of_task(session, project.id, number, before=query.before, limit=query.limit + 1)
    more = b"true" if len(found) > query.limit else b"false"
    return api.answer(b'{"events":' + join(found[: query.limit]) + b',"has_more":' + more + b"}")
