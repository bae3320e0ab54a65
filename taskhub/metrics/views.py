"""`/metrics`, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Blueprint, Response, request

from taskhub import api
from taskhub.errors import not_found

bp = Blueprint("metrics", __name__)

#: Headers by which a proxy says that somebody else asks.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@bp.get("/metrics")
def metrics() -> Response:
    """What all workers counted; to who may not read it, as if it were not there."""
    here = api.instance()
    if not _may_read(here.settings.metrics_token):
        raise not_found("There is nothing at this address.")
    text, media_type = here.watch.text(request.headers.get("Accept", ""))
    return Response(text, content_type=media_type)


def _may_read(token: str | None) -> bool:
    if token is not None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    # Through a proxy, or from a page of another site that was led here by its name server, this would be anybody.
    direct = not any(name in request.headers for name in _FORWARDED)
    return direct and _is_loopback(request.remote_addr) and _is_loopback(_hostname(request.host))


def _hostname(host: str) -> str:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.strip("[]")


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
