"""The pages people open: sign-in and register, useful without script, and the shell of the app."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import sqlalchemy as sa
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from taskhub import api, clock
from taskhub.db import Row
from taskhub.errors import Problem, invalid, not_found
from taskhub.invites import commands as invites
from taskhub.invites.model import is_good
from taskhub.invites.queries import by_secret
from taskhub.invites.views import register_person
from taskhub.notifications.reading import head_of
from taskhub.pages.assets import APP, PAGES, asset_tags, worker
from taskhub.pages.words import LANGUAGE_COOKIE, LANGUAGES, chosen, form_trouble, in_words
from taskhub.people import commands
from taskhub.people.model import users
from taskhub.people.views import forget_session, keep_session
from taskhub.projects.queries import memberships_of, projects_of
from taskhub.shapes import page_of
from taskhub.tasks.views import snapshot_of

bp = Blueprint("pages", __name__)

_YEAR = 365 * 24 * 3600
#: Projects that stand in the page; who is in more of them asks for them.
_MOST_PROJECTS = 200


@bp.app_context_processor
def _everywhere() -> dict[str, Any]:
    return {
        "words": chosen(),
        "languages": LANGUAGES.values(),
        "page_assets": asset_tags(PAGES),
        "in_words": in_words,
        "form_trouble": form_trouble,
        "with_language": _with_language,
    }


@bp.after_request
def _keep_language(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and wanted is not None:
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    response.vary.add("Accept-Language")
    return response


@bp.get("/")
@bp.get("/overview", endpoint="overview")
@bp.get("/mine", endpoint="mine")
@bp.get("/inbox", endpoint="inbox")
@bp.get("/import", endpoint="import")
@bp.get("/admin/doctor", endpoint="doctor")
@bp.get("/p/<key>", endpoint="board")
@bp.get("/p/<key>/t/<int:number>", endpoint="task")
@bp.get("/p/<key>/new/<temporary>", endpoint="new_task")
@bp.get("/p/<key>/dashboard", endpoint="dashboard")
@bp.get("/p/<key>/settings", endpoint="settings")
@bp.get("/p/<key>/settings/<any(general, members, labels, workflow):tab>", endpoint="settings_tab")
@api.at_one_moment
async def app_shell(key: str | None = None, **_place: int | str) -> AnyResponse:
    """The page in which the browser draws projects, board, task and settings; who is not signed in goes there first.

    What it draws first stands in the page, as the API would answer.
    """
    if g.identity is None:
        return redirect(url_for("pages.sign_in", next=_here()), 303)
    given: dict[str, bytes] = {"me": orjson.dumps(api.user().on_wire())}
    async with api.read() as session:
        page = await projects_of(session, api.user().id, after=None, limit=_MOST_PROJECTS)
        inbox = await head_of(session, api.user().id)
    given["projects"] = orjson.dumps(page_of(*page))
    given["inbox"] = orjson.dumps(inbox._asdict())
    if key is not None:
        # What is not there, or not for them, the app says in its own words.
        with contextlib.suppress(Problem):
            given["board"] = (await snapshot_of(key))[1] or b""
    return _app(given)


@bp.get("/shell")
def shell() -> Response:
    """The same page for whoever it is, with nothing of anybody's: a browser keeps it for when there is no line."""
    return _app({})


@bp.get("/wall/<secret>")
def wall(secret: str) -> Response:
    """The page of a wallboard, the same whatever the secret: whether it opens one, the API says."""
    return _app({}, private=True)


@bp.get("/service-worker.js")
def service_worker() -> Response:
    """The script that keeps the app in the browser, with what it keeps of this build."""
    code = worker(api.instance().build)
    if code is None:
        raise not_found()
    return Response(code, mimetype="text/javascript")


def _app(given: Mapping[str, bytes], *, private: bool = False) -> Response:
    page = render_template(
        "app.html",
        assets=asset_tags(APP),
        build=api.instance().build,
        private=private,
        given={name: _inert(json) for name, json in given.items()},
    )
    return Response(page, mimetype="text/html")


def _inert(json: bytes) -> Markup:
    """JSON for a script element that is no script: a "<" in it, which only texts have, must not end the element."""
    return Markup(json.replace(b"<", b"\\u003c").decode())  # noqa: S704 - that is what it does


@bp.get("/offline")
def offline() -> AnyResponse:
    """What a browser that kept this page shows in place of one that it can't reach."""
    return Response(render_template("offline.html"), mimetype="text/html")


def _here() -> str | None:
    """The address that was asked for, with the filter in it; None for the front page, where everybody goes anyway."""
    here = request.full_path.removesuffix("?")
    return here if here != "/" else None


@bp.get("/sign-in")
async def sign_in() -> AnyResponse:
    """The form; who is signed in already goes on, and an instance without accounts makes its first."""
    if g.identity is not None:
        return redirect(_next(), 303)
    first = await _is_empty()
    if first:
        return redirect(url_for("pages.register", next=request.args.get("next")), 303)
    return _form("sign_in.html", may_register=api.instance().settings.open_registration)


