"""Notifications, what is muted and what is due.

Revision: 0003
After: 0002
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inboxes",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("log", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_inboxes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_inboxes")),
    )
    op.create_table(
        "inbox_events",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_inbox_events_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "seq", name=op.f("pk_inbox_events")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_notifications_user", "notifications", ["user_id", "seq"])
    op.create_index(
        "ix_notifications_user_unread",
        "notifications",
        ["user_id", "seq"],
        sqlite_where=unread,
        postgresql_where=unread,
    )
    op.create_index(
        "uq_notifications_unread",
        "notifications",
        ["project_id", "user_id", "number"],
        unique=True,
        sqlite_where=unread,
        postgresql_where=unread,
    )
    op.create_table(
        "watches",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_watches_task"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_watches_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "number", "user_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_user", "watches", ["user_id", "project_id"])
    op.create_table(
        "mutes",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mutes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "scope", "reason", name=op.f("pk_mutes")),
    )
    reminders = op.create_table(
        "reminders",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_to", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_reminders_task"
        ),
        sa.PrimaryKeyConstraint("project_id", "number", "reason", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_at"), "reminders", ["at"])
    _remind_of_what_is_due(reminders)


def _remind_of_what_is_due(reminders: sa.Table) -> None:
    """What the commands of this version write down for each due date, for those that are set already."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    now = datetime.now(UTC)
    found = connection.execute(
        sa.text("SELECT project_id, number, due FROM tasks WHERE due IS NOT NULL AND deleted_at IS NULL")
    ).all()
    rows = []
    for project_id, number, due in found:
        day = datetime.fromisoformat(due[:10]).replace(tzinfo=UTC)
        if not 1 < day.year < 9999:
            continue
        past = datetime.fromisoformat(due) if len(due) > 10 else day + timedelta(days=1)
        for reason, at in (("due_soon", day - timedelta(days=1)), ("overdue", past)):
            if at > now:
                moment = at.replace(tzinfo=None) if is_sqlite else at
                rows.append({"project_id": project_id, "number": number, "reason": reason, "at": moment})
    if rows:
        connection.execute(sa.insert(reminders), rows)


def downgrade() -> None:
    for name in ("reminders", "mutes", "watches", "notifications", "inbox_events", "inboxes"):
        op.drop_table(name)
