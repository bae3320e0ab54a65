"""`/projects/KEY/workflow`, and the making of projects, which begin with a workflow."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ConfigDict, Field

from taskhub import api
from taskhub.api import Body, Line, Shape, Text
from taskhub.command import Unit, member_of
from taskhub.projects import commands as projects
from taskhub.projects.views import Project, ProjectPath
from taskhub.workflow.commands import write_first
from taskhub.workflow.queries import load_workflow
from taskhub.workflow.templates import TEMPLATES

bp = APIBlueprint("workflow", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Workflow")])


class NewProject(Body):
    """A project to be made; `template` `strict` enforces a review flow, `simple` allows any move."""

    key: Text = Field(max_length=10, description="2 to 10 capital letters and digits, a letter first.")
    name: Line = Field(max_length=100)
    template: Literal["simple", "strict"] = "simple"


class StateShape(Shape):
    """A column of the board."""

    id: str
    name: str
    category: Literal["backlog", "todo", "doing", "done", "cancelled"]
    wip_limit: int | None


class TransitionShape(Shape):
    """An allowed move; without `roles` for every member, `requires` fields that must be set."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    roles: list[str] | None = None
    requires: list[str] | None = None


class WorkflowShape(Shape):
    """The rules of a project; `transitions` null: any move is allowed."""

    version: int
    states: list[StateShape]
    transitions: list[TransitionShape] | None


@bp.post(
    "/projects",
    summary="Make a project",
    responses={"201": Project, **api.refusals("duplicate")},
)
async def create_project(body: NewProject) -> Response:
    """The caller becomes its owner."""
    template = TEMPLATES[body.template]

    async def first(unit: Unit) -> None:
        await write_first(unit, template)

    entity: dict[str, Any] = await projects.create(
        api.instance().commands,
        api.caller(),
        key=body.key,
        name=body.name,
        enforced=template.transitions is not None,
        first=first,
    )
    return api.answer(entity, 201)


@bp.get(
    "/projects/<key>/workflow",
    summary="States and transitions",
    responses={"200": WorkflowShape, **api.refusals()},
)
async def get_workflow(path: ProjectPath) -> Response:
    """As the board's rules stand."""
    async with api.instance().db.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        workflow = await load_workflow(session, project)
    return api.answer(workflow.on_wire(), etag=str(workflow.version))
