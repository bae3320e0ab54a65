"""Projects, who belongs to them, and what each role may do."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from taskhub import clock
from taskhub.db import Row, UtcDateTime, metadata

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}", flags=re.ASCII)

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(10), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    # Names one history: renewed when a backup is restored, so that no cursor of another history fits.
    sa.Column("log", sa.String(32), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False, default=0),
    sa.Column("last_number", sa.Integer, nullable=False, default=0),
    sa.Column("version", sa.BigInteger, nullable=False, default=0),
    sa.Column("workflow_version", sa.BigInteger, nullable=False, default=0),
    sa.Column("enforced", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True, index=True),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("joined_at", UtcDateTime, nullable=False),
)

LABEL_NAME_MAX = 50

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("name", sa.String(LABEL_NAME_MAX), nullable=False),
    sa.Column("color", sa.String(20), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

#: The colours a label may have; the browser's tokens give each its shade.
LABEL_COLORS = ("grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")


class Role(StrEnum):
    """What somebody is in a project. Each role may also do all that those before it may."""

    VIEWER = "viewer"
    MEMBER = "member"
    OWNER = "owner"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` is required for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def suggested_key(name: str, otherwise: str) -> str:
    """A KEY that fits a project's name: the initials of several words, else the start of the one."""
    plain = unicodedata.normalize("NFKD", name).upper()
    words = re.findall(r"[A-Z0-9]+", "".join(each for each in plain if not unicodedata.combining(each)), flags=re.ASCII)
    joined = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)[:3]
    key = re.sub(r"^[0-9]+", "", joined)[:9]
    return key if KEY.fullmatch(key) else otherwise


def project_on_wire(row: Row, *, version: int | None = None) -> dict[str, object]:
    """A project as the API and the log carry it."""
    return {
        "key": row.key,
        "name": row.name,
        "version": row.version if version is None else version,
        "created_at": clock.wire(row.created_at),
    }


def member_on_wire(row: Row, *, version: int | None = None) -> dict[str, object]:
    """A member as the API and the log carry it; `row` has the member's columns, `name` and `placeholder`."""
    return {
        "id": row.user_id,
        "name": row.name,
        "role": row.role,
        "placeholder": bool(row.placeholder),
        "version": row.version if version is None else version,
        "joined_at": clock.wire(row.joined_at),
    }


def label_on_wire(row: Row) -> dict[str, Any]:
    """A label as the API and the log carry it."""
    return {"id": row.id, "name": row.name, "color": row.color, "version": row.version}
