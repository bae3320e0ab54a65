"""Who asks, and what they are in the project they ask for: by one statement, as every read of a project begins so."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.membership import note_member
from taskhub.people import queries as people
from taskhub.people.model import Identity, users
from taskhub.people.queries import CredentialKind
from taskhub.projects.model import KEY, members, projects

_AND_MEMBER = {
    kind: statement.add_columns(*projects.c, members.c.role)
    .outerjoin(projects, (projects.c.key == sa.bindparam("of")) & projects.c.deleted_at.is_(None))
    .outerjoin(members, (members.c.project_id == projects.c.id) & (members.c.user_id == users.c.id))
    for kind, statement in people.BY.items()
}


async def who_asks(session: AsyncSession, kind: CredentialKind, secret: str, key: str | None) -> Identity | None:
    """Who is behind a secret; what they are in the project KEY is noted for `member_of` in the same session."""
    if key is None or KEY.fullmatch(key) is None:
        return await people.by(session, kind, secret)
    row = (await session.execute(_AND_MEMBER[kind], {**people.values_of(kind, secret), "of": key})).one_or_none()
    if row is None:
        return None
    identity = people.identity_of(row, kind)
    note_member(session, key, identity.user.id, row if row.role is not None else None)
    return identity
