"""`/demo`: a project to try things out in."""

from __future__ import annotations

from flask import Response
from flask_openapi3 import APIBlueprint
from pydantic import Field

from taskhub import api
from taskhub.demo import commands
from taskhub.projects.views import TAG, Project
from taskhub.shapes import Body, Text

bp = APIBlueprint("demo", __name__, url_prefix=api.PREFIX, abp_tags=[TAG])


class NewDemo(Body):
    """The key of the demo, DEMO unless told otherwise."""

    key: Text | None = Field(None, max_length=10, description="2 to 10 capital letters and digits, a letter first.")


@bp.post("/demo", summary="Make a demo project", responses={"201": Project, **api.refusals("duplicate")})
async def make_demo(body: NewDemo) -> Response:
    """A project of the caller's with some weeks of a small team's story. The others in it can't sign in."""
    return api.answer(await commands.make_own_demo(api.instance().commands, api.caller(), body.key), 201)
