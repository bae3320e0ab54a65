"""`/projects/KEY/dashboard` and its stream, and wallboards."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import orjson
from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import api
from taskhub.dashboards import wallboards
from taskhub.dashboards.shapes import Dashboard, NewWallboard, Wall, Wallboard, WallboardEdit, Wallboards
from taskhub.db import Row
from taskhub.errors import Problem, not_found
from taskhub.live.figures import Shown, message
from taskhub.live.follower import Follower, Guest
from taskhub.membership import member_of
from taskhub.people.model import Identity, User
from taskhub.projects.model import Role
from taskhub.projects.views import ProjectPath
from taskhub.shapes import Page, page_of

TAG = Tag(name="Dashboards")

bp = APIBlueprint("dashboards", __name__, url_prefix=api.PREFIX, abp_tags=[TAG])


class WallboardPath(ProjectPath):
    """A wallboard of the project."""

    wallboard_id: str


class WallPath(BaseModel):
    """The secret in a wallboard's link."""

    wallboard_secret: str


@bp.get("/projects/<key>/dashboard", summary="The figures", responses={"200": Dashboard, **api.refusals()})
@api.at_one_moment
async def get_dashboard(path: ProjectPath) -> Response:
    """How a project stands and went: by state, person and day, how long tasks took, and when it may be done."""

    async def find(session: AsyncSession) -> Row:
        return (await member_of(session, path.key, api.user().id))[0]

    shown = await api.instance().figures.of(find, api.read)
    return api.answer(shown.body, etag=shown.tag)


@bp.get(
    "/projects/<key>/dashboard/stream", summary="The figures, live", responses={"200": api.STREAM, **api.refusals()}
)
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
    return api.answer(page_of(items, following))


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


@bp.patch(
    "/projects/<key>/wallboards/<wallboard_id>",
    summary="Change a wallboard",
    responses={"200": Wallboard, **api.refusals()},
)
async def edit_wallboard(path: WallboardPath, body: WallboardEdit) -> Response:
    """Owners only. Screens that show it take titles off, or put them up, at once."""
    fields = body.model_dump(exclude_none=True)
    commands = api.instance().commands
    return api.answer(await wallboards.edit(commands, api.caller(), path.key, path.wallboard_id, fields=fields))


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
    responses={"200": api.STREAM, **api.refusals("rate_limited")},
    security=[],
)
async def stream_wall(path: WallPath) -> Response:
    """`dashboard` with the whole figures at once, and when they change; `unsubscribed` when it is taken away."""
    opened = await _opened(path.wallboard_secret)

    titles = opened.titles

    async def find(session: AsyncSession) -> Row | None:
        # Asked again after each change of a wallboard, before the next message.
        nonlocal titles
        found = await wallboards.by_secret(session, path.wallboard_secret)
        titles = found is not None and found.titles
        return found

    def form(shown: Shown) -> bytes:
        name = "titled wall" if titles else "wall"
        return shown.form(name, lambda it: message(it, wall_of(it, titles=titles)))

    nobody = Identity(User("", "", ""), f"wallboard:{opened.wallboard_id}")
    return await _stream(Guest(nobody, find=find), opened.key, form=form)


_NO_WALLBOARD = "This link shows nothing, or nothing any more. Ask an owner of the project for a new one."


async def _opened(secret: str) -> Row:
    """What a wallboard's secret opens; guesses are counted, good ones never refused."""
    here = api.instance()
    async with here.db.read() as session:
        opened = await wallboards.by_secret(session, secret)
    if opened is None:
        here.throttle.guessed(request.remote_addr or "")
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
