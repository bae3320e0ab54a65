"""`/projects/KEY/dashboard` and its stream, and wallboards."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import orjson
from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import api
from taskhub.api import Body, Line, Page, Shape
from taskhub.dashboards import wallboards
from taskhub.dashboards.forecast import Reason, Sure
from taskhub.db import Row
from taskhub.errors import Problem, not_found
from taskhub.live.figures import Shown, message
from taskhub.live.hub import Follower, Guest
from taskhub.membership import member_of
from taskhub.people.model import Identity, User
from taskhub.projects.model import Role
from taskhub.projects.views import ProjectPath
from taskhub.workflow.views import Category

TAG = Tag(name="Dashboards")

bp = APIBlueprint("dashboards", __name__, url_prefix=api.PREFIX, abp_tags=[TAG])


class NamedProject(Shape):
    """Which project it is."""

    key: str
    name: str


class StateFigure(Shape):
    """A state of the workflow, in its order; `count` are the tasks on the board in it."""

    id: str
    name: str
    category: Category
    wip_limit: int | None
    count: int


class PastState(Shape):
    """A state that the workflow has no more, as it was last; some day of the flow has tasks in it."""

    id: str
    name: str
    category: Category


class Wip(Shape):
    """The tasks on the board in `doing` states; `limit` is the sum of these states' limits, null without any."""

    count: int
    limit: int | None


class Load(Shape):
    """The open tasks on the board that are assigned to somebody; with `id` null, those assigned to nobody.

    Who has the most stands first, nobody last. A task of several people counts for each.
    """

    id: str | None
    name: str | None
    open: int
    doing: int
    todo: int
    backlog: int


class FlowDay(Shape):
    """How many tasks were in each state at the end of a day (today: now), by the id of the state.

    Archived tasks stay counted in their state, deleted ones leave.
    """

    day: str
    counts: dict[str, int]


class DoneDay(Shape):
    """How many of the tasks that are done now became so on a day."""

    day: str
    done: int


class Week(Shape):
    """Tasks done in the last 7 days, and the mean of a week among the `weeks` before them.

    These are four, or as many whole weeks as the project has; null without any.
    """

    done: int
    mean: float | None
    weeks: int


class CycleTask(Shape):
    """A task that became done at `at`, so many days after it was first in a state of the category `doing`."""

    ref: str
    title: str
    at: str
    days: float


class CyclePart(Shape):
    """So many of the `days`: of how many tasks 85 of a hundred took at most `p85` days."""

    days: int
    of: int
    p85: float | None


class Cycle(Shape):
    """How long tasks took that became done in the last `days` days, today among them: the latest 1,000 of them.

    `of` have a cycle time, `without` were never in a state of the category `doing`; `tasks` are the latest 500 with
    one, oldest first. 50, 85 and 95 of a hundred took at most `p50`, `p85` and `p95` days; null without any.
    `recent` are the last 30 days, `before` the 30 before them.
    """

    days: int
    of: int
    without: int
    p50: float | None
    p85: float | None
    p95: float | None
    recent: CyclePart
    before: CyclePart
    tasks: list[CycleTask]


class Forecast(Shape):
    """By which day all `open` tasks on the board are done, in 50, 85 and 95 of a hundred simulated courses.

    10,000 courses, each day of which is one of the past `days` (at most 30, without today), drawn by chance; `samples`
    tasks were done in those. Nothing new comes in. A day is null where it is more than a year away, and all are where
    there is nothing to go by. `sure` says how far to trust it, `reason` why not further: nothing is open, there is no
    past day, nothing was done, the end is too far, there are few days (below 14) or few done (below 10), one half of
    the days has twice as many done as the other (trend), the days differ much (spread), not many were done (below 30).
    """

    open: int
    p50: str | None
    p85: str | None
    p95: str | None
    days: int
    samples: int
    sure: Sure
    reason: Reason


