"""Users, their browser sessions and their programs' tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from taskhub.db import UtcDateTime, metadata

#: The domain of the made-up addresses of people in imported history (RFC 2606: nobody ever has it).
PLACEHOLDERS = "placeholder.invalid"

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    # NULL: a placeholder that stands for somebody in imported history and can't sign in.
    sa.Column("password_hash", sa.String(200)),
    sa.Column("is_admin", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

# One row. `seq` grows whenever a right, a session or a token is taken away anywhere, so that every process
# looks again at who may still listen.
access = sa.Table(
    "access",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, as every other part of TaskHub knows them."""

    id: str
    email: str
    name: str
    is_admin: bool = False

    def on_wire(self) -> dict[str, object]:
        """As in `GET /me`."""
        return {"id": self.id, "email": self.email, "name": self.name, "is_admin": self.is_admin}


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in user, with the credential that says so: `session:ID` or `token:ID`."""

    user: User
    credential: str

    @property
    def by_cookie(self) -> bool:
        """Whether a browser's cookie said so, and so another site's page might be behind the request."""
        return self.credential.startswith("session:")


def new_secret(prefix: str) -> str:
    """A fresh secret of 256 random bits, as a session cookie or a bearer token carries it."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def secret_hash(secret: str) -> str:
    """What the database keeps of a secret. It is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
