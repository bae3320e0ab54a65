"""Invites: links that let one person register and join."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from taskhub import clock
from taskhub.db import Row, UtcDateTime, metadata
from taskhub.projects.model import Role

#: For how long a link is good.
LASTS = timedelta(days=7)
#: How many open invites a project may have, and how many may lead to the instance alone.
MOST_OPEN = 200

invites = sa.Table(
    "invites",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    # NULL: for whoever holds the link; else for the account of this address alone.
    sa.Column("email", sa.String(320)),
    # NULL: to the instance, into no project.
    sa.Column("project_id", sa.ForeignKey("projects.id"), index=True),
    sa.Column("role", sa.String(10)),
    sa.Column("created_by", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_by", sa.ForeignKey("users.id"), index=True),
    sa.Column("used_at", UtcDateTime),
)


def secret_of(invite_id: str, signing_key: str) -> str:
    """The secret in an invite's link.

    It is derived from the instance's key rather than drawn, so that the answer kept for an Idempotency-Key need not
    hold it: nothing in the database opens a link.
    """
    digest = hmac.digest(signing_key.encode(), b"invite\0" + invite_id.encode(), "sha256")
    return "thi_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_good(row: Row, now: datetime) -> bool:
    """Whether an invite still lets somebody in; `row` is as `queries.by_secret` gives it.

    It is worth what who made it may do now: an owner of the project, an administrator of the instance. The links of
    an owner who was removed open nothing.
    """
    if row.used_at is not None or row.expires_at <= now:
        return False
    if row.project_id is None:
        return bool(row.maker_is_admin)
    return row.project_deleted_at is None and row.maker_role == Role.OWNER.value


def invite_on_wire(row: Any, key: str | None) -> dict[str, Any]:
    """An invite as the API carries it, without its link; `row` has the columns, `key` is the project's."""
    return {
        "id": row.id,
        "email": row.email,
        "project": key,
        "role": row.role,
        "created_by": row.created_by,
        "created_at": clock.wire(row.created_at),
        "expires_at": clock.wire(row.expires_at),
    }
