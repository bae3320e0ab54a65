"""`/projects/KEY/labels`."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from taskhub import api
from taskhub.errors import invalid
from taskhub.labels import commands
from taskhub.membership import member_of
from taskhub.projects.model import LABEL_NAME_MAX
from taskhub.projects.queries import labels_page
from taskhub.projects.views import ProjectPath
from taskhub.shapes import Body, Edit, Line, Page, Shape, page_of
from taskhub.tasks.views import Label

bp = APIBlueprint("labels", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Labels")])

Name = Annotated[Line, Field(max_length=LABEL_NAME_MAX)]
#: The `LABEL_COLORS`, each written out so that a refusal and the document name them.
Color = Literal["grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"]


class LabelPath(ProjectPath):
    """A label of the project."""

    label_id: str


class NewLabel(Body):
    """A label to be made; its name is another than each label of the project has, in whatever case."""

    name: Name
    color: Color


class LabelEdit(Edit):
    """What may be changed of a label."""

    name: Name | None = None
    color: Color | None = None


class Labels(Shape):
    """A page of labels."""

    items: list[Label]
    next_cursor: str | None


@bp.get("/projects/<key>/labels", summary="Labels", responses={"200": Labels, **api.refusals()})
@api.at_one_moment
async def list_labels(path: ProjectPath, query: Page) -> Response:
    """By name."""
    after = query.after()
    async with api.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        page = await labels_page(session, project.id, after=after, limit=query.limit)
    return api.answer(page_of(*page))


@bp.post(
    "/projects/<key>/labels",
    summary="Make a label",
    responses={"201": Label, **api.refusals("duplicate")},
)
async def create_label(path: ProjectPath, body: NewLabel) -> Response:
    """Members. A project has at most 200."""
    label = await commands.create(api.instance().commands, api.caller(), path.key, name=body.name, color=body.color)
    return api.answer(label, 201)


@bp.patch(
    "/projects/<key>/labels/<label_id>",
    summary="Edit a label",
    responses={"200": Label, **api.refusals("duplicate", "edit_conflict")},
)
async def edit_label(path: LabelPath, body: LabelEdit) -> Response:
    """Members."""
    fields = body.fields()
    for name, value in fields.items():
        if value is None:
            raise invalid(name, "it can't be cleared")
    label = await commands.edit(
        api.instance().commands, api.caller(), path.key, path.label_id, fields, base_version=body.base_version
    )
    return api.answer(label)


@bp.delete(
    "/projects/<key>/labels/<label_id>",
    summary="Delete a label",
    responses={"204": None, **api.refusals()},
)
async def delete_label(path: LabelPath) -> Response:
    """Members. Each task that has it is edited first."""
    await commands.delete(api.instance().commands, api.caller(), path.key, path.label_id)
    return api.no_content()
