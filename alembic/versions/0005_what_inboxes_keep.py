"""What inboxes keep: indexes to prune and to redact by, and what earlier versions left there.

Revision: 0005
After: 0004
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

#: The moment of a reminder that waits until its task is open again.
WAITING = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def upgrade() -> None:
    is_read = sa.text("read_at IS NOT NULL")
    op.create_index("ix_notifications_task", "notifications", ["project_id", "number"])
    op.create_index(
        "ix_notifications_read", "notifications", ["read_at"], sqlite_where=is_read, postgresql_where=is_read
    )
    connection = op.get_bind()
    # Their words may be of comments that are gone. Who followed an inbox fetches it anew.
    op.execute(sa.text("DELETE FROM inbox_events"))
    for row in connection.execute(_GONE).all():
        _redact(connection, row)
    _wait(connection)


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(sa.delete(_REMINDERS).where(_REMINDERS.c.at == WAITING))
    op.drop_index("ix_notifications_read", table_name="notifications")
    op.drop_index("ix_notifications_task", table_name="notifications")


# As they are in this revision: a migration outlives the code.
_MOMENT = sa.DateTime(timezone=True)
_NOTIFICATIONS = sa.table("notifications", *map(sa.column, ("id", "project_id", "number", "body")))
_EVENTS = sa.table("events", *map(sa.column, ("project_id", "number", "seq", "type", "body")))
_COMMENTS = sa.table("comments", *map(sa.column, ("id", "project_id", "number")), sa.column("deleted_at", _MOMENT))
_TASKS = sa.table(
    "tasks",
    *map(sa.column, ("project_id", "number", "state", "due")),
    sa.column("archived", sa.Boolean),
    sa.column("deleted_at", _MOMENT),
)
_STATES = sa.table("states", *map(sa.column, ("project_id", "id", "category")))
_REMINDERS = sa.table(
    "reminders", *map(sa.column, ("project_id", "number", "reason")), sa.column("at", _MOMENT), sa.column("not_to")
)

#: Deleted comments, and (None) deleted tasks.
_GONE = sa.union_all(
    sa.select(_COMMENTS.c.project_id, _COMMENTS.c.number, _COMMENTS.c.id).where(_COMMENTS.c.deleted_at.is_not(None)),
    sa.select(_TASKS.c.project_id, _TASKS.c.number, sa.cast(sa.null(), sa.String)).where(
        _TASKS.c.deleted_at.is_not(None)
    ),
)


def _redact(connection: sa.Connection, gone: sa.Row[tuple[int, int, str | None]]) -> None:
    """Take away the words of a comment, or of a task's comments, from what people were told."""
    here = sa.and_(_NOTIFICATIONS.c.project_id == gone.project_id, _NOTIFICATIONS.c.number == gone.number)
    told = [
        (id_, body)
        for id_, text in connection.execute(sa.select(_NOTIFICATIONS.c.id, _NOTIFICATIONS.c.body).where(here)).all()
        if (body := orjson.loads(text))["excerpt"] is not None
    ]
    if not told:
        return
    if gone.id is not None:
        of = sa.and_(
            _EVENTS.c.project_id == gone.project_id,
            _EVENTS.c.number == gone.number,
            _EVENTS.c.type.in_(("comment.created", "comment.edited")),
        )
        found = connection.execute(sa.select(_EVENTS.c.seq, _EVENTS.c.body).where(of)).all()
        seqs = {seq for seq, text in found if orjson.loads(text)["comment"]["id"] == gone.id}
        told = [(id_, body) for id_, body in told if body["event"] in seqs]
    for id_, body in told:
        redacted = orjson.dumps(body | {"excerpt": None}).decode()
        connection.execute(sa.update(_NOTIFICATIONS).where(_NOTIFICATIONS.c.id == id_).values(body=redacted))


def _wait(connection: sa.Connection) -> None:
    """Let tasks that are closed now, and were when their due date passed, be told of when they are opened again."""
    closed = sa.or_(_TASKS.c.deleted_at.is_not(None), _TASKS.c.archived, _STATES.c.category.in_(("done", "cancelled")))
    # Of a task that was deleted before there were reminders none may be planned though its date is to come. A due date
    # is a day, which is past when the next one begins, or a moment; both are texts that sort by time.
    now = datetime.now(UTC)
    past = sa.or_(
        sa.func.substr(_TASKS.c.due, 1, 10) < now.date().isoformat(),
        sa.and_(sa.func.length(_TASKS.c.due) > 10, _TASKS.c.due <= now.isoformat().replace("+00:00", "Z")),
    )
    planned = sa.exists().where(
        _REMINDERS.c.project_id == _TASKS.c.project_id,
        _REMINDERS.c.number == _TASKS.c.number,
        _REMINDERS.c.reason == "overdue",
    )
    told = sa.exists().where(
        _NOTIFICATIONS.c.project_id == _TASKS.c.project_id,
        _NOTIFICATIONS.c.number == _TASKS.c.number,
        _NOTIFICATIONS.c.body.like('%"overdue"%'),
    )
    query = (
        sa.select(
            _TASKS.c.project_id,
            _TASKS.c.number,
            sa.literal("overdue"),
            sa.literal(WAITING if connection.dialect.name != "sqlite" else WAITING.replace(tzinfo=None), _MOMENT),
            sa.cast(sa.null(), sa.String),
        )
        .outerjoin(_STATES, sa.and_(_STATES.c.project_id == _TASKS.c.project_id, _STATES.c.id == _TASKS.c.state))
        .where(past, closed, ~planned, ~told)
    )
    connection.execute(sa.insert(_REMINDERS).from_select(list(_REMINDERS.c.keys()), query))
