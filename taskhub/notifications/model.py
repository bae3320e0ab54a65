"""Inboxes with their logs, what is watched and muted, and what will be due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from taskhub import clock
from taskhub.db import UtcDateTime, metadata

Reason = Literal["assigned", "mentioned", "commented", "moved", "invited", "due_soon", "overdue"]

#: Why somebody is notified, and what it means.
REASONS: Mapping[Reason, str] = {
    "assigned": "Somebody assigned you to a task.",
    "mentioned": "Somebody named you in a comment or a description.",
    "commented": "Somebody commented on a task that you made, are assigned to or watch.",
    "moved": "Somebody moved such a task to another state.",
    "invited": "Somebody added you to a project.",
    "due_soon": "A task that is yours or that you watch is due on the next day (UTC).",
    "overdue": "Such a task is not done, and its due date is past (UTC).",
}

#: What somebody is to the task that they hear of.
Through = Literal["assignee", "creator", "watcher"]

#: The types of an inbox's events, and when each comes.
INBOX_TYPES: Mapping[str, str] = {
    "notification.created": "Something is to be read: a new notification, or one more thing in one that is unread.",
    "notification.read": "Notifications were read, here or elsewhere, or are gone with a project.",
    "notification.unread": "Notifications were marked as unread, here or elsewhere.",
    "notification.edited": "The comment that a notification tells of was edited: it has the new words.",
    "notification.redacted": "The comments that notifications told of were deleted: their `excerpt` is null now.",
    "membership.changed": "One is in a project now, in another role, or (null) not any more.",
}

#: The scope of what is muted in every project.
EVERYWHERE = ""

# One row for whoever was ever notified, or had an account when a backup was restored. It is locked after everything
# else, and several in order of user id.
inboxes = sa.Table(
    "inboxes",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # Names one history, as a project's; it is the user's id until a backup is restored.
    sa.Column("log", sa.String(32), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False),
)

inbox_events = sa.Table(
    "inbox_events",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    # What the event tells of is for members of this project alone; without one it is for whoever has the inbox.
    sa.Column("project_id", sa.Integer),
    # As on the wire. Words of a comment stand only in the event that carried a notification last.
    sa.Column("body", sa.Text, nullable=False),
)

#: In place of a task's number: the notification is about the project.
NO_TASK = 0

notifications = sa.Table(
    "notifications",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("project_id", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    # Of the inbox's event that carried it last.
    sa.Column("seq", sa.BigInteger, nullable=False),
    # As on the wire, but for what may have changed since: whether it was read, the names of task and project; SAID.
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("read_at", UtcDateTime),
)

#: In a kept body: the `seq` of the inbox's event in which its words stand, where that is not the one that it came by.
SAID = "said"

UNREAD = notifications.c.read_at.is_(None)
READ = notifications.c.read_at.is_not(None)

sa.Index("ix_notifications_user", notifications.c.user_id, notifications.c.seq)
sa.Index(
    "ix_notifications_user_unread",
    notifications.c.user_id,
    notifications.c.seq,
    sqlite_where=UNREAD,
    postgresql_where=UNREAD,
)
# To find what tells of a comment that is edited or deleted.
sa.Index("ix_notifications_task", notifications.c.project_id, notifications.c.number)
# To find what was read long ago.
sa.Index("ix_notifications_read", notifications.c.read_at, sqlite_where=READ, postgresql_where=READ)
# What comes while one about the same task is unread goes into that one.
sa.Index(
    "uq_notifications_unread",
    notifications.c.project_id,
    notifications.c.user_id,
    notifications.c.number,
    unique=True,
    sqlite_where=UNREAD,
    postgresql_where=UNREAD,
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_watches_task"),
)

sa.Index("ix_watches_user", watches.c.user_id, watches.c.project_id)

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # A project's KEY, which is never another's, or EVERYWHERE.
    sa.Column("scope", sa.String(10), primary_key=True),
    sa.Column("reason", sa.String(20), primary_key=True),
)

# What is to be said of tasks at which moment. A row goes away in the transaction that says it. That of a task which is
# done, archived or deleted at its moment waits, until the task is open again.
reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reason", sa.String(20), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    # Who set a due date for which it was time already: they know.
    sa.Column("not_to", sa.String(32)),
    sa.ForeignKeyConstraint(["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_reminders_task"),
)

#: The moment of a reminder that waits. No due date comes to it: they are kept to the millisecond.
WAITING = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

_DAY = timedelta(days=1)


def moments(due: str) -> tuple[datetime, datetime]:
    """When a due date (`YYYY-MM-DD`, or a moment as on the wire) is near, and when it is past.

    Near is the day before in UTC, from its first moment. A day is past when the next one begins, a moment at once.
    """
    day = clock.parse(f"{due[:10]}T00:00Z")
    past = clock.parse(due) if len(due) > 10 else _after(day)
    near = day - _DAY if day.year > 1 else day
    return near, past


def _after(day: datetime) -> datetime:
    return day + _DAY if day.year < 9999 else day