class Figures(Shape):
    """A project's figures as of `seq` of its log, at the moment `at`. Days are UTC's and end with today.

    `flow` has 60 of them, `throughput` 63: nine weeks.
    """

    log: str
    seq: int
    at: str
    project: NamedProject
    states: list[StateFigure]
    past_states: list[PastState]
    wip: Wip
    people: list[Load]
    flow: list[FlowDay] = Field(min_length=60, max_length=60)
    throughput: list[DoneDay] = Field(min_length=63, max_length=63)
    week: Week
    forecast: Forecast


class Dashboard(Figures):
    __doc__ = Figures.__doc__

    cycle: Cycle


class ShortForecast(Shape):
    """Of a `Forecast` what an overview shows."""

    open: int
    p50: str | None
    p85: str | None
    sure: Sure
    reason: Reason


class ShortFigures(Shape):
    """Of a project's figures what an overview shows; `p85` is that of its cycle times, in days."""

    wip: Wip
    week: Week
    p85: float | None
    forecast: ShortForecast


class WallCycleTask(Shape):
    """As `CycleTask`; `title` is null where the wallboard shows none."""

    ref: str
    title: str | None
    at: str
    days: float


class WallCycle(Cycle):
    """As `Cycle`."""

    tasks: list[WallCycleTask]  # type: ignore[assignment]


class Wall(Figures):
    """What a wallboard shows: as `Dashboard`, without titles of tasks unless an owner of the project wants them."""

    cycle: WallCycle


class NewWallboard(Body):
    """A wallboard; `titles`: titles of tasks may be seen by whoever has its link."""

    name: Line = Field(max_length=100)
    titles: bool = False


class Wallboard(Shape):
    """A link that shows the figures without signing in; only the answer that makes it has `secret` and `url`.

    `url` is the page for a screen, `secret` the end of it, for programs. `last_used_at` is right to the hour.
    """

    id: str
    name: str
    titles: bool
    created_by: str
    created_at: str
    last_used_at: str | None
    secret: str | None = None
    url: str | None = None


class Wallboards(Shape):
    """A page of wallboards, without their secrets."""

    items: list[Wallboard]
    next_cursor: str | None


class WallboardPath(ProjectPath):
    """A wallboard of the project."""

    wallboard_id: str


class WallPath(BaseModel):
    """The secret in a wallboard's link."""

    wallboard_secret: str


STREAM: dict[str, Any] = {"description": "Server-sent events", "content": {"text/event-stream": {}}}


@bp.get("/projects/<key>/dashboard", summary="The figures", responses={"200": Dashboard, **api.refusals()})
@api.at_one_moment
async def get_dashboard(path: ProjectPath) -> Response:
    """How a project stands and went: by state, person and day, how long tasks took, and when it may be done."""

    async def find(session: AsyncSession) -> Row:
        return (await member_of(session, path.key, api.user().id))[0]

    shown = await api.instance().figures.of(find, api.read)
    return api.answer(shown.body, etag=shown.tag)


@bp.get("/projects/<key>/dashboard/stream", summary="The figures, live", responses={"200": STREAM, **api.refusals()})
async def stream_dashboard(path: ProjectPath) -> Response:
    """`dashboard` with the whole figures at once, and when they change; `unsubscribed` at the end."""
    return await _stream(Follower(api.identity()), path.key)


async def _stream(follower: Follower, key: str, **form: Any) -> Response:
    here = api.instance()
    lifetime = ExitStack()
    lifetime.enter_context(here.hub.following(follower))
    try:
        subscription, _ = await here.hub.subscribe(follower, key, quiet=True)
        watched = lifetime.enter_context(here.figures.watch(follower, subscription))
    except BaseException:
        lifetime.close()
        raise
    return api.event_stream(here.figures.stream(follower, subscription, watched, **form), lifetime)


