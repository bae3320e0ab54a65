"""Holds every answer, event and frame against TaskHub's own OpenAPI and AsyncAPI documents.

Every client of the tests (tests/clients.py, tests/live/following.py) does so with each thing it gets.
"""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
from werkzeug.exceptions import HTTPException

from taskhub.app import create_app
from taskhub.config import Settings
from taskhub.errors import CODES
from taskhub.reference.asyncapi import asyncapi_document

#: Refusals that any route may answer with before it looks at what it is about; no route lists them.
UNLISTED = {"bad_request", "method_not_allowed", "unsupported_media_type", "timeout"}

EVERYWHERE = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "x-request-id",
)


class Contract:
    """The documented shape of everything that is sent. Each check raises AssertionError for what differs."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            app = create_app(Settings(data_dir=Path(folder)))
        with app.app_context():
            self.document: dict[str, Any] = app.api_doc
        self.live: dict[str, Any] = asyncapi_document(self.document["components"]["schemas"])
        self.routes = app.url_map.bind("localhost")
        self._validators: dict[tuple[int, str], Any] = {}

    def check(self, response: httpx.Response) -> None:
        """Hold one whole answer against the document."""
        request = response.request
        what = f"{request.method} {request.url.path} answered {response.status_code}: {response.text[:500]}"
        missing = [name for name in EVERYWHERE if name not in response.headers]
        assert not missing, f"headers {missing} are missing: {what}"
        assert "Traceback" not in response.text, what
        # A probe of readiness may say that there is none.
        assert response.status_code < 500 or (request.url.path, response.status_code) == ("/readyz", 503), what
        if not request.url.path.startswith("/api/"):
            return
        if response.status_code >= 400:
            self._check_problem(response, what)
            return
        operation = self.operation(request.method, request.url.path)
        if operation is None or request.method == "HEAD":
            return
        if response.status_code == 304:
            assert response.content == b"", what
            return
        documented = operation["responses"].get(str(response.status_code))
        assert documented is not None, f"this status is not documented: {what}"
        if response.status_code == 204:
            assert response.content == b"", what
            assert "content-type" not in response.headers, what
            return
        assert response.headers["content-type"] == "application/json", what
        answer = response.json()
        self._validate(self.document, documented["content"]["application/json"]["schema"], answer, what)
        for event in answer.get("events", ()):
            self.check_event(event)

    def check_event(self, event: Mapping[str, Any]) -> None:
        """Hold one event of the log, from wherever it comes, against the AsyncAPI document."""
        schema = self.live["components"]["schemas"].get(event.get("type"))
        assert schema is not None, f"the event's type is not documented: {event}"
        self._check_members(schema, event, f"the event {event}")

    def check_frame(self, frame: Mapping[str, Any]) -> None:
        """Hold one frame that the server sent over a WebSocket against the AsyncAPI document."""
        sent = {message["$ref"].rpartition("/")[2] for message in self.live["operations"]["receive"]["messages"]}
        assert frame.get("op") in sent, f"the frame is not documented: {frame}"
        payload = self.live["components"]["messages"][frame["op"]]["payload"]
        self._check_members(payload, {**frame, "events": []} if "events" in frame else frame, f"the frame {frame}")
        for event in frame.get("events", ()):
            self.check_event(event)

    def check_message(self, event: str | None, data: Mapping[str, Any]) -> None:
        """Hold one message of an event stream, under its `event:` name or none, against the AsyncAPI document."""
        if event is None:
            return self.check_event(data)
        # What a wallboard gets is as a dashboard, but for titles that may be null.
        names = ("stream", "dashboard", "overview", "wallboard")
        messages = {name: one for each in names for name, one in self.live["channels"][each]["messages"].items()}
        assert event in {*messages} - {"event"}, f"the message is not documented: {event} {data}"
        self._check_members(messages[event]["payload"], data, f"the message {event} {data}")

    def _check_members(self, schema: dict[str, Any], found: Mapping[str, Any], what: str) -> None:
        # Clients ignore what they do not know, so the document allows more; what is sent must stand in it all the same.
        assert set(found) <= set(schema["properties"]), f"members are not documented: {what}"
        self._validate(self.live, schema, found, what)

    def _validate(self, document: dict[str, Any], schema: dict[str, Any], found: Any, what: str) -> None:
        name = (id(document), repr(schema))
        if name not in self._validators:
            whole = {**schema, "components": document["components"]}
            self._validators[name] = jsonschema_rs.Draft202012Validator(whole)
        try:
            self._validators[name].validate(found)
        except jsonschema_rs.ValidationError as error:
            raise AssertionError(f"{error}\n{what[:2000]}") from None

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """What the document says about a call; None for a path that it does not have."""
        try:
            rule, _ = self.routes.match(path, method=method, return_rule=True)
        except HTTPException:
            return None
        described = self.document["paths"].get(re.sub(r"<(?:[^<:]+:)?(\w+)>", r"{\1}", rule.rule))
        found: dict[str, Any] | None = (described or {}).get(method.lower())
        return found

    def _check_problem(self, response: httpx.Response, what: str) -> None:
        assert response.headers["content-type"] == "application/problem+json", what
        if response.request.method == "HEAD":
            return
        problem = response.json()
        assert {"type", "title", "status", "detail", "code"} <= set(problem), what
        status, title = CODES[problem["code"]]
        assert (response.status_code, problem["status"], problem["title"]) == (status, status, title), what
        assert problem["detail"], what
        operation = self.operation(response.request.method, response.request.url.path)
        if operation is None or problem["code"] in UNLISTED:
            return
        documented = operation["responses"].get(str(status), {})
        assert problem["code"] in documented.get("description", ""), f"this code is not documented: {what}"
        content = documented["content"]["application/problem+json"]
        self._validate(self.document, content["schema"], problem, what)


@functools.cache
def contract() -> Contract:
    """What the documents of this source tree say."""
    return Contract()
