"""Whose page a request comes from."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from taskhub import api
from taskhub.errors import Problem


def refuse_foreign() -> None:
    """Refuse a write that another site's page may be behind (OWASP: Fetch Metadata, else Origin).

    Asked of every write that no bearer token vouches for. Raises Problem `cross_origin`.
    """
    if request.method in ("GET", "HEAD", "OPTIONS") or request.headers.get("Authorization"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site == "same-origin":
            return
    elif is_own(request.headers.get("Origin")):
        return
    raise Problem(
        "cross_origin",
        "A write with a cookie must come from TaskHub's own pages: send a same-origin Origin header, "
        "or use a bearer token.",
    )


def is_own(origin: str | None) -> bool:
    """Whether an Origin header names this TaskHub: its public address, or the one the request was sent to."""
    if not origin:
        return False
    settings = api.instance().settings
    if settings.origin is not None and origin == settings.origin:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == request.host.lower()
