"""Comments on tasks."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

BODY_MAX = 20_000

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("project_id", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("author_id", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("edited_at", UtcDateTime),
    sa.Column("deleted_at", UtcDateTime),
    sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_comments_task"),
)

sa.Index("ix_comments_task", comments.c.project_id, comments.c.number, comments.c.created_at, comments.c.id)
