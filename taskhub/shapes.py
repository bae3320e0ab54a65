"""What the bodies, the parameters and the answers of all routes are made of."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from taskhub.errors import invalid


def _no_control(value: str) -> str:
    if any(character < " " and character not in "\n\t\r" for character in value) or "\x7f" in value:
        raise ValueError("control characters are not allowed")
    return value


def _one_line(value: str) -> str:
    value = " ".join(value.split())
    if not value:
        raise ValueError("it must not be empty")
    return value


Text = Annotated[str, AfterValidator(_no_control)]
Line = Annotated[str, AfterValidator(_no_control), AfterValidator(_one_line)]
Id = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_no_control)]


class Body(BaseModel):
    """A request's body: a field that is not in the model is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


#: A `seq` or a version, as a client sends it.
Seq = Annotated[int, Field(ge=0, le=2**53)]


class Edit(Body):
    """A PATCH or PUT. With `base_version`, the version it was made from, it is refused where it meets another's."""

    base_version: Seq | None = Field(
        None, description="The version that was edited: 409 `edit_conflict` for a field somebody changed since."
    )

    def fields(self) -> dict[str, Any]:
        """The fields that were sent, `base_version` aside."""
        return self.model_dump(exclude_unset=True, exclude={"base_version"})


class Shape(BaseModel):
    """A part of an answer, for the OpenAPI document and the tests that hold answers against it."""

    model_config = ConfigDict(extra="forbid")


class Wrong(Shape):
    """What was wrong with one part of the input; `loc` leads to it."""

    loc: list[str | int]
    msg: str


class ProblemShape(BaseModel):
    """RFC 9457 problem details, with the contract's stable `code` and what some codes add."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Wrong] | None = None
    allowed: list[str] | None = None
    reason: str | None = None
    current: dict[str, Any] | None = None
    conflicts: list[str] | None = None
    states: list[str] | None = None


class Actor(Shape):
    """Who did it."""

    id: str
    name: str


class Event(BaseModel):
    """An entry of a project's log; the AsyncAPI document says which whole entities each type carries besides."""

    model_config = ConfigDict(extra="allow")
    v: Literal[1]
    seq: int
    type: str
    at: str
    actor: Actor
    project: str | dict[str, Any]
    command_id: str
    changes: dict[str, Annotated[list[Any], Field(min_length=2, max_length=2)]] = Field(description="field: [old, new]")


class Page(BaseModel):
    """`?limit=` (default 50, at most 200) and `?cursor=` of a list."""

    model_config = ConfigDict(extra="ignore")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=300)

    def after(self) -> str | None:
        """What the cursor stands for. Raises Problem `invalid` for one that is not from us."""
        if self.cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(self.cursor.encode()).decode()
        except (binascii.Error, ValueError):
            text = ""
        if not text or any(character < " " for character in text):
            raise invalid("cursor", "this is not a cursor that TaskHub gave")
        return text


def page_of(items: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    """The answer of a list: `{items, next_cursor}`."""
    cursor = base64.urlsafe_b64encode(following.encode()).decode() if following else None
    return {"items": items, "next_cursor": cursor}
