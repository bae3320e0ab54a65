"""The API's own documents: whole, valid, and about every route and event there is."""

from __future__ import annotations

import re
from typing import Any

import jsonschema

from taskhub.events.catalogue import TYPES
from tests.live.following import socket
from tests.openapi import Contract
from tests.teams import Team


async def fetch(team: Team, name: str) -> dict[str, Any]:
    answer = await team.nobody.get(f"/api/v1/{name}.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def refs(node: Any) -> set[str]:
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(refs(value) for value in node.values()))
    return set().union(*(refs(value) for value in node)) if isinstance(node, list) else set()


def at(document: Any, ref: str) -> Any:
    """What a local reference leads to; KeyError where nothing is there."""
    assert ref.startswith("#/"), ref
    for part in ref[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


async def test_the_openapi_document_has_every_route(team: Team, contract: Contract) -> None:
    document = await fetch(team, "openapi")
    own = {"/api/v1/openapi.json", "/api/v1/asyncapi.json", "/api/v1/docs", "/api/v1/docs/static/<path:filename>"}
    served = {
        (re.sub(r"<(?:[^<:]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in contract.routes.map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.websocket and rule.rule not in own
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == served


async def test_the_openapi_document_is_whole(team: Team) -> None:
    document = await fetch(team, "openapi")
    assert document["openapi"].startswith("3.1")
    assert {"title", "version"} <= set(document["info"])
    for ref in refs(document):
        at(document, ref)
    ids = []
    schemes = set(document["components"]["securitySchemes"])
    assert {name for one in document["security"] for name in one} == schemes
    for path, item in document["paths"].items():
        for method, operation in item.items():
            what = f"{method} {path}"
            ids.append(operation.get("operationId"))
            assert operation["summary"], what
            named = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), what
            assert all(
                parameter["required"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"
            )
            assert set(operation["responses"]) >= {"401", "422"}, what
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", status), what
                assert response["description"], (what, status)
                if status >= "400":
                    assert set(response["content"]) == {"application/problem+json"}, (what, status)
                for media in response.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(media.get("schema", {}))
            if method in ("post", "patch", "put") and "requestBody" in operation:
                assert set(operation["requestBody"]["content"]) == {"application/json"}, what
    assert len(set(ids)) == len(ids)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_the_asyncapi_document_is_whole(team: Team) -> None:
    document = await fetch(team, "asyncapi")
    assert document["asyncapi"].startswith("3.0")
    for ref in refs(document):
        at(document, ref)
    channels = {"live", "stream", "dashboard", "wallboard", "overview", "inbox_stream"}
    assert set(document["channels"]) == channels
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert operation["channel"]["$ref"].removeprefix("#/channels/") in document["channels"]
    assert set(TYPES) <= set(document["components"]["schemas"])
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_real_events_and_frames_are_as_the_asyncapi_document_says(team: Team) -> None:
    document = await fetch(team, "asyncapi")
    ref = (await team.task("A", assignees=[team.member.user["id"]], due="2026-12-24"))["ref"]
    await team.owner.patch(f"/api/v1/tasks/{ref}", json={"description": "- [x] a\n- [ ] b"})
    await team.move(ref, "done")
    comment = (await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Hm"})).json()["id"]
    await team.owner.patch(f"/api/v1/comments/{comment}", json={"body": "Hm, hm"})
    await team.owner.delete(f"/api/v1/comments/{comment}")
    await team.owner.delete(f"/api/v1/tasks/{ref}")
    await team.owner.patch(team.url, json={"name": "Other"})
    await team.owner.patch(f"{team.url}/members/{team.member.user['id']}", json={"role": "viewer"})
    await team.owner.delete(f"{team.url}/members/{team.member.user['id']}")
    seen = set()
    for event in await team.events():
        schema = document["components"]["schemas"][event["type"]]
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(event)
        seen.add(event["type"])
    assert len(seen) == 13
    async with socket(team.server, team.owner) as ws:
        topic = f"project:{team.key}"
        frames = [await ws.subscribe(team.key, since=0)]
        here = {"op": "presence", "topic": topic, "at": {"task": ref, "field": "title", "typing": True}}
        told = document["components"]["messages"]["say_presence"]["payload"]
        jsonschema.Draft202012Validator({**told, "components": document["components"]}).validate(here)
        await ws.send(here)
        while frames[-1]["op"] != "presence":
            frames.append(await ws.receive())
        for message in ("junk", {"op": "ping"}, {"op": "subscribe", "topic": topic, "log": "another"}):
            await ws.send(message)
        await ws.send({"op": "unsubscribe", "topic": topic})
        while frames[-1].get("reason") != "asked":
            frames.append(await ws.receive())
    server_frames = {"subscribed", "events", "presence", "resync", "unsubscribed", "error", "pong"}
    assert {frame["op"] for frame in frames} == server_frames
    assert set(document["components"]["messages"]) == server_frames | {
        "subscribe",
        "unsubscribe",
        "say_presence",
        "ping",
    }
    for frame in frames:
        name = frame["op"]
        payload = document["components"]["messages"][name]["payload"]
        jsonschema.Draft202012Validator({**payload, "components": document["components"]}).validate(frame)


async def test_the_page_shows_every_route_and_event_without_a_script(team: Team, contract: Contract) -> None:
    answer = await team.nobody.get("/api/v1/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"']?https?:", page)
    assert not re.search(r"\son\w+=|style=", page), "the Content-Security-Policy forbids these"
    for path in contract.document["paths"]:
        assert path in page
    for name in TYPES:
        assert name in page
    for source in set(re.findall(r"(?:src|href)=\"(/[^\"#]*)\"", page)):
        assert (await team.nobody.get(source)).status_code in (200, 303), source