@bp.post("/sign-in")
async def do_sign_in() -> AnyResponse:
    """Open a session and go to `next`."""
    here = api.instance()
    try:
        signed_in = await commands.login(
            here.commands,
            here.throttle,
            email=_field("email", 320),
            password=_field("password", 1000),
            address=request.remote_addr or "",
        )
    except Problem as problem:
        return _form("sign_in.html", problem, may_register=here.settings.open_registration)
    return keep_session(_go_on(), signed_in)


@bp.get("/register")
async def register() -> AnyResponse:
    """The form for a new account; with `?invite=`, for who was invited."""
    secret = request.args.get("invite")
    if g.identity is not None:
        return redirect(url_for("pages.invite", secret=secret) if secret else _next(), 303)
    if secret:
        invited = await _invited(secret)
        return _gone() if invited is None else _form("register.html", invited=invited, open=True)
    first = await _is_empty()
    return _form("register.html", first=first, open=first or api.instance().settings.open_registration)


@bp.post("/register")
async def do_register() -> AnyResponse:
    """Make an account, sign it in and go to `next`, or to the project that the invite leads into."""
    secret = request.form.get("invite") or None
    try:
        registered = await register_person(
            email=_field("email", 320), name=_field("name", 100), password=_field("password", 1000), invite=secret
        )
    except Problem as problem:
        if secret is None:
            return _form("register.html", problem, first=await _is_empty(), open=True)
        invited = await _invited(secret)
        return _gone() if invited is None else _form("register.html", problem, invited=invited, open=True)
    return keep_session(_go_on(registered.project), registered.signed_in)


@bp.get("/invite/<secret>")
async def invite(secret: str) -> AnyResponse:
    """Where an invite's link leads: to the form for a new account, or to the button with which one joins."""
    if g.identity is None:
        return redirect(url_for("pages.register", invite=secret, lang=request.args.get("lang")), 303)
    invited = await _invited(secret)
    if invited is None:
        return _gone()
    if invited.project_id is None or await _is_inside(invited):
        return _go_on(invited.project_key)
    return _form("invite.html", invited=invited, secret=secret, user=api.user())


@bp.post("/invite/<secret>")
async def accept_invite(secret: str) -> AnyResponse:
    """Join the project with the account one has."""
    if g.identity is None:
        return redirect(url_for("pages.sign_in", next=url_for("pages.invite", secret=secret)), 303)
    try:
        project = await invites.accept(api.instance().commands, api.caller(), secret)
    except Problem as problem:
        invited = await _invited(secret)
        if invited is None:
            return _gone()
        return _form("invite.html", problem, invited=invited, secret=secret, user=api.user())
    return _go_on(project["key"])


@bp.post("/sign-out")
async def sign_out() -> AnyResponse:
    """End the session, and every socket and stream it opened; who then signs in goes on to `next`."""
    if g.identity is not None:
        await commands.logout(api.instance().commands, g.identity)
    following = _next() if _next() != "/" else None
    return forget_session(Response(status=303, headers={"Location": url_for("pages.sign_in", next=following)}))


def _form(template: str, problem: Problem | None = None, **values: Any) -> Response:
    invited: Row | None = values.get("invited")
    page = render_template(
        template,
        problem=problem,
        wrong=_wrong_fields(problem) if problem else [],
        email=(invited and invited.email) or request.form.get("email", "")[:320],
        name=request.form.get("name", "")[:100],
        next=_next(),
        invite=request.values.get("invite", "")[:200],
        **values,
    )
    response = Response(page, problem.status if problem else 200, mimetype="text/html")
    if problem:
        response.headers.extend(problem.headers)
        # A browser would answer this header with its own sign-in window.
        response.headers.pop("WWW-Authenticate", None)
    return response


def _wrong_fields(problem: Problem) -> list[str]:
    """The fields that a problem is about, by name: where the person goes on typing."""
    if problem.code == "duplicate":
        return ["email"]
    return [str(error["loc"][-1]) for error in problem.extra.get("errors", ())]


def _field(name: str, longest: int) -> str:
    value = request.form.get(name, "")
    if len(value) > longest:
        raise invalid(name, f"use at most {longest} characters")
    return value


def _go_on(project: str | None = None) -> Response:
    place = url_for("pages.board", key=project) if project else _next()
    return Response(status=303, headers={"Location": place})


def _next() -> str:
    """Where to go after signing in: a path of this site, else the front page."""
    wanted = request.values.get("next", "")
    # Browsers read a backslash as a slash, and drop tabs and line ends: "/\\evil" and "/\t/evil" lead elsewhere.
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else wanted


def _with_language(language: str) -> str:
    kept = {name: value for name, value in request.values.items() if name in ("next", "invite")}
    return f"{request.path}?{urlencode({**kept, 'lang': language})}"


async def _invited(secret: str) -> Row | None:
    async with api.instance().db.read() as session:
        found = await by_secret(session, secret)
    return found if found is not None and is_good(found, clock.now()) else None


async def _is_inside(invited: Row) -> bool:
    async with api.instance().db.read() as session:
        return invited.project_id in await memberships_of(session, api.user().id)


def _gone() -> Response:
    return Response(render_template("invite.html", invited=None), 422, mimetype="text/html")


async def _is_empty() -> bool:
    async with api.instance().db.read() as session:
        found = await session.execute(sa.select(users.c.id).where(users.c.password_hash.is_not(None)).limit(1))
        return found.first() is None
