"""`/markdown`."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from taskhub import api, markdown
from taskhub.shapes import Body, Shape, Text

bp = APIBlueprint("previews", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Markdown")])

#: As much as a description or a comment may be.
TEXT_MAX = 20_000


class Markdown(Body):
    """Text as it is written."""

    text: Annotated[Text, Field(max_length=TEXT_MAX)]


class Html(Shape):
    """The text as sanitised HTML."""

    html: str


@bp.post("/markdown", summary="Render Markdown", responses={"200": Html, **api.refusals()})
async def render_markdown(body: Markdown) -> Response:
    """As a description or a comment of this text will be shown. Nothing is kept."""
    api.user()
    return api.answer({"html": await markdown.to_html(body.text)})
