"""What has been imported already, so that a repeat adds only what is new."""

from __future__ import annotations

import sqlalchemy as sa

from taskhub.db import metadata

# `source` is the origin with its kind (`trello:card`, `trello:action`, …), `external_id` its id there, `target`
# the id here (a task's number, a label's id, …).
imported = sa.Table(
    "imported",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("source", sa.String(40), primary_key=True),
    sa.Column("external_id", sa.String(64), primary_key=True),
    sa.Column("target", sa.String(64), nullable=False),
)
