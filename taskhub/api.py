"""What every HTTP view shares: who asks, and how answers and refusals look."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import Response, current_app, g, request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from werkzeug.exceptions import HTTPException

from taskhub.asking import who_asks
from taskhub.command import Caller, Commands, Idempotency
from taskhub.config import Settings
from taskhub.db import Database
from taskhub.errors import CODES, Problem, invalid
from taskhub.live.figures import Figures
from taskhub.live.hub import Hub
from taskhub.live.overviews import Overviews
from taskhub.metrics.exposition import Watch
from taskhub.metrics.model import Metrics
from taskhub.people import queries as people
from taskhub.people.model import Identity, User
from taskhub.people.throttle import Throttle
from taskhub.snapshots import SnapshotCache

_Transaction = AbstractAsyncContextManager[AsyncSession]
View = TypeVar("View", bound=Callable[..., Any])

SESSION_COOKIE = "taskhub_session"
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Instance:
    """The parts of one running TaskHub, as `app.extensions["taskhub"]`."""

    settings: Settings
    db: Database
    commands: Commands
    hub: Hub
    figures: Figures
    overviews: Overviews
    throttle: Throttle
    boards: SnapshotCache
    metrics: Metrics
    watch: Watch
    build: str


def instance() -> Instance:
    """The TaskHub this request is for."""
    found: Instance = current_app.extensions["taskhub"]
    return found


# Who asks.


async def load_identity() -> None:
    """Find out who asks, before any view: `g.identity`, None for nobody."""
    g.identity = None
    given = _credentials()
    if given is None:
        return
    kind, secret = given
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "at_one_moment", False):
        transaction = instance().db.read()
        session = await transaction.__aenter__()
        g.reading = session, transaction
        g.identity = await who_asks(session, kind, secret, (request.view_args or {}).get("key"))
    else:
        async with instance().db.read_once() as session:
            g.identity = await people.by(session, kind, secret)
    meant = request.headers.get("TaskHub-User")
    if meant is not None and g.identity is not None and g.identity.user.id != meant:
        # In a browser somebody else may have signed in since: what was waiting there is not theirs.
        g.identity = None


def _credentials() -> tuple[people.CredentialKind, str] | None:
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        return ("token", secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
    cookie = request.cookies.get(SESSION_COOKIE)
    return ("session", cookie) if cookie else None


def at_one_moment(view: View) -> View:
    """Marks a view that shows what it finds by `read`, in the transaction that found out who asks."""
    view.at_one_moment = True  # type: ignore[attr-defined]
    return view


class read:
    """A read-only transaction, as `async with`; a marked view's first is the one that found out who asks."""

    async def __aenter__(self) -> AsyncSession:
        kept: tuple[AsyncSession, _Transaction] | None = g.pop("reading", None)
        if kept is not None:
            session, self._transaction = kept
            return session
        self._transaction = instance().db.read()
        return await self._transaction.__aenter__()

    async def __aexit__(self, *error: Any) -> bool | None:
        return await self._transaction.__aexit__(*error)


async def end_reading(_error: BaseException | None = None) -> None:
    """End the transaction that found out who asks, where no view took it over."""
    kept: tuple[AsyncSession, _Transaction] | None = g.pop("reading", None)
    if kept is not None:
        await kept[1].__aexit__(None, None, None)


