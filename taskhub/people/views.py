"""`/auth` and `/me`."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from taskhub import api
from taskhub.people import commands
from taskhub.people.commands import SignedIn
from taskhub.shapes import Body, Line, Shape, Text

TAG = Tag(name="People")

bp = APIBlueprint("people", __name__, url_prefix=api.PREFIX, abp_tags=[TAG])


class Registration(Body):
    """A new account."""

    email: Text = Field(max_length=320)
    name: Line = Field(max_length=100)
    password: str = Field(max_length=1000)
    invite: Text | None = Field(None, max_length=200)


class Credentials(Body):
    """Who signs in."""

    email: Text = Field(max_length=320)
    password: str = Field(max_length=1000)


class Me(Shape):
    """The signed-in user."""

    id: str
    email: str
    name: str
    is_admin: bool


@bp.post("/auth/login", summary="Sign in", responses={"200": Me, **api.refusals("rate_limited")}, security=[])
async def login(body: Credentials) -> Response:
    """Opens a session, kept in a cookie."""
    here = api.instance()
    signed_in = await commands.login(
        here.commands,
        here.throttle,
        email=body.email,
        password=body.password,
        address=request.remote_addr or "",
    )
    return keep_session(api.answer(signed_in.user.on_wire()), signed_in)


@bp.post("/auth/logout", summary="Sign out", responses={"204": None, **api.refusals()})
async def logout() -> Response:
    """Ends the session (or token) that asks, and every socket and stream that it opened."""
    await commands.logout(api.instance().commands, api.identity())
    return forget_session(api.no_content())


@bp.get("/me", summary="Who am I", responses={"200": Me, **api.refusals()})
async def me() -> Response:
    """The signed-in user."""
    return api.answer(api.user().on_wire())


def keep_session(response: Response, signed_in: SignedIn) -> Response:
    """Put a fresh session into the browser's cookie."""
    response.set_cookie(
        api.SESSION_COOKIE,
        signed_in.secret,
        expires=signed_in.expires_at,
        **_cookie_options(),
    )
    return response


def forget_session(response: Response) -> Response:
    """Take the session out of the browser."""
    response.delete_cookie(api.SESSION_COOKIE, **_cookie_options())
    return response


def _cookie_options() -> dict[str, Any]:
    base = api.instance().settings.base_url or ""
    return {
        "httponly": True,
        "samesite": "Lax",
        "secure": request.is_secure or base.startswith("https:"),
        "path": "/",
    }
