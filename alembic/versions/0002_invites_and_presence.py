"""Invites, presence, and indexes: of the events that are not about a task, of who made tasks, of what is due.

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.String(length=32), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_invites_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_invites_project_id")),
        sa.ForeignKeyConstraint(["used_by"], ["users.id"], name=op.f("fk_invites_used_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invites_secret_hash")),
    )
    op.create_index(op.f("ix_invites_created_by"), "invites", ["created_by"])
    op.create_index(op.f("ix_invites_project_id"), "invites", ["project_id"])
    op.create_index(op.f("ix_invites_used_by"), "invites", ["used_by"])
    op.create_table(
        "presence",
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("connection", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", "connection", "project_id", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_expires_at"), "presence", ["expires_at"])
    op.create_index(op.f("ix_presence_project_id"), "presence", ["project_id"])
    if op.get_bind().dialect.name == "postgresql":
        # Nobody misses it after a crash, so it need not wait for the disk.
        op.execute("ALTER TABLE presence SET UNLOGGED")
    only = sa.text("number IS NULL")
    op.create_index("ix_events_not_task", "events", ["project_id", "seq"], sqlite_where=only, postgresql_where=only)
    op.create_index(op.f("ix_tasks_created_by"), "tasks", ["created_by"])
    op.create_index(
        "ix_tasks_live_due",
        "tasks",
        ["project_id", "due"],
        sqlite_where=sa.text("deleted_at IS NULL AND archived IS 0 AND due IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NULL AND archived IS false AND due IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_live_due", table_name="tasks")
    op.drop_index(op.f("ix_tasks_created_by"), table_name="tasks")
    op.drop_index("ix_events_not_task", table_name="events")
    op.drop_table("presence")
    op.drop_table("invites")
