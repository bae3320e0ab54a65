"""Invites: links that let one person register and join."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

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
