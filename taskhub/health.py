"""`/healthz` and `/readyz`, for who restarts and who sends traffic."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response

from taskhub import api
from taskhub.errors import Problem

bp = Blueprint("health", __name__)


@bp.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return api.answer({"status": "ok"})


@bp.get("/readyz")
async def readyz() -> Response:
    """The database answers too."""
    try:
        await api.instance().db.ping()
    except (sa.exc.SQLAlchemyError, OSError):
        raise Problem("unavailable", "The database does not answer.") from None
    return api.answer({"status": "ok"})
