"""What the dashboards' figures are made of: numbers that each command keeps up, so that no figure needs the log.

What counts, everywhere:

- Days are UTC's. What is dated later than today counts as today's.
- A task's own moments never run backwards: an entry into a state that says it was before the task's last entry (a
  clock that was set back, history imported in pieces) counts as made at that last entry.
- A task is done while it stands in a state of the category `done`, since its last entry into that state. Leaving the
  state, and being deleted, withdraws that; coming back from deletion into the same state gives it back, as of then.
  Archived tasks stay done. Cancelled ones never are.
- A task was begun when it first entered a state of the category `doing`, whatever happened to it since.
- A state has the category that the workflow gives it now, also for the past; one that was dropped has its last.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

#: Kinds of numbers with a day. FLOW: by how many tasks a state had more at the day's end than at its beginning,
#: archived ones counted. ENTERED: how many of the tasks that stand in a state now entered it on that day.
FLOW, ENTERED = "flow", "entered"
#: Kinds of numbers without a day, which stand under `STANDING`. ALL: the tasks in a state, archived ones counted.
#: BOARD: those of them on the board. PEOPLE: those on the board that are assigned to a person, or to `NOBODY`.
ALL, BOARD, PEOPLE = "all", "board", "people"

#: In place of a day (the last of the calendar): so one range of the key has the last days and what stands.
STANDING = date.max.toordinal()
NOBODY = ""

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    # As `date.toordinal` counts them.
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("state", sa.String(40), primary_key=True),
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# When a task first, and last, entered each state that it was in.
task_entries = sa.Table(
    "task_entries",
    metadata,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(40), primary_key=True),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(
        ["project_id", "number"], ["tasks.project_id", "tasks.number"], name="fk_task_entries_task"
    ),
    sqlite_with_rowid=False,
)

sa.Index("ix_task_entries_last", task_entries.c.project_id, task_entries.c.state, task_entries.c.last_at)


def state_of(entries: sa.FromClause) -> sa.ColumnElement[str]:
    """The state of entries, to be compared where a query names the task too.

    It is kept from the index over states. PostgreSQL takes that for as good as the key as long as it has not looked at
    what the table holds, and then reads all entries into the state for each task of a command.
    """
    state: sa.ColumnElement[str] = entries.c.state
    return state.concat("")


# States that were dropped from the workflow, as they were last: the past has tasks in them.
past_states = sa.Table(
    "past_states",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("category", sa.String(10), nullable=False),
    sqlite_with_rowid=False,
)

#: How many wallboards a project may have.
MOST_WALLBOARDS = 50

# A link that shows a project's figures to whoever holds it.
wallboards = sa.Table(
    "wallboards",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    # Whether it shows the titles of tasks too.
    sa.Column("titles", sa.Boolean, nullable=False, default=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_by", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_used_at", UtcDateTime),
)

sa.Index("ix_wallboards_project", wallboards.c.project_id, wallboards.c.id)


def day_of(moment: datetime) -> int:
    """The day of a moment."""
    return moment.astimezone(UTC).toordinal()
