"""The log's table, and the answers kept for repeated commands."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

# `body` is the event exactly as the wire carries it: it is serialised once, when it happens.
events = sa.Table(
    "events",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_id", sa.String(32), nullable=False),
    sa.Column("command_id", sa.String(200), nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("body", sa.Text, nullable=False),
)

sa.Index("ix_events_task", events.c.project_id, events.c.number, events.c.seq)

# What is not about a task is rare, and read to see who changed a label or the workflow since.
sa.Index(
    "ix_events_not_task",
    events.c.project_id,
    events.c.seq,
    sqlite_where=events.c.number.is_(None),
    postgresql_where=events.c.number.is_(None),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)
