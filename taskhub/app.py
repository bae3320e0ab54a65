"""The application factory."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy.exc
from flask import Flask, Request, Response, g, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SecureCookieSession, SessionInterface, SessionMixin
from flask_openapi3 import APIBlueprint, Info, OpenAPI
from werkzeug.exceptions import HTTPException
from werkzeug.security import safe_join

from taskhub import api, health, logs, migrations, origin, pages, reference
from taskhub.asgi import OnLoop, asgi_app, leaves_bodies
from taskhub.asgi.onloop import SOCKET
from taskhub.asgi.types import ASGIApplication, Scope
from taskhub.command import Commands, Projection
from taskhub.comments import views as comments
from taskhub.config import Settings, static_dir
from taskhub.dashboards import views as dashboards
from taskhub.dashboards.projection import keep_figures
from taskhub.dashboards.queries import read_figures
from taskhub.db import CommitUnanswered, Database, new_id
from taskhub.demo import views as demo
from taskhub.doctor import views as doctor
from taskhub.errors import Problem, not_found
from taskhub.imports import views as imports
from taskhub.invites import views as invites
from taskhub.labels import views as labels
from taskhub.live import socket, stream
from taskhub.live.figures import Figures
from taskhub.live.hub import Hub
from taskhub.live.overviews import Overviews
from taskhub.metrics import views as figures
from taskhub.metrics.exposition import Watch
from taskhub.metrics.model import Counted, Metrics
from taskhub.notifications import views as notifications
from taskhub.notifications.commands import notify
from taskhub.notifications.schedule import Schedule, remind
from taskhub.people import views as people
from taskhub.people.throttle import Throttle
from taskhub.previews import views as previews
from taskhub.projects import views as projects
from taskhub.requests import REQUEST_ID, ROUTE, USER_ID, Told
from taskhub.shapes import ProblemShape
from taskhub.snapshots import SnapshotCache
from taskhub.tasks import views as tasks
from taskhub.tasks.commands import let_go_of_member
from taskhub.tasks.states import empty_states
from taskhub.undo import views as undo
from taskhub.unit import Recorded
from taskhub.work import views as work
from taskhub.workflow import views as workflow

log = logging.getLogger(__name__)

VERSION = importlib.metadata.version("taskhub")

#: What runs inside each command after its change, in this order.
PROJECTIONS: tuple[Projection, ...] = (keep_figures, remind, notify)

#: Bytes of the largest request body, but for those of imports.
MAX_BODY = 1024 * 1024

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", flags=re.ASCII)
_WITHOUT_IDENTITY = (
    "static",
    "health.healthz",
    "health.readyz",
    "metrics.metrics",
    "dashboards.get_wall",
    "dashboards.stream_wall",
    "pages.shell",
    "pages.wall",
    "pages.service_worker",
)


class StrictJSON(DefaultJSONProvider):
    """Reads JSON as RFC 8259 has it: what nests without end, NaN and lone surrogates are ValueErrors.

    So is a text by itself, which flask-openapi3 would take for JSON once more.
    """

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        found = orjson.loads(s)
        if isinstance(found, str):
            raise ValueError("a text by itself")
        return found


class NoSession(SessionInterface):
    """No signed cookie of Flask's own, nor the time it takes for each request."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        return


class TaskHub(OnLoop, OpenAPI):
    """Flask on the event loop, with an OpenAPI document of its views."""

    @leaves_bodies
    def wsgi_app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """As Flask's; every answer has the headers that never change, without the work of Werkzeug's for each."""

        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = environ[REQUEST_ID] = given if _REQUEST_ID.fullmatch(given) else new_id()
        logs.request_id.set(name)
        if SOCKET in environ:
            environ[SOCKET].headers.append((b"x-request-id", name.encode()))

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("X-Request-ID", name), *_HEADERS.items()], *error)

        return super().wsgi_app(environ, start)

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        known = dict(self.paths)
        super().register_api(api, **options)
        # Two rooms may answer different methods of one path; the library keeps the later one alone.
        for path, item in known.items():
            added = self.paths[path]
            self.paths[path] = item.model_copy(update={name: getattr(added, name) for name in added.model_fields_set})

    def send_static_file(self, filename: str) -> Response:
        """A file of the UI, packed where the build left it so and the client takes that."""
        folder = self.static_folder
        packed = None if folder is None else safe_join(folder, f"{filename}.gz")
        if packed is None or not Path(packed).is_file():
            return super().send_static_file(filename)
        takes = request.accept_encodings["gzip"] > 0
        answer = super().send_static_file(f"{filename}.gz" if takes else filename)
        answer.vary.add("Accept-Encoding")
        return answer

    json_provider_class = StrictJSON
    # TaskHub's sessions are rows of its own.
    session_interface = NoSession()


