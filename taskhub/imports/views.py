"""`/imports/trello`: a board that Trello exported, sent as it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Literal

import orjson
from flask import Request, Response, request
from flask_openapi3 import APIBlueprint, Tag
from flask_openapi3.models import RawModel
from pydantic import BaseModel, Field

from taskhub import api
from taskhub.errors import Problem
from taskhub.imports.commands import Progress, import_trello
from taskhub.imports.report import Report
from taskhub.imports.trello import parse
from taskhub.shapes import Shape, Text

log = logging.getLogger(__name__)

bp = APIBlueprint("imports", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Imports")])

#: The address, and the bytes of the largest file that is taken there.
TRELLO = f"{api.PREFIX}/imports/trello"
LARGEST = 32 * 1024 * 1024

_LINES = "application/x-ndjson"
#: Seconds between two lines of progress.
_EVERY = 0.1


class TrelloQuery(BaseModel):
    """Where to, and whether only to look."""

    key: Text | None = Field(
        None,
        max_length=10,
        description="A project that one owns, or the key of a new one; without it a new one's is made from the name.",
    )
    dry_run: Literal["true", "false"] = Field(
        "false", description="`true`: do everything, say what would come, and write nothing."
    )


class TrelloFile(RawModel):
    """The file as Trello gave it."""

    mimetypes: list[str] = ["application/json"]  # noqa: RUF012 - the library's way


class Counted(Shape):
    """So many of one kind; `words` say it in English."""

    what: str
    count: int
    words: str


class ImportReport(Shape):
    """What came, or would come, into the project `key`, and what did not; `board` is its name at Trello."""

    key: str
    board: str
    made_project: bool
    dry_run: bool
    there_already: int
    came: list[Counted]
    left: list[Counted]
    notes: list[str]


@bp.post(
    "/imports/trello",
    summary="Import a board from Trello",
    responses={
        "200": ImportReport,
        "201": ImportReport,
        **api.refusals("duplicate"),
    },
)
async def trello(query: TrelloQuery, raw: TrelloFile) -> Response:
    """The body is the file that Trello exported as JSON, at most 32 MiB. It comes whole, or not at all.

    With `Accept: application/x-ndjson` the answer is 200 and one JSON object a line: `{"done": N, "total": M}` while it
    goes on, at last `{"report": …}` as here, or `{"problem": …}` as a refusal has it.
    """
    sent: Request = request
    sent.max_content_length = LARGEST
    caller, commands, dry = api.caller(), api.instance().commands, query.dry_run == "true"
    export = await asyncio.to_thread(parse, sent.get_data(), "The file")

    def work(progress: Progress) -> Coroutine[Any, Any, Report]:
        return import_trello(commands, caller, export, key=query.key, dry_run=dry, progress=progress)

    if sent.accept_mimetypes.best_match(["application/json", _LINES]) == _LINES:
        response = Response(_told(work), mimetype=_LINES)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-store"
        # nginx must hand each line on at once.
        response.headers["X-Accel-Buffering"] = "no"
        return response
    report = await work(lambda _done, _total: None)
    return api.answer(report.on_wire(), 200 if report.dry_run else 201)


async def _told(work: Callable[[Progress], Coroutine[Any, Any, Report]]) -> AsyncIterator[bytes]:
    """The work, told line by line; it goes on where nobody listens any more."""
    now: dict[str, int] = {}
    told: dict[str, int] = {}

    def progress(done: int, total: int) -> None:
        now.update(done=done, total=total)

    task = asyncio.create_task(work(progress))
    task.add_done_callback(_ended)
    while not task.done():
        await asyncio.wait([task], timeout=_EVERY)
        if now != told:
            told = dict(now)
            yield orjson.dumps(told) + b"\n"
    try:
        yield orjson.dumps({"report": task.result().on_wire()}) + b"\n"
    except Problem as problem:
        yield orjson.dumps({"problem": problem.body()}) + b"\n"
    except Exception:
        # The answer has begun, so the application's own handlers come too late.
        yield orjson.dumps({"problem": _FAILED.body()}) + b"\n"


_FAILED = Problem("internal", "The import failed, and the failure was logged. Nothing was imported; try again.")


def _ended(task: asyncio.Task[Report]) -> None:
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, Problem):
        log.error("an import failed", exc_info=error)
