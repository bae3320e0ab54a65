"""Who is present where, for every process to read; it is never logged and outlives nothing."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

presence = sa.Table(
    "presence",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    # One connection of one process: somebody with two windows is present twice.
    sa.Column("connection", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    # `{task, field, typing}` as JSON.
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)