def create_app(settings: Settings | None = None) -> TaskHub:
    """A TaskHub with these settings (default: from the environment). It is served by `asgi_application`."""
    settings = settings or Settings.from_environ()
    app = TaskHub(
        "taskhub",
        info=Info(title="TaskHub", version="1", description=reference.DESCRIPTION),
        doc_ui=False,
        security_schemes=reference.SECURITY_SCHEMES,
        validation_error_callback=api.validation_problem,
        validation_error_model=ProblemShape,
        static_folder=str(static_dir()),
        static_url_path="/static",
    )
    app.config.update(SECRET_KEY=settings.secret_key, SESSION_COOKIE_SAMESITE="Lax", MAX_CONTENT_LENGTH=MAX_BODY)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db = Database(settings.url, settings.workers)
    metrics, build = Metrics(), _build()
    hub = Hub(db, metrics.delivered)
    dashboard = Figures(db, hub, read_figures)

    def wake(project_id: int, log_id: str, recorded: Sequence[Recorded], access_taken: bool) -> None:
        metrics.events += len(recorded)
        hub.woken(project_id, log_id, recorded, access_taken)

    app.extensions["taskhub"] = api.Instance(
        settings=settings,
        db=db,
        commands=Commands(
            db,
            projections=PROJECTIONS,
            leaving=(let_go_of_member,),
            dropping=(empty_states,),
            wake=wake,
            nudge=hub.nudged,
            took=metrics.command,
        ),
        hub=hub,
        figures=dashboard,
        overviews=Overviews(db, hub, dashboard),
        throttle=Throttle(settings.data_dir / "attempts.sqlite3"),
        boards=SnapshotCache(),
        metrics=metrics,
        watch=Watch(metrics, lambda: _gauges(hub, db, build)),
        build=build,
    )
    _before_and_after(app)
    _errors(app)
    for domain in (
        people,
        projects,
        invites,
        workflow,
        tasks,
        labels,
        comments,
        notifications,
        work,
        dashboards,
        undo,
        imports,
        demo,
        previews,
        stream,
        doctor,
    ):
        app.register_api(domain.bp)
    socket.sock.init_app(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(figures.bp)
    app.register_blueprint(reference.bp)
    app.register_blueprint(pages.bp)
    return app


def asgi_application(settings: Settings | None = None) -> ASGIApplication:
    """TaskHub as an ASGI application, for uvicorn."""
    logging.getLogger("uvicorn.error").addFilter(_clients_fault_in_one_line)
    settings = settings or Settings.from_environ()
    output = logs.configure(settings.log_format)
    app = create_app(settings)
    here: api.Instance = app.extensions["taskhub"]
    schedule = Schedule(here.commands)

    async def start() -> None:
        await migrations.ensure(here.settings)
        here.hub.start()
        here.watch.start()
        schedule.start()

    async def stop() -> None:
        await schedule.close()
        await here.commands.drain()
        await here.hub.close()
        await here.db.close()
        here.watch.stop()
        output.flush()

    told = Told(output if settings.access_log else None, here.metrics)
    return asgi_app(app, max_body=largest_body, startup=[start], shutdown=[stop], observer=told)


def largest_body(scope: Scope) -> int:
    """Bytes of the largest body that a request may have: only a file for an import may be large.

    It is received before anybody looks at who sends it; who shows no credentials at all is spared the way.
    """
    signed_in = any(name in (b"cookie", b"authorization") for name, _ in scope["headers"])
    return imports.LARGEST if signed_in and scope["path"] == imports.TRELLO else MAX_BODY


def _clients_fault_in_one_line(record: logging.LogRecord) -> bool:
    # A WebSocket's client that left before it was answered: the access log has it, as 499.
    if record.msg == "ASGI callable returned without completing handshake.":
        return False
    # uvicorn logs a traceback for each WebSocket frame that is not UTF-8, which any client can send.
    if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.exc_info = None
    return True


def _gauges(hub: Hub, db: Database, build: str) -> Counted:
    standing, pools = hub.standing(), db.pools
    return {
        "taskhub_build_info": {(VERSION, build): 1},
        "taskhub_followers": {(): standing.followers},
        "taskhub_subscriptions": {(): standing.subscriptions},
        "taskhub_queue_events": {(): standing.waiting},
        "taskhub_queue_events_slowest": {(): standing.slowest},
        "taskhub_database_connections": {(name,): pool.checkedin() + pool.checkedout() for name, pool in pools.items()},
        "taskhub_database_connections_in_use": {(name,): pool.checkedout() for name, pool in pools.items()},
        "taskhub_database_connections_most": {(name,): pool.size() for name, pool in pools.items()},
    }


def _build() -> str:
    manifest = static_dir() / ".vite" / "manifest.json"
    try:
        return f"{VERSION}+{hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]}"
    except FileNotFoundError:
        return VERSION


def _before_and_after(app: TaskHub) -> None:
    @app.before_request
    async def who() -> None:
        g.request_id = request.environ[REQUEST_ID]
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
        g.identity = None
        if "\0" in request.path:
            # No name of ours has it, and PostgreSQL takes it in no text.
            raise not_found()
        if request.endpoint not in _WITHOUT_IDENTITY:
            origin.refuse_foreign()
            await api.load_identity()
            if g.identity is not None:
                request.environ[USER_ID] = g.identity.user.id

    app.teardown_request(api.end_reading)

    @app.after_request
    def headers(response: Response) -> Response:
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint == "static":
            if request.path.startswith("/static/assets/") and response.status_code in (200, 206, 304):
                response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers.setdefault("Cache-Control", "private, no-cache")
            response.headers.add("Vary", "Cookie, Authorization")
        return response


def _errors(app: TaskHub) -> None:
    def refused(problem: Problem) -> Response:
        if request.path.startswith("/api/") or _wants_json():
            return api.problem_response(problem)
        page = render_template("error.html", problem=problem, request_id=g.get("request_id", ""))
        response = Response(page, problem.status, mimetype="text/html")
        response.headers.extend(problem.headers)
        return response

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return refused(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Any:
        # Redirects (a missing slash) and answers that a library aborts with are whole already.
        if error.response is not None or (error.code is not None and error.code < 400):
            return error.get_response()
        return refused(api.as_problem(error))

    @app.errorhandler(sqlalchemy.exc.OperationalError)
    @app.errorhandler(sqlalchemy.exc.InterfaceError)
    @app.errorhandler(sqlalchemy.exc.TimeoutError)
    def on_database(error: sqlalchemy.exc.SQLAlchemyError) -> Response:
        # Its own words alone: the statement and its parameters are what somebody wrote.
        cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
        log.error("the database does not answer: %s", cause)
        detail = "The database does not answer. Nothing was changed; try again in a moment."
        if isinstance(error, CommitUnanswered):
            detail = (
                "The database was lost while it kept the change, and whether it did is not known. Repeat the request "
                "with the same Idempotency-Key, or look before you repeat it."
            )
        return refused(Problem("unavailable", detail, headers={"Retry-After": "2"}))

    @app.errorhandler(Exception)
    def on_exception(error: Exception) -> Response:
        log.exception("the request failed", exc_info=error)
        detail = f"The request failed, and the failure was logged as {g.get('request_id', '')}. Try again."
        return refused(Problem("internal", detail))


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"
