"""`/invites`, letting people into projects, and registering."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, RootModel

from taskhub import api, clock
from taskhub.errors import Problem, invalid
from taskhub.invites import commands, queries
from taskhub.invites.commands import Registered
from taskhub.invites.model import secret_of
from taskhub.membership import member_of
from taskhub.people import commands as people
from taskhub.people.views import Me, Registration, keep_session
from taskhub.projects.model import Role
from taskhub.projects.views import Member, Newcomer, Project, ProjectPath, RoleName
from taskhub.shapes import Body, Page, Shape, Text, page_of

bp = APIBlueprint("invites", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Invites")])

#: A cursor of the invites: when one was made, and its id.
_PLACE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+Z) ([0-9a-z]+)", flags=re.ASCII)


class InvitePath(BaseModel):
    """An invite."""

    invite_id: str = Field(min_length=16, max_length=16)


class NewInvite(Body):
    """Whom to invite, and where to.

    Without an address whoever has the link may come. Without a project it only lets somebody register.
    """

    email: Text | None = Field(None, max_length=320)
    project: Text | None = Field(None, max_length=10)
    role: RoleName | None = Field(None, description="In the project; `member` unless told otherwise.")


class Acceptance(Body):
    """The secret at the end of an invite's link."""

    invite: Text = Field(max_length=200)


class Invite(Shape):
    """An invite for one person; `url` is its link, which only the answer that makes it shows."""

    id: str
    email: str | None
    project: str | None
    role: RoleName | None
    created_by: str
    created_at: str
    expires_at: str
    url: str | None = None


class Invites(Shape):
    """A page of invites, without their links."""

    items: list[Invite]
    next_cursor: str | None


class Invited(Shape):
    """Nobody has that address yet: here is an invite for who does."""

    invite: Invite


class AddedOrInvited(RootModel[Member | Invited]):
    """The member, where there is an account of that address; else an invite for it."""


@bp.post("/invites", summary="Invite somebody", responses={"201": Invite, **api.refusals("duplicate")})
async def create_invite(body: NewInvite) -> Response:
    """Into a project: its owners; to the instance alone: its administrators. The link is good for 7 days."""
    here = api.instance()
    invite = await commands.invite(
        here.commands,
        api.caller(),
        email=body.email,
        project=body.project,
        role=None if body.role is None else Role(body.role),
        signing_key=here.settings.secret_key,
    )
    return api.answer(_with_link(invite), 201)


# Of an id's length, so that it is no address of `accept`.
@bp.delete(
    "/invites/<string(length=16):invite_id>", summary="Take an invite back", responses={"204": None, **api.refusals()}
)
async def delete_invite(path: InvitePath) -> Response:
    """Who made it, and owners of its project."""
    await commands.revoke(api.instance().commands, api.caller(), path.invite_id)
    return api.no_content()


@bp.post("/invites/accept", summary="Join by an invite", responses={"200": Project, **api.refusals()})
async def accept_invite(body: Acceptance) -> Response:
    """With the account that asks. Who is in the project already keeps their role, and the invite stays open."""
    return api.answer(await commands.accept(api.instance().commands, api.caller(), body.invite))


@bp.get("/projects/<key>/invites", summary="Open invites", responses={"200": Invites, **api.refusals()})
@api.at_one_moment
async def list_invites(path: ProjectPath, query: Page) -> Response:
    """Owners only; in the order they were made, without their links."""
    text = query.after()
    after = None if text is None else _place(text)
    async with api.read() as session:
        project, role = await member_of(session, path.key, api.user().id)
        if role is not Role.OWNER:
            raise Problem("forbidden", "Only owners of the project may see its invites.")
        page = await queries.open_invites(session, project, clock.now(), after=after, limit=query.limit)
    return api.answer(page_of(*page))


@bp.post(
    "/projects/<key>/members",
    summary="Add a member",
    responses={"201": AddedOrInvited, **api.refusals("duplicate")},
)
async def add_member(path: ProjectPath, body: Newcomer) -> Response:
    """Owners only. For an address that nobody registered with yet the answer is `{"invite": …}`, with its link."""
    here = api.instance()
    entity = await commands.add_member(
        here.commands,
        api.caller(),
        path.key,
        email=body.email,
        role=Role(body.role),
        signing_key=here.settings.secret_key,
    )
    if "invite" in entity:
        entity = {"invite": _with_link(entity["invite"])}
    return api.answer(entity, 201)


@bp.post(
    "/auth/register",
    summary="Make an account and sign in",
    responses={"201": Me, **api.refusals("duplicate", "rate_limited")},
    security=[],
)
async def register(body: Registration) -> Response:
    """The first account of an instance becomes its administrator; an `invite` lets in where registration is closed."""
    registered = await register_person(email=body.email, name=body.name, password=body.password, invite=body.invite)
    return keep_session(api.answer(registered.signed_in.user.on_wire(), 201), registered.signed_in)


async def register_person(*, email: str, name: str, password: str, invite: str | None) -> Registered:
    """Make the account that this request asks for, with or without an invite; for the API and the page alike."""
    here = api.instance()
    address = request.remote_addr or ""
    if invite is not None:
        return await commands.register(
            here.commands, here.throttle, email=email, name=name, password=password, address=address, secret=invite
        )
    signed_in = await people.register(
        here.commands,
        here.throttle,
        email=email,
        name=name,
        password=password,
        address=address,
        open_registration=here.settings.open_registration,
    )
    return Registered(signed_in, None)


def _with_link(invite: dict[str, Any]) -> dict[str, Any]:
    settings = api.instance().settings
    base = settings.base_url or request.root_url.rstrip("/")
    return invite | {"url": f"{base}/invite/{secret_of(invite['id'], settings.secret_key)}"}


def _place(text: str) -> tuple[Any, str]:
    match = _PLACE.fullmatch(text)
    try:
        if match is not None:
            return clock.parse(match[1]), match[2]
    except ValueError:
        pass
    raise invalid("cursor", "this is not a cursor that TaskHub gave")
