"""Holds every answer of the API against its own OpenAPI document, and against what all answers have in common."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
from werkzeug.exceptions import HTTPException

from taskhub.app import create_app
from taskhub.config import Settings
from taskhub.errors import CODES

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
    """The documented shape of every answer. `check` raises AssertionError for one that differs."""

    def __init__(self, data_dir: Path) -> None:
        app = create_app(Settings(data_dir=data_dir))
        with app.app_context():
            self.document: dict[str, Any] = app.api_doc
        self.routes = app.url_map.bind("localhost")
        self._validators: dict[str, Any] = {}

    def check(self, response: httpx.Response) -> None:
        """Hold one whole answer against the document."""
        request = response.request
        what = f"{request.method} {request.url.path} answered {response.status_code}: {response.text[:500]}"
        missing = [name for name in EVERYWHERE if name not in response.headers]
        assert not missing, f"headers {missing} are missing: {what}"
        assert "Traceback" not in response.text, what
        assert response.status_code < 500, what
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
        self.validator(documented["content"]["application/json"]["schema"]).validate(response.json())

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """What the document says about a call; None for a path that it does not have."""
        try:
            rule, _ = self.routes.match(path, method=method, return_rule=True)
        except HTTPException:
            return None
        described = self.document["paths"].get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        found: dict[str, Any] | None = (described or {}).get(method.lower())
        return found

    def validator(self, schema: dict[str, Any]) -> Any:
        """A JSON Schema validator whose references are the document's components."""
        name = repr(schema)
        if name not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[name] = jsonschema.Draft202012Validator(whole)
        return self._validators[name]

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
        self.validator(content["schema"]).validate(problem)
