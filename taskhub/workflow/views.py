"""`/projects/KEY/workflow`, and the making of projects, which begin with a workflow."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, ConfigDict, Field

from taskhub import api
from taskhub.membership import member_of
from taskhub.projects import commands as projects
from taskhub.projects.views import Project, ProjectPath, RoleName
from taskhub.shapes import Body, Edit, Line, Seq, Shape, Text
from taskhub.unit import Unit
from taskhub.workflow import commands
from taskhub.workflow.commands import write_first
from taskhub.workflow.document import MOST_STATES, MOST_TRANSITIONS, checked
from taskhub.workflow.model import REQUIREMENTS, STATE_ID, Category, State, Transition
from taskhub.workflow.queries import kept_workflow
from taskhub.workflow.templates import TEMPLATES

bp = APIBlueprint("workflow", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Workflow")])


class NewProject(Body):
    """A project to be made; `template` `strict` enforces a review flow, `simple` allows any move."""

    key: Text = Field(max_length=10, description="2 to 10 capital letters and digits, a letter first.")
    name: Line = Field(max_length=100)
    template: Literal["simple", "strict"] = "simple"


#: What a transition may require, as `workflow.model.REQUIREMENTS` explains it.
Requirement = Literal["assignee", "description", "due", "priority", "checklist"]


class StateShape(Shape):
    """A column of the board."""

    id: str
    name: str
    category: Category
    wip_limit: int | None


class TransitionShape(Shape):
    """An allowed move; without `roles` for every member, `requires` fields that must be set."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    roles: list[RoleName] | None = None
    requires: list[Requirement] | None = None


class WorkflowShape(Shape):
    """The rules of a project; `transitions` null: any move is allowed."""

    version: int
    states: list[StateShape]
    transitions: list[TransitionShape] | None


def _slug(value: str) -> str:
    if STATE_ID.fullmatch(value) is None:
        raise ValueError("use up to 40 small letters, digits and hyphens, a letter or digit first")
    return value


def _known_role(value: str) -> str:
    if value not in ("member", "owner"):
        raise ValueError("moves are made by member or owner")
    return value


def _known_requirement(value: str) -> str:
    if value not in REQUIREMENTS:
        raise ValueError(f"what a transition may require: {', '.join(REQUIREMENTS)}")
    return value


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


StateId = Annotated[str, Field(max_length=40), AfterValidator(_slug)]
Movers = Annotated[
    list[Annotated[str, AfterValidator(_known_role)]], Field(min_length=1, max_length=2), AfterValidator(_distinct)
]
Requirements = Annotated[
    list[Annotated[str, AfterValidator(_known_requirement)]], Field(max_length=10), AfterValidator(_distinct)
]


class StateBody(Body):
    """A state, old (by its id) or new; the order is that of the board's columns."""

    id: StateId
    name: Line = Field(max_length=60)
    category: Category
    wip_limit: int | None = Field(None, ge=1, le=1000)


class TransitionBody(Body):
    """A move that is allowed: to every member without `roles`; `requires` what the task must have by then."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)
    source: StateId = Field(alias="from")
    target: StateId = Field(alias="to")
    roles: Movers | None = None
    requires: Requirements | None = None


class WorkflowBody(Edit):
    """The whole workflow. `version`, the one it was made from, counts as `base_version` where that is not given."""

    states: list[StateBody] = Field(min_length=1, max_length=MOST_STATES)
    targets: dict[StateId, StateId] = Field(
        default_factory=dict,
        max_length=MOST_STATES,
        description="By the ids of states that are dropped: the state to which its tasks go, archived ones too.",
    )
    transitions: list[TransitionBody] | None = Field(max_length=MOST_TRANSITIONS)
    version: Seq | None = None


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
@api.at_one_moment
async def get_workflow(path: ProjectPath) -> Response:
    """As the board's rules stand."""
    async with api.read() as session:
        project, _ = await member_of(session, path.key, api.user().id)
        workflow = await kept_workflow(session, project)
    return api.answer(workflow.on_wire(), etag=str(workflow.version))


@bp.put(
    "/projects/<key>/workflow",
    summary="Change the workflow",
    responses={"200": WorkflowShape, **api.refusals("state_in_use", "wip_limit_reached", "edit_conflict")},
)
async def edit_workflow(path: ProjectPath, body: WorkflowBody) -> Response:
    """Owners only. States that are left out are dropped, which those with tasks can't be.

    Unless `targets` has a state for them: then its tasks go there in the same command, each by a `task.moved` before
    the `workflow.changed`. Only the limits are asked then, for tasks that stand on the board.
    """
    workflow = checked(
        [State(state.id, state.name, state.category, state.wip_limit) for state in body.states],
        None
        if body.transitions is None
        else [
            Transition(move.source, move.target, tuple(move.roles) if move.roles else None, tuple(move.requires or ()))
            for move in body.transitions
        ],
    )
    entity = await commands.edit(
        api.instance().commands,
        api.caller(),
        path.key,
        workflow,
        targets=body.targets,
        base_version=body.version if body.base_version is None else body.base_version,
    )
    return api.answer(entity, etag=str(entity["version"]))
