"""`/api/v1/openapi.json`, `/api/v1/asyncapi.json`, and `/api/v1/docs`, which shows both without any script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template
from markupsafe import Markup

from taskhub import api, markdown
from taskhub.reference.asyncapi import asyncapi_document

bp = Blueprint("reference", __name__, url_prefix=api.PREFIX, static_folder="static", static_url_path="/docs/static")

DESCRIPTION = (
    "Everything TaskHub's own pages do goes through this API. Sign in with a session cookie (then a write needs a "
    "same-origin `Sec-Fetch-Site` or `Origin` header) or send `Authorization: Bearer TOKEN`. Any write outside `/auth` "
    "may carry an `Idempotency-Key`: sent again, it gives the first answer again. Refusals are RFC 9457 problems with "
    "a stable `code`."
)

SECURITY_SCHEMES: dict[str, Any] = {
    "session": {"type": "apiKey", "in": "cookie", "name": api.SESSION_COOKIE},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the running application, made once."""
    kept: dict[str, Any] | None = current_app.extensions.get("taskhub.openapi")
    if kept is None:
        app: Any = current_app
        kept = app.api_doc
        kept.setdefault("security", [{"session": []}, {"bearer": []}])
        current_app.extensions["taskhub.openapi"] = kept
    return kept


@bp.get("/openapi.json")
async def openapi() -> Response:
    """The OpenAPI document."""
    return api.answer(openapi_document())


@bp.get("/asyncapi.json")
async def asyncapi() -> Response:
    """The AsyncAPI document."""
    return api.answer(asyncapi_document(openapi_document()["components"]["schemas"]))


@bp.get("/docs")
async def docs() -> str:
    """Both, to read."""
    document = openapi_document()
    return render_template(
        "reference.html",
        description=Markup(await markdown.to_html(DESCRIPTION)),  # noqa: S704  # sanitised there
        api=document,
        live=asyncapi_document(document["components"]["schemas"]),
    )
