"""`/projects/KEY/undo`."""

from __future__ import annotations

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from taskhub import api
from taskhub.projects.views import ProjectPath
from taskhub.shapes import Body, Event, Shape
from taskhub.undo import commands

bp = APIBlueprint("undo", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Undo")])


class Undo(Body):
    """The event to undo."""

    seq: int = Field(ge=1, le=2**53)


class Undone(Shape):
    """The events that the undo wrote, in order, each with its whole entity; none where all is as before already."""

    events: list[Event]


@bp.post(
    "/projects/<key>/undo",
    summary="Undo an event",
    responses={
        "200": Undone,
        **api.refusals("undo_conflict", "not_undoable", "wip_limit_reached", "state_in_use", "duplicate"),
    },
)
async def undo_event(path: ProjectPath, body: Undo) -> Response:
    """As a new command, by whoever may do the inverse by hand. The events it writes can be undone in their turn."""
    return api.answer(await commands.undo(api.instance().commands, api.caller(), path.key, body.seq))
