"""The dashboards' figures, also of what happened so far; and wallboards.

Revision: 0004
After: 0003
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

#: Rows that are read, and written, at once.
AT_ONCE = 1_000
STANDING = date.max.toordinal()


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_figures_project_id")),
        sa.PrimaryKeyConstraint("project_id", "day", "kind", "state", "person", name=op.f("pk_figures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task_entries",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_task_entries_task"
        ),
        sa.PrimaryKeyConstraint("project_id", "number", "state", name=op.f("pk_task_entries")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "past_states",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_past_states_project_id")),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_past_states")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "wallboards",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("titles", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_wallboards_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_wallboards_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallboards")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_wallboards_secret_hash")),
    )
    op.create_index(op.f("ix_wallboards_created_by"), "wallboards", ["created_by"])
    op.create_index("ix_wallboards_project", "wallboards", ["project_id", "id"])
    connection = op.get_bind()
    for (project_id,) in connection.execute(sa.text("SELECT id FROM projects ORDER BY id")).all():
        _Past(project_id).write(connection)
    # After the rows: an index is made faster than it grows.
    op.create_index("ix_task_entries_last", "task_entries", ["project_id", "state", "last_at"])


def downgrade() -> None:
    op.drop_table("wallboards")
    op.drop_table("past_states")
    op.drop_table("task_entries")
    op.drop_table("figures")


# As they are in this revision: a migration outlives the code.
_EVENTS = sa.table(
    "events",
    sa.column("project_id", sa.Integer),
    sa.column("seq", sa.BigInteger),
    sa.column("type", sa.String),
    sa.column("body", sa.Text),
)
_FIGURES = sa.table("figures", *map(sa.column, ("project_id", "day", "kind", "state", "person", "n")))
_MOMENT = sa.DateTime(timezone=True)
_ENTRIES = sa.table(
    "task_entries",
    *map(sa.column, ("project_id", "number", "state")),
    sa.column("first_at", _MOMENT),
    sa.column("last_at", _MOMENT),
)
_PAST_STATES = sa.table("past_states", *map(sa.column, ("project_id", "id", "name", "category")))

#: Of the other types none says where a task stands.
_TYPES = ("task.created", "task.moved", "task.archived", "task.restored", "task.deleted", "workflow.changed")


class _Past:
    """What a project's log says of the figures, but for what stands now: that the tables say."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self.numbers: Counter[tuple[int, str, str, str]] = Counter()
        # By number and state: the first and the last entry.
        self.entries: defaultdict[int, dict[str, tuple[datetime, datetime]]] = defaultdict(dict)
        self.dropped: dict[str, dict[str, Any]] = {}

    def write(self, connection: sa.Connection) -> None:
        for type_, body in self._events(connection):
            event = orjson.loads(body)
            if type_ == "workflow.changed":
                self._workflow(event)
            else:
                self._task(type_, event)
        self._standing(connection)
        rows: list[dict[str, Any]] = [
            {"day": day, "kind": kind, "state": state, "person": person, "n": n}
            for (day, kind, state, person), n in self.numbers.items()
            if n
        ]
        self._insert(connection, _FIGURES, rows)
        query = sa.text("SELECT number FROM tasks WHERE project_id = :of")
        there = set(connection.scalars(query, {"of": self.project_id}))
        rows = [
            {"number": number, "state": state, "first_at": first, "last_at": last}
            for number, states in self.entries.items()
            if number in there
            for state, (first, last) in states.items()
        ]
        self._insert(connection, _ENTRIES, rows)
        self._insert(connection, _PAST_STATES, list(self.dropped.values()))

    def _events(self, connection: sa.Connection) -> Iterator[tuple[str, str]]:
        seq = 0
        while True:
            query = (
                sa.select(_EVENTS.c.seq, _EVENTS.c.type, _EVENTS.c.body)
                .where(_EVENTS.c.project_id == self.project_id, _EVENTS.c.seq > seq, _EVENTS.c.seq <= seq + AT_ONCE)
                .order_by(_EVENTS.c.seq)
            )
            rows = connection.execute(query).all()
            if not rows:
                # A log may begin late.
                first = sa.select(sa.func.min(_EVENTS.c.seq)).where(
                    _EVENTS.c.project_id == self.project_id, _EVENTS.c.seq > seq
                )
                following = connection.scalar(first)
                if following is None:
                    return
                seq = following - 1
                continue
            yield from ((row.type, row.body) for row in rows if row.type in _TYPES)
            seq = rows[-1].seq

    def _workflow(self, event: dict[str, Any]) -> None:
        old, new = event["changes"].get("states", (None, None))
        stay = {state["id"] for state in new or ()}
        for state in old or ():
            if state["id"] not in stay:
                self.dropped[state["id"]] = {name: state[name] for name in ("id", "name", "category")}

    def _task(self, type_: str, event: dict[str, Any]) -> None:
        task, changes = event["task"], event["changes"]
        at = datetime.fromisoformat(event["at"]).astimezone(UTC)
        entries = self.entries[task["number"]]
        begins = type_ == "task.created" or (type_ == "task.restored" and "archived" not in changes)
        after = None if type_ == "task.deleted" else task["state"]
        was = None if type_ == "task.created" else changes.get("state", (task["state"],))[0]
        before = None if begins else was
        if before == after:
            return
        left = entries[was][1] if was in entries else None
        at = max(at, left or at)
        entered = left
        if after is not None and after != was:
            entered = at
            entries[after] = (entries[after][0] if after in entries else at, at)
        for state, moment, sign in ((before, left, -1), (after, entered, 1)):
            if state is not None:
                self.numbers[at.toordinal(), "flow", state, ""] += sign
                if moment is not None:
                    self.numbers[moment.toordinal(), "entered", state, ""] += sign

    def _standing(self, connection: sa.Connection) -> None:
        of = {"of": self.project_id}
        query = "SELECT state, count(*), sum(CASE WHEN archived THEN 0 ELSE 1 END) FROM tasks "
        query += "WHERE project_id = :of AND deleted_at IS NULL GROUP BY state"
        for state, count, on_board in connection.execute(sa.text(query), of):
            self.numbers[STANDING, "all", state, ""] = count
            self.numbers[STANDING, "board", state, ""] = on_board
        query = """
            SELECT t.state, coalesce(a.user_id, ''), count(*)
            FROM tasks t LEFT JOIN assignees a ON a.project_id = t.project_id AND a.number = t.number
            WHERE t.project_id = :of AND t.deleted_at IS NULL AND NOT t.archived
            GROUP BY t.state, coalesce(a.user_id, '')
        """
        for state, person, count in connection.execute(sa.text(query), of):
            self.numbers[STANDING, "people", state, person] = count

    def _insert(self, connection: sa.Connection, table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            connection.execute(sa.insert(table), [{"project_id": self.project_id, **row} for row in part])