@bp.get("/projects/<key>/wallboards", summary="Wallboards", responses={"200": Wallboards, **api.refusals()})
@api.at_one_moment
async def list_wallboards(path: ProjectPath, query: Page) -> Response:
    """Owners only; without their secrets."""
    async with api.read() as session:
        project, role = await member_of(session, path.key, api.user().id)
        if not role.covers(Role.OWNER):
            raise Problem("forbidden", "Only owners of the project may see its wallboards.")
        items, following = await wallboards.page_of(session, project, after=query.after(), limit=query.limit)
    return api.answer(api.page_of(items, following))


@bp.post(
    "/projects/<key>/wallboards",
    summary="Make a wallboard",
    responses={"201": Wallboard, **api.refusals("duplicate")},
)
async def make_wallboard(path: ProjectPath, body: NewWallboard) -> Response:
    """Owners only. Its link is shown this once, and shows the figures to anybody who has it."""
    here = api.instance()
    signing_key = here.settings.secret_key
    made = await wallboards.make(
        here.commands, api.caller(), path.key, name=body.name, titles=body.titles, signing_key=signing_key
    )
    secret = wallboards.secret_of(made["id"], signing_key)
    base = here.settings.base_url or request.root_url.rstrip("/")
    return api.answer({**made, "secret": secret, "url": f"{base}/wall/{secret}"}, 201)


@bp.delete(
    "/projects/<key>/wallboards/<wallboard_id>",
    summary="Take a wallboard away",
    responses={"204": None, **api.refusals()},
)
async def delete_wallboard(path: WallboardPath) -> Response:
    """Owners only. Its link shows nothing from then on, and its streams end."""
    await wallboards.revoke(api.instance().commands, api.caller(), path.key, path.wallboard_id)
    return api.no_content()


@bp.get(
    "/wallboards/<wallboard_secret>",
    summary="What a wallboard shows",
    responses={"200": Wall, **api.refusals("rate_limited")},
    security=[],
)
async def get_wall(path: WallPath) -> Response:
    """Without signing in. Names of people are shown, addresses never, titles of tasks where an owner wants that."""
    opened = await _opened(path.wallboard_secret)

    async def find(_session: AsyncSession) -> Row:
        found = await wallboards.by_secret(_session, path.wallboard_secret)
        if found is None:
            raise not_found(_NO_WALLBOARD)
        return found

    shown = await api.instance().figures.of(find)
    return api.answer(wall_of(shown, titles=opened.titles))


@bp.get(
    "/wallboards/<wallboard_secret>/stream",
    summary="What a wallboard shows, live",
    responses={"200": STREAM, **api.refusals("rate_limited")},
    security=[],
)
async def stream_wall(path: WallPath) -> Response:
    """`dashboard` with the whole figures at once, and when they change; `unsubscribed` when it is taken away."""
    opened = await _opened(path.wallboard_secret)

    async def find(session: AsyncSession) -> Row | None:
        return await wallboards.by_secret(session, path.wallboard_secret)

    nobody = Identity(User("", "", ""), f"wallboard:{opened.wallboard_id}")
    return await _stream(
        Guest(nobody, find=find),
        opened.key,
        name="titled wall" if opened.titles else "wall",
        make=lambda shown: message(shown, wall_of(shown, titles=opened.titles)),
    )


_NO_WALLBOARD = "This link shows nothing, or nothing any more. Ask an owner of the project for a new one."


async def _opened(secret: str) -> Row:
    """What a wallboard's secret opens; guesses are counted, good ones never refused."""
    here = api.instance()
    async with here.db.read() as session:
        opened = await wallboards.by_secret(session, secret)
    if opened is None:
        address = request.remote_addr or ""
        here.throttle.check_address(address)
        here.throttle.failed(address)
        raise not_found(_NO_WALLBOARD)
    await wallboards.note_use(here.commands, opened)
    return opened


def wall_of(shown: Shown, *, titles: bool) -> bytes:
    """The figures as a wallboard shows them."""
    if titles:
        return shown.body
    cycle = shown.figures["cycle"]
    tasks = [task | {"title": None} for task in cycle["tasks"]]
    return orjson.dumps({**shown.figures, "cycle": {**cycle, "tasks": tasks}})
