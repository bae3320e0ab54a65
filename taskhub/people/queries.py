"""Who is behind a cookie or a token."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.db import Row
from taskhub.people.model import Identity, User, secret_hash, sessions, tokens, users

CredentialKind = Literal["session", "token"]

# Labelled so that a project's columns can stand beside them.
_WHO = (users.c.id.label("who"), users.c.email, users.c.name.label("who_name"), users.c.is_admin)

#: Who is behind the `hash` of a session's or a token's secret: made once, as making a statement takes several times as
#: long as running it. A row of it, whatever else is in it, gives `identity_of`.
BY: dict[CredentialKind, sa.Select[Any]] = {
    "session": (
        sa.select(*_WHO, sessions.c.id.label("credential"))
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.secret_hash == sa.bindparam("hash"), sessions.c.expires_at > sa.bindparam("now"))
    ),
    "token": (
        sa.select(*_WHO, tokens.c.id.label("credential"))
        .join(users, users.c.id == tokens.c.user_id)
        .where(tokens.c.secret_hash == sa.bindparam("hash"))
    ),
}


def values_of(kind: CredentialKind, secret: str) -> dict[str, Any]:
    """What `BY` takes for a secret."""
    values: dict[str, Any] = {"hash": secret_hash(secret)}
    return values if kind == "token" else {**values, "now": clock.now()}


async def by(session: AsyncSession, kind: CredentialKind, secret: str) -> Identity | None:
    """The user of a bearer token, or of a session cookie that is still good."""
    row = (await session.execute(BY[kind], values_of(kind, secret))).one_or_none()
    return None if row is None else identity_of(row, kind)


def identity_of(row: Row, kind: CredentialKind) -> Identity:
    """Who a row of `BY` tells of."""
    return Identity(User(row.who, row.email, row.who_name, row.is_admin), f"{kind}:{row.credential}")


async def is_good(session: AsyncSession, credential: str) -> bool:
    """Whether `session:ID` or `token:ID` has not been taken away or run out."""
    kind, _, id_ = credential.partition(":")
    if kind == "session":
        query = sa.select(sessions.c.id).where(sessions.c.id == id_, sessions.c.expires_at > clock.now())
    else:
        query = sa.select(tokens.c.id).where(tokens.c.id == id_)
    return (await session.execute(query)).one_or_none() is not None