def identity() -> Identity:
    """Who asks. Raises Problem `unauthenticated`."""
    found: Identity | None = g.identity
    if found is None:
        raise Problem(
            "unauthenticated",
            "Sign in first, or send a good token as “Authorization: Bearer TOKEN”.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return found


def user() -> User:
    """The user who asks. Raises Problem `unauthenticated`."""
    return identity().user


def caller() -> Caller:
    """Who asks for a command, with the Idempotency-Key where one came along."""
    who = user()
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return Caller(who)
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise invalid("Idempotency-Key", "use 1 to 200 printable characters")
    return Caller(who, Idempotency.of(key, request.method, _asked(), request.get_data()))


def _asked() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


# Answers.


def answer(data: Any, status: int = 200, *, etag: str | None = None) -> Response:
    """A JSON answer of an object, or of bytes that are JSON already; 304 where If-None-Match has `etag`."""
    body = data if isinstance(data, bytes) else orjson.dumps(data)
    if etag is None:
        return Response(body, status, mimetype="application/json")
    if status == 200 and client_has(etag):
        return not_modified(etag)
    return Response(body, status, {"ETag": f'W/"{etag}"'}, mimetype="application/json")


def client_has(etag: str) -> bool:
    """Whether the request reads what the client has already: If-None-Match names `etag` (RFC 9110, 13.1.2)."""
    return (
        "HTTP_IF_NONE_MATCH" in request.environ
        and request.method in ("GET", "HEAD")
        and request.if_none_match.contains_weak(etag)
    )


def not_modified(etag: str) -> Response:
    """304: the client has it already."""
    response = Response(status=304, headers={"ETag": f'W/"{etag}"'})
    del response.headers["Content-Type"]
    return response


def no_content() -> Response:
    """204, the answer to a DELETE."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


#: The answer of a stream, for the OpenAPI document.
STREAM: dict[str, Any] = {"description": "Server-sent events", "content": {"text/event-stream": {}}}


def event_stream(messages: AsyncIterator[bytes], lifetime: ExitStack) -> Response:
    """An answer of server-sent events; `lifetime` is closed at its end, however it comes."""

    async def body() -> AsyncIterator[bytes]:
        with lifetime:
            async for message in messages:
                yield message

    response = Response(body(), mimetype="text/event-stream")  # type: ignore[arg-type]
    response.call_on_close(lifetime.close)
    response.headers["Cache-Control"] = "no-store"
    # nginx must hand each event on at once.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def problem_response(problem: Problem) -> Response:
    """A refusal as `application/problem+json` (RFC 9457)."""
    response = Response(orjson.dumps(problem.body()), problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    return response


_BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "rate_limited",
    503: "unavailable",
}


def as_problem(error: HTTPException) -> Problem:
    """What Flask or the adapter refused, in the contract's words."""
    code = _BY_STATUS.get(error.code or 500)
    if code is None:
        code = "bad_request" if 400 <= (error.code or 500) < 500 else "internal"
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    detail = {
        "not_found": "There is nothing at this address.",
        "method_not_allowed": f"This address does not take {request.method}.",
        "too_large": "The request is larger than TaskHub takes.",
        "internal": "The request failed; it was logged. Nothing was changed. Try again.",
        "unavailable": "TaskHub is restarting. Whether a change was made is not known: look, or repeat it "
        "with the same Idempotency-Key.",
    }.get(code, (error.description or CODES[code][1]))
    return Problem(code, detail, headers=headers)


def validation_problem(error: ValidationError) -> Response:
    """The 422 for input that the models refuse; what was sent is not repeated."""
    errors = [{"loc": list(found["loc"]), "msg": found["msg"]} for found in error.errors(include_url=False)]
    if not errors[0]["loc"]:
        return problem_response(_no_object())
    where = ".".join(str(part) for part in errors[0]["loc"])
    return problem_response(Problem("invalid", f"{where}: {errors[0]['msg']}", errors=errors))


def _no_object() -> Problem:
    """Why a body as a whole was refused."""
    body = request.get_data()
    if body and not request.is_json:
        return Problem("unsupported_media_type", "Send the body as JSON, with “Content-Type: application/json”.")
    why = "The body must be a JSON object."
    if body:
        try:
            orjson.loads(body)
        except ValueError as error:
            why = f"The body is not JSON: {error}."
    return Problem("invalid", why, errors=[{"loc": [], "msg": why}])


def refusals(*codes: str) -> dict[Any, Any]:
    """The refusals of a route, for the OpenAPI document: those every route has, and `codes`."""
    found: dict[str, list[str]] = {}
    everywhere = ("unauthenticated", "cross_origin", "forbidden", "not_found", "too_large", "invalid")
    for code in (*everywhere, "idempotency_mismatch", *codes):
        found.setdefault(str(CODES[code][0]), []).append(code)
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in names),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemShape"}}},
        }
        for status, names in found.items()
    }
