"""Who is behind a cookie or a token."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.people.model import Identity, User, secret_hash, sessions, tokens, users

_WHO = (users.c.id, users.c.email, users.c.name, users.c.is_admin)

# Asked by every request: made once, as making a statement takes several times as long as running it.
_BY_SESSION = (
    sa.select(*_WHO, sessions.c.id.label("credential"))
    .join(users, users.c.id == sessions.c.user_id)
    .where(sessions.c.secret_hash == sa.bindparam("hash"), sessions.c.expires_at > sa.bindparam("now"))
)
_BY_TOKEN = (
    sa.select(*_WHO, tokens.c.id.label("credential"))
    .join(users, users.c.id == tokens.c.user_id)
    .where(tokens.c.secret_hash == sa.bindparam("hash"))
)


async def by_session(session: AsyncSession, secret: str) -> Identity | None:
    """The user of a session cookie that is still good."""
    row = (await session.execute(_BY_SESSION, {"hash": secret_hash(secret), "now": clock.now()})).one_or_none()
    return None if row is None else _identity(row, "session")


async def by_token(session: AsyncSession, secret: str) -> Identity | None:
    """The user of a bearer token."""
    row = (await session.execute(_BY_TOKEN, {"hash": secret_hash(secret)})).one_or_none()
    return None if row is None else _identity(row, "token")


async def is_good(session: AsyncSession, credential: str) -> bool:
    """Whether `session:ID` or `token:ID` has not been taken away or run out."""
    kind, _, id_ = credential.partition(":")
    if kind == "session":
        query = sa.select(sessions.c.id).where(sessions.c.id == id_, sessions.c.expires_at > clock.now())
    else:
        query = sa.select(tokens.c.id).where(tokens.c.id == id_)
    return (await session.execute(query)).one_or_none() is not None


def _identity(row: Row, kind: str) -> Identity:
    return Identity(User(row.id, row.email, row.name, row.is_admin), f"{kind}:{row.credential}")
