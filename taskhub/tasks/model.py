"""Tasks, who does them, and where they stand in their column."""

from __future__ import annotations

import re

import sqlalchemy as sa

from taskhub.db import ByteOrdered, UtcDateTime, metadata

PRIORITIES = ("none", "low", "medium", "high", "urgent")
TITLE_MAX = 200
DESCRIPTION_MAX = 20_000
#: How many assignees, and how many labels, a task may have.
MOST_LINKS = 50

_REF = re.compile(r"([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,8})", flags=re.ASCII)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.String(TITLE_MAX), nullable=False),
    sa.Column("description", sa.Text, nullable=False, default=""),
    sa.Column("state", sa.String(40), nullable=False),
    sa.Column("position", ByteOrdered, nullable=False),
    sa.Column("priority", sa.String(10), nullable=False, default="none"),
    sa.Column("due", sa.String(32)),
    sa.Column("archived", sa.Boolean, nullable=False, default=False),
    sa.Column("comment_count", sa.Integer, nullable=False, default=0),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.ForeignKey("users.id"), nullable=False, index=True),
    # A deleted task stays as a tombstone with its version: what arrives late can't bring it back.
    sa.Column("deleted_at", UtcDateTime),
    sa.ForeignKeyConstraint(["project_id", "state"], ["states.project_id", "states.id"], name="fk_tasks_state"),
)

_LIVE = sa.and_(tasks.c.deleted_at.is_(None), tasks.c.archived.is_(sa.false()))

sa.Index(
    "uq_tasks_live_position",
    tasks.c.project_id,
    tasks.c.state,
    tasks.c.position,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)

# What is due, and so what is late.
_DUE = sa.and_(_LIVE, tasks.c.due.is_not(None))
sa.Index("ix_tasks_live_due", tasks.c.project_id, tasks.c.due, sqlite_where=_DUE, postgresql_where=_DUE)

assignees = sa.Table(
    "assignees",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True, index=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_assignees_task"),
)

task_labels = sa.Table(
    "task_labels",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("label_id", sa.ForeignKey("labels.id"), primary_key=True, index=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_task_labels_task"),
)


def live() -> sa.ColumnElement[bool]:
    """The condition of a task that stands on the board: neither deleted nor archived."""
    return _LIVE


def parse_ref(ref: str) -> tuple[str, int] | None:
    """`WEB-42` as `("WEB", 42)`; None for what is no reference."""
    match = _REF.fullmatch(ref)
    return (match[1], int(match[2])) if match else None
