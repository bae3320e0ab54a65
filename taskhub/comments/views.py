"""`/tasks/REF/comments` and `/comments/ID`."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field

from taskhub import api, markdown
from taskhub.comments import commands, queries
from taskhub.comments.model import BODY_MAX
from taskhub.membership import member_of
from taskhub.shapes import Body, Edit, Page, Shape, Text, page_of
from taskhub.tasks.commands import split
from taskhub.tasks.queries import load_task
from taskhub.tasks.views import TaskPath

bp = APIBlueprint("comments", __name__, url_prefix=api.PREFIX, abp_tags=[Tag(name="Comments")])


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("it must not be empty")
    return value


Markdown = Annotated[Text, AfterValidator(_not_blank), Field(max_length=BODY_MAX)]


class CommentBody(Body):
    """What is said, in Markdown."""

    body: Markdown


class CommentEdit(Edit):
    """What is to be said instead."""

    body: Markdown


class CommentPath(BaseModel):
    """The comment's id."""

    comment_id: str


class Comment(Shape):
    """A comment, with its text as sanitised HTML."""

    id: str
    task: str
    author: str
    body: str
    version: int
    created_at: str
    edited_at: str | None
    body_html: str


class Comments(Shape):
    """A page of comments."""

    items: list[Comment]
    next_cursor: str | None


async def _with_html(comment: dict[str, Any]) -> dict[str, Any]:
    return comment | {"body_html": await markdown.to_html(comment["body"])}


@bp.get("/tasks/<ref>/comments", summary="Comments", responses={"200": Comments, **api.refusals()})
@api.at_one_moment
async def list_comments(path: TaskPath, query: Page) -> Response:
    """Oldest first."""
    key, number = split(path.ref)
    async with api.read() as session:
        project, _ = await member_of(session, key, api.user().id)
        await load_task(session, project, number)
        items, following = await queries.comments_of(session, project, number, after=query.after(), limit=query.limit)
    return api.answer(page_of([await _with_html(item) for item in items], following))


@bp.post("/tasks/<ref>/comments", summary="Comment", responses={"201": Comment, **api.refusals()})
async def create_comment(path: TaskPath, body: CommentBody) -> Response:
    """Says something about a task."""
    comment = await commands.create(api.instance().commands, api.caller(), path.ref, body=body.body)
    return api.answer(await _with_html(comment), 201)


@bp.patch(
    "/comments/<comment_id>",
    summary="Edit a comment",
    responses={"200": Comment, **api.refusals("edit_conflict")},
)
async def edit_comment(path: CommentPath, body: CommentEdit) -> Response:
    """One's own."""
    comment = await commands.edit(
        api.instance().commands, api.caller(), path.comment_id, body=body.body, base_version=body.base_version
    )
    return api.answer(await _with_html(comment))


@bp.delete("/comments/<comment_id>", summary="Delete a comment", responses={"204": None, **api.refusals()})
async def delete_comment(path: CommentPath) -> Response:
    """One's own; an owner any."""
    await commands.delete(api.instance().commands, api.caller(), path.comment_id)
    return api.no_content()
