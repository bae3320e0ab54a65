"""Every field of every request, as the OpenAPI document has it, given what it does not take: the refusal names it."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Client
from tests.openapi import Contract, contract
from tests.places import Place, fill, put
from tests.teams import Team

# All of it is refused before the database is asked.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True, scope="session")

Schema = dict[str, Any]
Loc = tuple[str | int, ...]

#: What a field takes, by its name; a list of objects has one of each kind that the document describes.
GOOD: dict[str, Any] = {
    "assignees": [],
    "base_version": 1,
    "body": "Hm",
    "category": "todo",
    "color": "red",
    "email": "somebody@example.com",
    "from": "todo",
    "id": "todo",
    "invite": "thi_none",
    "key": "NEWONE",
    "labels": [],
    "name": "A name",
    "password": "long enough indeed",
    "priority": "high",
    "role": "viewer",
    "roles": ["owner"],
    "requires": ["due"],
    "seq": 1,
    "state": "todo",
    "targets": {},
    "title": "A title",
    "to": "doing",
    "wip_limit": 3,
}
#: A password may be any text.
ANY_TEXT = {"password"}

STRAY: dict[str, Any] = {
    "NUL": "a\x00b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "tab at the edge of controls": "a\x0bb",
}
OTHER_KINDS: dict[str, Any] = {"string": "a", "integer": 7, "boolean": True, "array": ["a"], "object": {"a": "b"}}
HUGE = {"2**63": 2**63, "10**300": 10**300, "1e300": 1e300, "below zero": -1, "a fraction": 1.5}


def operations(found: Contract) -> list[tuple[str, str, Schema]]:
    """Every write with fields in its body, which a file has not: method, route as Flask has it, and the schema."""
    rules = {rule.rule.replace("<string(length=16):", "<"): rule for rule in found.routes.map.iter_rules()}
    writes = []
    for path, item in found.document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                route = path.replace("{", "<").replace("}", ">")
                assert route in rules, route
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                if schema != {"type": "object"}:
                    writes.append((method.upper(), route, schema))
    return writes


def resolved(schema: Schema) -> Schema:
    """What a reference stands for."""
    while "$ref" in schema:
        schema = contract().document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def variants(schema: Schema) -> list[Schema]:
    """What a field may be."""
    schema = resolved(schema)
    return [one for branch in schema["anyOf"] for one in variants(branch)] if "anyOf" in schema else [schema]


def good(schema: Schema, name: str = "") -> Any:
    """Something that the schema allows."""
    for one in variants(schema):
        if "properties" in one:
            return {field: good(below, field) for field, below in one["properties"].items()}
        if one.get("type") == "array" and resolved(one["items"]).get("type") == "object":
            return [good(one["items"])]
    return copy.deepcopy(GOOD[name]) if name in GOOD else None


def fields(schema: Schema, loc: Loc = ()) -> Iterator[tuple[Loc, list[Schema]]]:
    """Every field below an object: where it is, and what it may be."""
    for one in variants(schema):
        for name, below in one.get("properties", {}).items():
            here = (*loc, name)
            yield here, variants(below)
            for branch in variants(below):
                if branch.get("type") == "array":
                    yield (*here, 0), variants(branch["items"])
                    yield from fields(branch["items"], (*here, 0))


def bad(name: str, takes: list[Schema]) -> Iterator[tuple[str, Any]]:
    """What a field does not take, and what is wrong with that."""
    kinds = {one.get("type") for one in takes}
    for other, value in OTHER_KINDS.items():
        if other not in kinds:
            yield f"it is {other}", value
    if "null" not in kinds:
        yield "it is null", None
    for one in takes:
        kind = one.get("type")
        if kind == "string":
            yield "it is without end", "x" * 30_000
            if name not in ANY_TEXT:
                yield from STRAY.items()
            if "maxLength" in one:
                yield "it is one too long", "x" * (one["maxLength"] + 1)
            if "enum" in one:
                yield "it is none of the choices", "nonsense"
        elif kind == "integer":
            yield from HUGE.items()
            if "maximum" in one:
                yield "it is one too many", one["maximum"] + 1
            if "minimum" in one:
                yield "it is one too few", one["minimum"] - 1
        elif kind == "array":
            yield "it has one too many", ["a"] * (one["maxItems"] + 1)
            yield "it has null", [None]
        elif kind == "object" and "properties" not in one:
            # A map: any names, each with a value of one kind.
            yield "a value is a number", {"a": 7}
            yield "a value is null", {"a": None}
            yield "it has one too many", {f"a{n}": "a" for n in range(one.get("maxProperties", 1000) + 1)}


def with_value(body: Any, loc: Loc, value: Any) -> Any:
    """The body with one field replaced, or added."""
    body = copy.deepcopy(body)
    inner = body
    for part, below in itertools.pairwise(loc):
        if inner[part] is None:
            inner[part] = [] if isinstance(below, int) else {}
        inner = inner[part]
    if isinstance(inner, list):
        inner[:] = [value]
    else:
        inner[loc[-1]] = value
    return body


async def refused(client: Client, method: str, path: str, body: Any, loc: Loc, why: str) -> None:
    """Send it: 422, and one of the errors is at `loc`, or within it."""
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 422, (loc, why, answer.text)
    problem = answer.json()
    assert problem["code"] == "invalid", (loc, why)
    assert any(tuple(error["loc"][: len(loc)]) == loc for error in problem["errors"]), (loc, why, problem)
    assert len(answer.content) < 4000


@pytest.fixture
async def place(team: Team) -> Place:
    """A project with something of every kind in it."""
    return await fill(team.owner, team.member, team.key, newcomer=team.stranger.email)


WRITES = [pytest.param(*write, id=f"{write[0]} {write[1]}") for write in operations(contract())]


@pytest.mark.parametrize(("method", "route", "schema"), WRITES)
async def test_each_field_refuses_by_name_what_it_does_not_take(
    place: Place, method: str, route: str, schema: Schema
) -> None:
    path, body, before = put(route, place.names), good(schema), await place.seq()
    count = 0
    for loc, takes in fields(schema):
        for why, value in bad(str(loc[-1]), takes):
            # Of a list the item is wrong, and the list named.
            named = loc if not isinstance(loc[-1], int) else loc[:-1]
            await refused(place.owner, method, path, with_value(body, loc, value), named, why)
            count += 1
    for holder in {loc[:-1] for loc, _ in fields(schema) if not isinstance(loc[-1], int)}:
        unknown = (*holder, "no_such_field")
        await refused(place.owner, method, path, with_value(body, unknown, 1), unknown, "it is not known")
    assert count >= 8
    assert await place.seq() == before


@pytest.mark.parametrize(("method", "route", "schema"), WRITES)
async def test_each_field_that_must_be_there_is_named(place: Place, method: str, route: str, schema: Schema) -> None:
    path, body = put(route, place.names), good(schema)
    for name in resolved(schema).get("required", ()):
        await refused(
            place.owner, method, path, {key: body[key] for key in body if key != name}, (name,), "it is missing"
        )


def queries(found: Contract) -> list[tuple[str, list[tuple[str, list[Schema]]]]]:
    """Every route that takes a query, with its parameters."""
    taking = []
    for path, item in found.document["paths"].items():
        wanted = [
            (one["name"], variants(one["schema"]))
            for one in item.get("get", {}).get("parameters", ())
            if one["in"] == "query"
        ]
        if wanted:
            taking.append((path.replace("{", "<").replace("}", ">"), wanted))
    return taking


@pytest.mark.parametrize(("route", "takes"), [pytest.param(*one, id=one[0]) for one in queries(contract())])
async def test_each_part_of_a_query_refuses_by_name_what_it_does_not_take(
    place: Place, route: str, takes: list[tuple[str, list[Schema]]]
) -> None:
    path = put(route, place.names)
    for name, schemas in takes:
        wrong = ["x" * 5000]
        for one in schemas:
            if one.get("type") == "integer":
                wrong += ["", "x", "1.5", "1e3", "-1", "9" * 30, str(one.get("maximum", 2**53) + 1)]
            elif "enum" in one:
                wrong += ["", "nonsense"]
        for value in wrong:
            answer = await place.owner.get(path, params={name: value})
            assert answer.status_code == 422, (name, value[:20], answer.text)
            assert [name] in [error["loc"] for error in answer.json()["errors"]]
