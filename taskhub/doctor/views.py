"""Trying whether the line gets through, and the examination of the instance for administrators."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson
from flask import Response, g, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict

from taskhub import api
from taskhub.doctor import proof
from taskhub.doctor.address import BETWEEN
from taskhub.errors import Problem
from taskhub.origin import is_own
from taskhub.shapes import Shape

log = logging.getLogger(__name__)

bp = APIBlueprint("doctor", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Operating")])

#: Streams of the probe that one process serves at once.
MOST_STREAMS = 50
#: Seconds that an examination may take, and that lie between two.
LONGEST, REST = 300.0, 5.0
_streams = asyncio.Semaphore(MOST_STREAMS)


class Probe(Shape):
    """What the server was told of the request; `proof` answers the one who asked with the instance's own key."""

    build: str
    scheme: str
    host: str
    own_host: bool
    own_origin: bool | None
    proof: str | None


class Found(Shape):
    """One finding of the examination, in words."""

    check: str
    name: str
    code: str
    level: Literal["ok", "warning", "problem"]
    what: str
    do: str


class Examination(Shape):
    """All findings, in order, and the worst level among them."""

    level: Literal["ok", "warning", "problem"]
    findings: list[Found]


class Language(BaseModel):
    """The language of the findings."""

    model_config = ConfigDict(extra="ignore")
    lang: Literal["en", "zh-CN"] = "en"


def _may_probe() -> str | None:
    """The question of who has the instance's key; None for somebody signed in. Raises Problem `unauthenticated`."""
    question = request.headers.get(proof.HEADER)
    if question is not None and proof.is_good(api.instance().settings.secret_key, question):
        return question
    api.identity()
    return None


@bp.get("/probe", summary="What of a request arrives", responses={"200": Probe, **api.refusals()})
async def probe() -> Response:
    """Try the way to the server: for self-tests, of who is signed in and of `taskhub doctor`."""
    question = _may_probe()
    here = api.instance()
    public = here.settings.origin
    origin = request.headers.get("Origin")
    return api.answer(
        {
            "build": here.build,
            "scheme": request.scheme,
            "host": request.host,
            "own_host": public is None or request.host.lower() == urlsplit(public).netloc.lower(),
            "own_origin": None if origin is None else is_own(origin),
            "proof": None if question is None else proof.answer(here.settings.secret_key, question),
        }
    )


@bp.get(
    "/probe/stream",
    summary="An event stream of two messages",
    responses={
        "200": api.STREAM,
        **api.refusals("rate_limited"),
    },
)
async def probe_stream() -> Response:
    """`hello` at once and `bye` 1.5 s later: where both arrive together, something on the way collects them."""
    _may_probe()
    if _streams.locked():
        raise Problem("rate_limited", "Many try their line just now. Try again.", headers={"Retry-After": "2"})
    response = Response(_two_messages(), mimetype="text/event-stream")  # type: ignore[arg-type]
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _two_messages() -> AsyncIterator[bytes]:
    async with _streams:
        yield b"event: hello\ndata: {}\n\n"
        await asyncio.sleep(BETWEEN)
        yield b"event: bye\ndata: {}\n\n"


class _Turn:
    """One examination at a time, and a rest after each."""

    def __init__(self) -> None:
        self._busy = False

    @contextlib.contextmanager
    def take(self) -> Any:
        if self._busy:
            raise Problem(
                "rate_limited",
                "An examination runs already, or has just ended. Wait some seconds and try again.",
                headers={"Retry-After": str(round(REST))},
            )
        self._busy = True
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(REST, self._free)

    def _free(self) -> None:
        self._busy = False


_turn = _Turn()


@bp.post(
    "/admin/doctor",
    summary="Examine the instance",
    responses={"200": Examination, **api.refusals("rate_limited")},
)
async def examine(query: Language) -> Response:
    """As `taskhub doctor` does, for administrators of the instance: it only reads, and takes some seconds."""
    if not api.user().is_admin:
        raise Problem("forbidden", "Only administrators of the instance may examine it.")
    with _turn.take():
        return api.answer(await _by_a_process(query.lang, api.instance().settings.workers))


async def _by_a_process(language: str, workers: int) -> bytes:
    """In a process of its own: what it reads and computes holds up nobody here."""
    command = ("-m", "taskhub", "doctor", "--json", "--language", language, "--workers", str(workers))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    try:
        async with asyncio.timeout(LONGEST):
            said, trouble = await process.communicate()
    except TimeoutError:
        raise Problem(
            "unavailable", f"The examination took more than {LONGEST:.0f} s; run taskhub doctor on the server."
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    try:
        orjson.loads(said)
    except ValueError:
        log.error("the examination of request %s failed: %s", g.request_id, trouble.decode(errors="replace")[-2000:])
        raise Problem("internal", "The examination failed, and why was logged.") from None
    return said
