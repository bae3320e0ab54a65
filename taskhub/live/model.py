"""Who is present where, for every process to read; it is never logged and outlives nothing."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

# Without foreign keys: the check of one would wait for the command that has locked the project's row, and commands
# for it. What refers to nothing any more expires.
presence = sa.Table(
    "presence",
    metadata,
    sa.Column("process", sa.String(32), primary_key=True),
    # Somebody with two windows is present twice.
    sa.Column("connection", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("project_id", sa.Integer, primary_key=True, autoincrement=False, index=True),
    sa.Column("user_id", sa.String(32), nullable=False),
    # `{task, field, typing}` or null, as JSON.
    sa.Column("at", sa.Text, nullable=False),
    # Renewed for as long as the process lives, which deletes what ends before.
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)
