"""`/me/tasks`, `/me/overview` and `/search`: what is mine to do, how my projects stand, and where a task is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import orjson
from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field

from taskhub import api, clock
from taskhub.dashboards.queries import in_short
from taskhub.dashboards.shapes import ShortFigures, StateFigure
from taskhub.errors import invalid
from taskhub.live.figures import Shown
from taskhub.projects.views import Project, RoleName
from taskhub.shapes import Page, Shape, Text, page_of
from taskhub.tasks.model import parse_ref
from taskhub.tasks.views import Label, Tasks
from taskhub.work import queries, search
from taskhub.work.queries import Place
from taskhub.workflow.model import Category

bp = APIBlueprint("work", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="My work")])


def _day(value: str) -> str:
    if len(value) != 10:
        raise ValueError("use a day such as 2026-11-21")
    return clock.due(value)


class OverviewPage(Page):
    """A page of the overview."""

    today: Annotated[str, AfterValidator(_day)] | None = Field(
        None, description="The day where the person is (UTC's without it), before which tasks are late."
    )


class StateCount(Shape):
    """A state, and how many tasks stand in it."""

    id: str
    name: str
    category: Category
    count: int


class ProjectSummary(Project):
    """A project, how it stood at `seq` of its log, and what of it is the caller's.

    `late` counts the open tasks whose due date is past, `mine` those open ones that are assigned to the caller.
    """

    role: RoleName
    log: str
    seq: int
    states: list[StateCount]
    labels: list[Label]
    late: int
    mine: int
    active_at: str | None
    active_by: str | None
    figures: ShortFigures


class Standing(Shape):
    """How a project stands at `seq` of its log: the tasks on its board by state, and its figures in short."""

    key: str
    name: str
    log: str
    seq: int
    states: list[StateFigure]
    figures: ShortFigures


class Standings(Shape):
    """How all projects of the caller stand, by key: at most the first 200."""

    items: list[Standing]


class Overview(Shape):
    """A page of summaries."""

    items: list[ProjectSummary]
    next_cursor: str | None


class SearchQuery(BaseModel):
    """What to look for: some words, or parts of them, that a task has in its reference or title."""

    q: Text = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=200)


class Hit(Shape):
    """A task that was found."""

    ref: str
    project: str
    number: int
    title: str
    state: str
    archived: bool


class Hits(Shape):
    """What was found, the best first."""

    items: list[Hit]
    has_more: bool


@bp.get("/me/tasks", summary="My work", responses={"200": Tasks, **api.refusals()})
@api.at_one_moment
async def my_tasks(query: Page) -> Response:
    """The open tasks assigned to me in all my projects, by due date, those without one last.

    Open is what stands on a board in a state of the categories `backlog`, `todo` and `doing`.
    """
    after = _place(query.after())
    async with api.read() as session:
        items, last = await queries.work_of(session, api.user().id, after=after, limit=query.limit)
    return api.answer(page_of(items, f"{last.due or '-'} {last.key}-{last.number}" if last else None))


@bp.get("/me/overview", summary="My projects and how they stand", responses={"200": Overview, **api.refusals()})
@api.at_one_moment
async def my_overview(query: OverviewPage) -> Response:
    """By key. With the events after `seq` of its `log` each summary gives every later one."""
    now = clock.now()
    async with api.read() as session:
        items, projects, following = await queries.overview_of(
            session,
            api.user().id,
            after=query.after(),
            limit=query.limit,
            now=now,
            today=query.today or clock.wire(now)[:10],
        )
        figures = await api.instance().figures.of_several(session, projects, now)
    for item, shown in zip(items, await figures(), strict=True):
        item["figures"] = in_short(shown.figures)
    return api.answer(page_of(items, following))


@bp.get("/me/overview/stream", summary="How my projects stand, live", responses={"200": api.STREAM, **api.refusals()})
async def stream_overview() -> Response:
    """`overview` with all my projects at once, and when one changes, comes or goes; `unsubscribed` at the end."""
    here = api.instance()
    lifetime = ExitStack()
    follower = lifetime.enter_context(here.hub.follower(api.identity()))
    overview = lifetime.enter_context(here.overviews.open(follower))
    return api.event_stream(here.overviews.stream(overview, _standing), lifetime)


def _standing(shown: Shown) -> bytes:
    figures = shown.figures
    project = figures["project"] | {"log": shown.log, "seq": shown.seq, "states": figures["states"]}
    return orjson.dumps(project | {"figures": in_short(figures)})


@bp.get("/search", summary="Find tasks", responses={"200": Hits, **api.refusals()})
@api.at_one_moment
async def find(query: SearchQuery) -> Response:
    """In all my projects: the tasks that have each of the words in their reference or title, in any case.

    First the one whose reference it is, then titles that begin with the words, then those in which a word begins with
    them; what changed last comes first, what is archived last. Without a word nothing is found.
    """
    async with api.read() as session:
        items, more = await search.search(session, api.user().id, query.q, limit=query.limit)
    return api.answer({"items": items, "has_more": more})


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    due, _, ref = cursor.partition(" ")
    try:
        known = None if due == "-" else clock.due(due)
    except ValueError:
        known = ""
    named = parse_ref(ref)
    if known == "" or named is None:
        raise invalid("cursor", "this is not a cursor that TaskHub gave")
    return Place(known, *named)
