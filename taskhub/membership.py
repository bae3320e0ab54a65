"""What somebody is in a project, as every command and every read of one begins by asking."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.db import Row
from taskhub.errors import not_found
from taskhub.people.model import access
from taskhub.projects.model import KEY, Role, members, projects

_NOTED = "taskhub.member"
_MEMBERSHIP = (
    sa.select(*projects.c, members.c.role)
    .join(members, members.c.project_id == projects.c.id)
    .where(
        projects.c.key == sa.bindparam("of"),
        projects.c.deleted_at.is_(None),
        members.c.user_id == sa.bindparam("by"),
    )
)
# With the project's row held. What is joined to it is from before the wait for it, if there was one; `seen` tells: each
# change to who is in a project is in its log.
_seen = projects.alias("seen")
_HELD_MEMBERSHIP = (
    _MEMBERSHIP.add_columns(_seen.c.log.label("seen_log"), _seen.c.seq.label("seen_seq"))
    .join(_seen, _seen.c.id == projects.c.id)
    .with_for_update(of=projects)
)


async def member_of(session: AsyncSession, key: str, user_id: str, *, lock: bool = False) -> tuple[Row, Role]:
    """The project KEY and the user's role in it; `lock` holds its row until the transaction ends (on PostgreSQL;
    SQLite's one writer needs none).

    Raises Problem `not_found` where there is no such project, it was deleted, or the user is no member.
    """
    if KEY.fullmatch(key) is None:
        raise not_found()
    asked = {"of": key, "by": user_id}
    noted = session.info.get(_NOTED)
    if lock:
        row = (await session.execute(_HELD_MEMBERSHIP, asked)).one_or_none()
        if row is not None and (row.log, row.seq) != (row.seen_log, row.seen_seq):
            row = (await session.execute(_MEMBERSHIP, asked)).one_or_none()
    elif noted is not None and noted[:2] == (key, user_id):
        row = noted[2]
    else:
        row = (await session.execute(_MEMBERSHIP, asked)).one_or_none()
    if row is None:
        raise not_found()
    return row, Role(row.role)


def note_member(session: AsyncSession, key: str, user_id: str, row: Row | None) -> None:
    """Tell `member_of` what this read-only transaction has found already: the project with the role; None for none."""
    session.info[_NOTED] = key, user_id, row


async def take_access(session: AsyncSession) -> None:
    """Note that somebody lost a right, a session or a token, so that every process looks again."""
    await session.execute(sa.update(access).where(access.c.id == 1).values(seq=access.c.seq + 1))
