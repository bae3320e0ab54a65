"""`/projects` and their members."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from taskhub import api, clock
from taskhub.errors import invalid
from taskhub.membership import member_of
from taskhub.people.views import TAG as PEOPLE
from taskhub.people.views import Me
from taskhub.projects import commands, queries
from taskhub.projects.model import Role, member_on_wire, project_on_wire
from taskhub.shapes import Body, Edit, Line, Page, Shape, Text, page_of

TAG = Tag(name="Projects")

bp = APIBlueprint("projects", __name__, url_prefix=api.PREFIX, abp_tags=[TAG])


#: A cursor of the members: when somebody joined, and their id.
_PLACE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-z]+", flags=re.ASCII)


RoleName = Literal["viewer", "member", "owner"]


class ProjectPath(BaseModel):
    """The project's KEY."""

    key: str


class MemberPath(ProjectPath):
    """A member of the project."""

    user_id: str


class Profile(Body):
    """What somebody may change of themselves."""

    name: Line | None = Field(None, max_length=100)


class Settings(Edit):
    """What may be changed of a project."""

    name: Line | None = Field(None, max_length=100)


class Newcomer(Body):
    """Who is to be let in."""

    email: Text = Field(max_length=320)
    role: RoleName = "member"


class RoleChange(Edit):
    """A member's new role."""

    role: RoleName


class Project(Shape):
    """A project; `role` is the caller's own and stands in the API's answers alone."""

    key: str
    name: str
    version: int
    created_at: str
    role: RoleName | None = None


class Projects(Shape):
    """A page of projects."""

    items: list[Project]
    next_cursor: str | None


class Member(Shape):
    """A member; a placeholder stands for somebody in imported history and can't sign in."""

    id: str
    name: str
    role: RoleName
    placeholder: bool
    version: int
    joined_at: str
    email: str | None = None


class Members(Shape):
    """A page of members."""

    items: list[Member]
    next_cursor: str | None


@bp.patch("/me", summary="Change my name", responses={"200": Me, **api.refusals()}, tags=[PEOPLE])
async def edit_me(body: Profile) -> Response:
    """Each of my projects hears of it."""
    if "name" in body.model_fields_set and body.name is None:
        raise invalid("name", "it can't be cleared")
    if body.name is None:
        return api.answer(api.user().on_wire())
    return api.answer(await commands.rename_user(api.instance().commands, api.caller(), body.name))


@bp.get("/projects", summary="My projects", responses={"200": Projects, **api.refusals()})
@api.at_one_moment
async def list_projects(query: Page) -> Response:
    """By key, each with the caller's role."""
    async with api.read() as session:
        page = await queries.projects_of(session, api.user().id, after=query.after(), limit=query.limit)
    return api.answer(page_of(*page))


@bp.get("/projects/<key>", summary="One project", responses={"200": Project, **api.refusals()})
@api.at_one_moment
async def get_project(path: ProjectPath) -> Response:
    """With the caller's role."""
    async with api.read() as session:
        project, role = await member_of(session, path.key, api.user().id)
    entity = project_on_wire(project) | {"role": role.value}
    return api.answer(entity, etag=f"{project.version}-{role.value}")


@bp.patch("/projects/<key>", summary="Edit a project", responses={"200": Project, **api.refusals("edit_conflict")})
async def edit_project(path: ProjectPath, body: Settings) -> Response:
    """Owners only."""
    if "name" in body.model_fields_set and body.name is None:
        raise invalid("name", "it can't be cleared")
    return api.answer(
        await commands.edit(
            api.instance().commands, api.caller(), path.key, name=body.name, base_version=body.base_version
        )
    )


@bp.delete("/projects/<key>", summary="Delete a project", responses={"204": None, **api.refusals()})
async def delete_project(path: ProjectPath) -> Response:
    """Owners only. It is hidden at once; its key stays taken."""
    await commands.delete(api.instance().commands, api.caller(), path.key)
    return api.no_content()


@bp.get("/projects/<key>/members", summary="Members", responses={"200": Members, **api.refusals()})
@api.at_one_moment
async def list_members(path: ProjectPath, query: Page) -> Response:
    """In the order they joined."""
    after = query.after()
    if after is not None and not _PLACE.fullmatch(after):
        raise invalid("cursor", "this is not a cursor that TaskHub gave")
    async with api.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        rows = await queries.load_members(session, project.id)
    # By the place in the order, not by who stands there: whoever does may have left since.
    places = [f"{clock.wire(row.joined_at)} {row.user_id}" for row in rows]
    start = 0 if after is None else bisect_right(places, after)
    items = [member_on_wire(row) | {"email": row.email} for row in rows[start : start + query.limit]]
    more = start + query.limit < len(rows)
    return api.answer(page_of(items, places[start + query.limit - 1] if more else None))


@bp.patch(
    "/projects/<key>/members/<user_id>",
    summary="Change a member's role",
    responses={"200": Member, **api.refusals("last_owner", "edit_conflict")},
)
async def change_role(path: MemberPath, body: RoleChange) -> Response:
    """Owners only."""
    return api.answer(
        await commands.change_role(
            api.instance().commands,
            api.caller(),
            path.key,
            path.user_id,
            role=Role(body.role),
            base_version=body.base_version,
        )
    )


@bp.delete(
    "/projects/<key>/members/<user_id>",
    summary="Remove a member",
    responses={"204": None, **api.refusals("last_owner")},
)
async def remove_member(path: MemberPath) -> Response:
    """Owners remove anybody, everybody themselves. What the person listened on ends."""
    await commands.remove_member(api.instance().commands, api.caller(), path.key, path.user_id)
    return api.no_content()
